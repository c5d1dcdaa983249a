"""What an address or a form names is meant as it stands: what is not there is refused, or there is nothing of it."""

import ast
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import marketing_app
from marketing_app.database import db
from marketing_app.models import Offer, Project, Review
from tests.access.test_every_route import numbers, project
from tests.client_imports.wizard import chosen
from tests.factories import a_benefit, a_campaign, a_client, a_project, an_offer, saved

__all__ = ["numbers", "project"]

PAGES = {
    "/": ("product_id",),
    "/text-bank": ("role", "kind", "channel_id", "state"),
    "/projects/{project_id}/campaigns": ("stage",),
    "/projects/{project_id}/campaigns/new": ("channel_id", "version_id", "compared_id", "segment_id", "client_ids"),
    "/projects/{project_id}/offers": ("channel_id", "campaign_id", "outcome", "state"),
    "/projects/{project_id}/offers/write": ("channel_id", "client_id"),
    "/projects/{project_id}/offers/{offer_id}": ("after",),
    "/projects/{project_id}/offers/{offer_id}/compare": ("left", "right"),
    "/projects/{project_id}/review": ("channel_id", "campaign_id", "verdict", "review", "state", "after"),
    "/projects/{project_id}/review/table": ("channel_id", "campaign_id", "verdict", "review", "state"),
    "/projects/{project_id}/channels/{channel_id}": ("version",),
    "/projects/{project_id}/channels/{channel_id}/versions": ("left", "right"),
    "/projects/{project_id}/channels/{channel_id}/versions/trial": ("left", "right", "seed"),
    "/projects/{project_id}/clients/load": ("kind", "instead_of"),
}
READ_ELSEWHERE = {"arguments.py", "paging.py"}
"""A page beyond the last one is no object."""


@pytest.fixture
def manager(client: FlaskClient, project: Project, numbers: dict[str, Any]) -> FlaskClient:
    """In a project with an offer of two texts."""
    offer = db.session.get_one(Offer, numbers["offer_id"])
    saved(type(offer.messages[0])(offer_id=offer.id, role=offer.messages[0].role, text="Другой текст"))
    client.sign_in(project.members[0].user)
    return client


def test_a_word_that_means_nothing_is_not_left_out_of_account(manager: FlaskClient, numbers: dict[str, Any]) -> None:
    answers = {}
    for page, names in PAGES.items():
        address = page.format(**numbers)
        assert manager.get(address).status_code == 200
        answers |= {(page, name): manager.get(f"{address}?{name}=abc").status_code for name in names}
    assert {named: status for named, status in answers.items() if status != 400} == {}


OF_A_PROJECT = [
    ("/campaigns/new", "channel_id", "channel"),
    ("/campaigns/new", "segment_id", "number"),
    ("/offers", "campaign_id", "campaign"),
    ("/offers/write", "channel_id", "channel"),
    ("/offers/write", "client_id", "client"),
    ("/offers/write", "client_id", "number"),
    ("/offers/{offer_id}", "after", "number"),
    ("/offers/{offer_id}/compare", "left", "number"),
    ("/channels/{channel_id}", "version", "number"),
    ("/channels/{channel_id}/versions", "right", "number"),
    ("/clients/load", "instead_of", "number"),
]


def test_a_row_of_another_project_is_not_there(manager: FlaskClient, project: Project, numbers: dict[str, Any]) -> None:
    other = a_project()
    ids = {
        "channel": other.channels[0].id,
        "client": a_client(other).id,
        "campaign": a_campaign(other).id,
        "number": 0,
    }
    asked = {
        each: f"/projects/{project.id}{each[0].format(**numbers)}?{each[1]}={ids[each[2]]}" for each in OF_A_PROJECT
    }
    answers = {each: manager.get(address).status_code for each, address in asked.items()}
    assert {each: status for each, status in answers.items() if status != 404} == {}


def test_a_decision_about_a_filter_that_means_nothing_decides_nothing(manager: FlaskClient, project: Project) -> None:
    """Before, it decided about all offers of the project."""
    offer = an_offer(a_campaign(project), state="ready", text="Карта с кешбэком.", written_at=db.func.now())
    address, order = f"/projects/{project.id}/review/many", {"verb": "reject", "reason": "нет"}
    for filtered in ("campaign_id=abc", "channel_id=1x", "verdict=worst", "state=none"):
        assert manager.post(f"{address}?{filtered}", data=order).status_code == 400
    for filtered in (f"campaign_id={a_campaign(a_project()).id}", "channel_id=0"):
        assert manager.post(f"{address}?{filtered}", data=order).status_code == 200
    assert offer.review is Review.OPEN
    assert manager.post(address, data=order).status_code == 200
    assert offer.review is Review.REJECTED


def test_a_column_is_not_loaded_otherwise_than_it_was_said(manager: FlaskClient, project: Project) -> None:
    address = chosen(manager, project, b"client_id,age\nA1,30\n")
    said = {"name-0": "client_id", "target-0": "new", "label-0": "Ключ"}
    for name, word in (("duplicates", "all"), ("type-0", "figure"), ("sensitivity-0", "none"), ("order-0", "any")):
        assert manager.post(f"{address}/answers", data=said | {name: word}).status_code == 400
    assert manager.post(f"{address}/answers", data=said).status_code == 303


def test_a_preview_says_no_benefit_in_place_of_one_that_is_not_there(manager: FlaskClient, project: Project) -> None:
    sent = {"text": "{client}", "client_id": a_client(project).id, "benefit_id": a_benefit(a_project(), "кешбэк").id}
    preview = f"/projects/{project.id}/channels/{project.channels[0].id}/preview"
    assert manager.post(preview, data=sent).status_code == 404
    assert manager.post(preview, data=sent | {"benefit_id": 0}).status_code == 200


def test_no_view_reads_a_number_or_a_word_in_a_way_of_its_own() -> None:
    """`get(..., type=...)` of Werkzeug gives its default in place of what it cannot read."""
    package = Path(marketing_app.__file__).parent
    wrong = [
        f"{file.relative_to(package)}:{node.lineno}"
        for file in package.rglob("*.py")
        if file.name not in READ_ELSEWHERE
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("get", "getlist")
        and any(keyword.arg == "type" for keyword in node.keywords)
    ]
    assert wrong == []
