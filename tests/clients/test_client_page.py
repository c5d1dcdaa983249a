"""One client's page: the data in words, every offer and what came of it."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import FieldType, Offer, OfferState, Outcome, Project, Sensitivity
from tests.factories import a_campaign, a_client, a_field, a_project, a_user, an_offer, an_opt_out


@pytest.fixture
def project(app: Flask, client: FlaskClient) -> Project:
    performer = a_user(language="en")
    client.sign_in(performer)
    return a_project(performer=performer)


def page(client: FlaskClient, project: Project, client_id: int, query: str = "") -> str:
    answer = client.get(f"/projects/{project.id}/clients/{client_id}{query}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def test_the_data_are_in_words(client: FlaskClient, project: Project) -> None:
    a_field(project, "car", label="owns a car", type=FieldType.CODE, codes={"0": "no", "1": "yes indeed"})
    a_field(project, "since", label="client since", type=FieldType.DATE)
    bands = [{"upto": 50000, "words": "below average"}, {"upto": None, "words": "high"}]
    a_field(project, "salary", label="salary", sensitivity=Sensitivity.SECRET, is_in_prompt=False, bands=bands)
    person = a_client(project, car="1", since="2024-01-31", salary=1234567.5, forgotten="x1")
    text = page(client, project, person.id)
    assert "yes indeed" in text and "Jan 31, 2024" in text and "1,234,567.5" in text and "high" in text
    assert "forgotten</td><td" in text and "not in the dictionary" in text


def test_the_contacts_are_shown_and_kept_from_prompts(client: FlaskClient, project: Project) -> None:
    person = a_client(project)
    person.email, person.phone = "anna@bank.example", "79001234567"
    db.session.commit()
    text = page(client, project, person.id)
    assert "anna@bank.example" in text and "+79001234567" in text and "never go into a prompt" in text


def test_where_the_client_came_from_and_whether_they_may_be_written_to(client: FlaskClient, project: Project) -> None:
    person = a_client(project)
    assert "test.xlsx</a>" in page(client, project, person.id)
    assert "The client may be written to" in page(client, project, person.id)
    an_opt_out(None, person)
    assert "The client may be written to" not in page(client, project, person.id)


def test_every_offer_and_what_came_of_it(client: FlaskClient, project: Project) -> None:
    person = a_client(project)
    campaign = a_campaign(project, name="Autumn")
    an_offer(
        campaign, person, state=OfferState.READY, text="Take the card.", outcome=Outcome.SOLD, written_at=db.func.now()
    )
    by_hand = Offer(
        project_id=project.id,
        project_channel_id=campaign.project_channel_id,
        prompt_version_id=campaign.prompt_version_id,
        client_id=person.id,
    )
    db.session.add(by_hand)
    db.session.commit()
    text = page(client, project, person.id)
    assert "Take the card." in text and "Autumn</a>" in text and "Sold" in text and "Ready" in text
    assert "by hand" in text and "Waiting" in text


def test_many_offers_come_in_pages(client: FlaskClient, project: Project) -> None:
    person = a_client(project)
    for number in range(26):
        an_offer(a_campaign(project, name=f"Wave {number}.", finished_at=db.func.now()), person)
    first, second = page(client, project, person.id), page(client, project, person.id, "?page=2")
    assert "1 to 25 of 26" in first and "Wave 25." in first and "Wave 0." not in first
    assert "Wave 0." in second and "Wave 25." not in second
