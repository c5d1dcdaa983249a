"""Numbers that nobody has, in every address and in forms: a page says so, and none is an error of ours."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.models import Project, ProjectUser, Role
from tests.access.test_every_route import LAST, address_of, numbers, project, routes
from tests.factories import a_user, saved

__all__ = ["numbers", "project"]

BEYOND_THE_DATABASE = str(2**63)
MADE_UP = {"beyond the database": BEYOND_THE_DATABASE, "beyond Python": "9" * 5_000, "long": "1" + "0" * 30}
ASKED = (
    "page", "user_id", "product_id", "version", "left", "right", "channel_id", "campaign_id", "client_id", "after",
    "id", "segment_id", "version_id", "compared_id", "client_ids", "instead_of", "segment", "sort", "page_size",
    "flt0_0",
)  # fmt: skip
NOT_ASKED = (*LAST, "health.ready", "campaigns.campaign_stream", "campaigns.project_stream", "offers.draft_stream")


@pytest.fixture
def person(app: Flask, project: Project) -> FlaskClient:
    """A manager who is an administrator too."""
    person = a_user(is_administrator=True, language="en")
    saved(ProjectUser(project_id=project.id, user_id=person.id, role=Role.MANAGER))
    client = app.test_client()
    client.sign_in(person)  # type: ignore[attr-defined]
    return client


def test_in_addresses(app: Flask, person: FlaskClient, numbers: dict[str, Any]) -> None:
    """Each number of each route in turn."""
    answers = {
        (method, pattern, name): person.open(address_of(pattern, numbers | {name: BEYOND_THE_DATABASE}), method=method)
        for _endpoint, method, pattern in routes(app)
        for name in re.findall(r"<int:(\w+)>", pattern)
    }
    opened = {each: answer.status_code for each, answer in answers.items() if answer.status_code not in (400, 404, 409)}
    assert len(answers) > 100 and opened == {}


def test_in_what_is_asked(app: Flask, person: FlaskClient, numbers: dict[str, Any]) -> None:
    asked = dict.fromkeys(ASKED, BEYOND_THE_DATABASE)
    pages = [
        address_of(pattern, numbers)
        for endpoint, method, pattern in routes(app)
        if method == "GET" and endpoint not in NOT_ASKED
    ]
    answers = {page: person.get(page, query_string=asked).status_code for page in pages}
    assert {page: status for page, status in answers.items() if status >= 500} == {}


def forms(numbers: dict[str, Any], made_up: str) -> list[tuple[str, dict[str, Any]]]:
    """Forms that are right but for one number."""
    project = f"/projects/{numbers['project_id']}"
    channel, offer = f"{project}/channels/{numbers['channel_id']}", f"{project}/offers/{numbers['offer_id']}"
    field = {"label": "x", "type": "decimal", "sensitivity": "personal"}
    campaign = {"channel_id": numbers["channel_id"], "clients": "all", "drafts": 1, "client_ids": numbers["client_id"]}
    many = {"verb": "reopen", "batch": "7b2f3c1e-8c9b-4a57-9e0a-0d7f1f5f6d11"}
    condition = {"how.data.age": "between", "to.data.age": made_up}
    found: list[tuple[str, dict[str, Any]]] = [
        (f"{channel}/preview", {"text": "x", "client_id": numbers["client_id"], "benefit_id": made_up}),
        (f"{channel}/preview", {"text": f"Не длиннее {made_up} знаков"}),
        (f"{channel}/versions/restore", {"version": 1, "based_on": made_up}),
        (channel, {"text": "x", "based_on": made_up}),
        (f"{offer}/pick", {"message_id": numbers["draft_id"], "revision": made_up, "number": made_up}),
        (f"{offer}/change", {"request": "x", "after": made_up, "benefit_id": made_up}),
        (f"{project}/review/{numbers['offer_id']}/approve", {"revision": made_up}),
        (f"{project}/review/{numbers['offer_id']}/check", {"text": f"от 5 до {made_up} рублей"}),
        (f"{project}/edit", {"name": "x", "product_id": 1, "language": "ru", "retention_days": made_up}),
        (f"{project}/segments", {"name": "x"} | condition),
        (f"{project}/campaigns/plan", campaign | {"clients": "matching"} | condition),
        (f"{project}/dictionary/rows", {"remove": f"codes-{made_up}", "codes-left": "1", "codes-right": "x"}),
        (f"{project}/dictionary/{numbers['field_id']}", field | {"bands-left": made_up, "bands-right": "x"}),
        (f"{project}/dictionary/{numbers['field_id']}", field | {"highest": made_up}),
        ("/admin/benefit/new/", {"product_id": 1, "text": "x", "position": made_up, "lines": f"age: ..{made_up}"}),
        ("/admin/benefit/new/", {"product_id": made_up, "text": "x"}),
        ("/admin/product/delete/", {"id": made_up}),
    ]
    for name in ("version_id", "compared_id", "compared_share", "benefit_id", "drafts", "seed", "client_ids"):
        wrong = campaign | {"clients": "chosen" if name == "client_ids" else "all", name: made_up}
        found += [(f"{project}/campaigns", wrong), (f"{project}/campaigns/plan", wrong)]
    for name in ("after", "until", "total", "done", "blocked"):
        found.append((f"{project}/review/many", many | {name: made_up}))
    return found


@pytest.mark.parametrize("made_up", MADE_UP.values(), ids=MADE_UP)
def test_in_forms_and_on_the_pages_after_them(person: FlaskClient, numbers: dict[str, Any], made_up: str) -> None:
    """What was taken all the same is shown on pages of everybody."""
    sent = {(address, tuple(data)): person.post(address, data=data) for address, data in forms(numbers, made_up)}
    project = f"/projects/{numbers['project_id']}"
    shown = {page: person.get(f"{project}/{page}") for page in ("clients", "segments", "dictionary", "campaigns")}
    assert {each: answer.status_code for each, answer in (sent | shown).items() if answer.status_code >= 500} == {}
