"""Clients opt out after a campaign has started: nothing failed, and nothing is tried again for them."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.campaigns.writing import OfferWriter
from marketing_app.database import db
from marketing_app.llm.registry import Registry
from marketing_app.models import Campaign, Offer, OfferState, OptOut, Project
from marketing_app.privacy.services import opt_in
from tests.campaigns.test_pages import newest, page, plan, start
from tests.factories import a_client, a_project, a_user, an_opt_out


@pytest.fixture
def project(app: Flask, client: FlaskClient) -> Project:
    project = a_project(a_user("Мария"), a_user("Пётр", language="en"))
    for name in ("A1", "A2"):
        a_client(project, name)
    client.sign_in(project.members[-1].user)
    return project


@pytest.fixture
def campaign(client: FlaskClient, project: Project) -> Campaign:
    """Of whose two clients the first opts out right after the start."""
    start(client, project)
    campaign = newest()
    client.post(f"/projects/{project.id}/clients/{offers()[0].client_id}/opt-out", data={"reach": "project"})
    return campaign


def offers() -> list[Offer]:
    db.session.rollback()
    return list(db.session.scalars(db.select(Offer).order_by(Offer.id)))


def address(campaign: Campaign) -> str:
    return f"/projects/{campaign.project_id}/campaigns/{campaign.id}"


def count(shown: str, state: str) -> int:
    found = re.search(rf'data-state="{state}">[^<]*?(\d+)<', shown)
    assert found
    return int(found[1])


def test_a_refusal_is_shown_apart_from_failures(
    app: Flask, client: FlaskClient, campaign: Campaign, loaded_model: Registry
) -> None:
    for offer in offers():
        OfferWriter(app).write(offer.id, is_last_try=False)
    leaving, staying = offers()
    assert (leaving.state, leaving.failure, leaving.text) == (OfferState.OPTED_OUT, "", "")
    assert staying.text and campaign.finished_at
    shown = page(client, address(campaign))
    assert "What failed" not in shown and "Retry" not in shown and "100%" in shown
    assert (count(shown, "failed"), count(shown, "opted_out")) == (0, 1)
    assert "1 client opted out after the start and gets nothing." in shown
    listed = page(client, f"/projects/{campaign.project_id}/offers?campaign_id={campaign.id}&state=opted_out")
    assert f"/offers/{leaving.id}" in listed and f"/offers/{staying.id}" not in listed
    shown = page(client, f"/projects/{campaign.project_id}/offers/{leaving.id}")
    assert "opted out before the campaign came to this offer" in shown


def test_a_refusal_is_not_tried_again(app: Flask, client: FlaskClient, campaign: Campaign) -> None:
    OfferWriter(app).write(offers()[0].id, is_last_try=False)
    client.post(f"{address(campaign)}/retry")
    assert "0 offers are tried again." in page(client, address(campaign))
    assert offers()[0].state is OfferState.OPTED_OUT


def test_what_failed_before_the_client_opted_out_is_not_tried_again(client: FlaskClient, campaign: Campaign) -> None:
    db.session.execute(db.update(Offer).values(state=OfferState.FAILED, failure="server_away"))
    db.session.commit()
    client.post(f"{address(campaign)}/retry")
    assert [offer.state for offer in offers()] == [OfferState.OPTED_OUT, OfferState.WAITING]
    assert "1 offer is tried again." in page(client, address(campaign))


def test_who_may_be_written_to_again_is_one_without_an_offer(
    app: Flask, client: FlaskClient, project: Project, campaign: Campaign
) -> None:
    leaving = offers()[0]
    OfferWriter(app).write(leaving.id, is_last_try=False)
    assert plan(client, project) == 0
    opt_in(db.session.scalars(db.select(OptOut)).one(), project.members[0].user)
    db.session.commit()
    assert plan(client, project) == 1


def test_an_opt_out_of_the_whole_bank_counts_as_well(app: Flask, client: FlaskClient, project: Project) -> None:
    start(client, project)
    an_opt_out(None, offers()[1].client)
    OfferWriter(app).write(offers()[1].id, is_last_try=False)
    assert [offer.state for offer in offers()] == [OfferState.WAITING, OfferState.OPTED_OUT]
