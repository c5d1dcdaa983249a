"""A campaign starts as it was asked for or not at all: what is not there is refused, nothing is put in its place."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import Campaign, Project, PromptVersion, Segment
from tests.campaigns.test_pages import form_of
from tests.factories import a_benefit, a_channel, a_client, a_project, a_project_channel, a_user, saved

REFUSAL = "What was chosen here is not offered, or not any more."


@pytest.fixture
def project(app: Flask, client: FlaskClient) -> Project:
    """With a client and two versions of its prompt, in which a manager has signed in."""
    project = a_project(a_user(language="en"))
    a_client(project)
    saved(PromptVersion(project_channel_id=project.channels[0].id, number=2, text="Кратко о {product}. {client}"))
    client.sign_in(project.members[0].user)
    return project


@pytest.fixture
def elsewhere(project: Project) -> dict[str, Any]:
    """Things that are not the project's, or not of the channel that the form names."""
    other = a_project()
    return {
        "channel": other.channels[0].id,
        "version": other.channels[0].versions[0].id,
        "version of the other channel": a_project_channel(project, a_channel()).versions[0].id,
        "benefit": a_benefit(other, "кешбэк").id,
        "load": a_client(other).import_id,
        "client": a_client(other).id,
        "segment": saved(Segment(project_id=other.id, name="Чужой")).id,
        "number beyond all": 2**70,
        "word": "abc",
        "nothing": 0,
        "below": -1,
    }


NAMED = {
    "channel_id": ("channel", "nothing", "below", "number beyond all", "word"),
    "version_id": ("version", "version of the other channel", "nothing", "number beyond all", "word"),
    "compared_id": ("version", "version of the other channel", "below", "word"),
    "benefit_id": ("benefit", "below", "number beyond all", "word"),
}


def start(client: FlaskClient, project: Project, changed: dict[str, Any], *, missing: str = "") -> Any:
    data = {name: value for name, value in form_of(project, **changed).items() if name != missing}
    return client.post(f"/projects/{project.id}/campaigns", data=data)


@pytest.mark.parametrize("name", NAMED)
def test_what_is_not_there_starts_no_other_campaign(
    client: FlaskClient, project: Project, elsewhere: dict[str, Any], name: str
) -> None:
    for what in NAMED[name]:
        answer = start(client, project, {name: elsewhere[what]})
        assert answer.status_code == 422 and REFUSAL in answer.text, what
    assert db.session.scalar(db.select(Campaign)) is None


@pytest.mark.parametrize("name", ["channel_id", "version_id", "clients"])
def test_a_form_without_a_choice_starts_nothing(client: FlaskClient, project: Project, name: str) -> None:
    assert start(client, project, {}, missing=name).status_code == 422
    assert db.session.scalar(db.select(Campaign)) is None


@pytest.mark.parametrize(("way", "name", "what"), [("segment", "segment_id", "segment"), ("load", "import_id", "load")])
def test_clients_of_what_is_not_there_are_not_all_clients(
    client: FlaskClient, project: Project, elsewhere: dict[str, Any], way: str, name: str, what: str
) -> None:
    assert start(client, project, {"clients": way, name: elsewhere[what]}).status_code == 422
    assert db.session.scalar(db.select(Campaign)) is None


def test_ticked_clients_who_are_not_there_are_not_left_out_in_silence(
    client: FlaskClient, project: Project, elsewhere: dict[str, Any]
) -> None:
    own = a_client(project).id
    answer = start(client, project, {"clients": "chosen", "client_ids": [own, elsewhere["client"]]})
    assert answer.status_code == 422 and "1 of the ticked clients is not in this project" in answer.text
    assert start(client, project, {"clients": "chosen", "client_ids": [own, own]}).status_code == 303


def test_the_refused_form_shows_what_there_is_to_choose(client: FlaskClient, project: Project) -> None:
    page = start(client, project, {"version_id": 0}).text
    assert f'<option value="{project.channels[0].versions[0].id}">' in page
    assert start(client, project, {"channel_id": project.channels[0].id}).status_code == 303


def test_another_channel_on_the_page_brings_its_own_versions(client: FlaskClient, project: Project) -> None:
    """The page sends the version of the channel before, until it has got the others."""
    other = a_project_channel(project, a_channel(), prompt="Напиши письмо о {product}.")
    sent = form_of(project, channel_id=other.id)
    plan = client.post(f"/projects/{project.id}/campaigns/plan", data=sent)
    assert plan.status_code == 200 and "Напиши письмо о" in plan.text and REFUSAL not in plan.text


def test_the_plan_of_a_channel_that_is_not_there_counts_nobody(
    client: FlaskClient, project: Project, elsewhere: dict[str, Any]
) -> None:
    plan = client.post(f"/projects/{project.id}/campaigns/plan", data=form_of(project, channel_id=elsewhere["channel"]))
    assert plan.status_code == 422 and REFUSAL in plan.text and 'data-count="0"' in plan.text
    assert project.channels[0].versions[0].text not in plan.text


LINKED = {name: NAMED[name] for name in ("channel_id", "version_id", "compared_id")} | {
    "segment_id": ("segment", "word")
}


def test_a_link_to_what_is_not_there_opens_no_other_campaign(
    client: FlaskClient, project: Project, elsewhere: dict[str, Any]
) -> None:
    address = f"/projects/{project.id}/campaigns/new"
    named = {(name, what): elsewhere[what] for name, several in LINKED.items() for what in several}
    answers = {each: client.get(f"{address}?{each[0]}={value}").status_code for each, value in named.items()}
    assert {each: status for each, status in answers.items() if status not in (400, 404)} == {}
    assert client.get(address).status_code == 200


def test_a_link_that_names_no_client_is_not_one_for_all(client: FlaskClient, project: Project) -> None:
    assert client.get(f"/projects/{project.id}/campaigns/new?client_ids=abc").status_code == 400
