"""Clients opt out after a campaign has started: nothing failed, and nothing is tried again for them."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.campaigns import writing as campaign_writing
from marketing_app.campaigns.writing import OfferWriter
from marketing_app.database import db
from marketing_app.llm.registry import Registry
from marketing_app.models import (
    Campaign,
    Offer,
    OfferState,
    OptOut,
    Project,
    Review,
    TextRole,
    Verdict,
)
from marketing_app.privacy.services import opt_in
from tests.campaigns.conftest import Says
from tests.campaigns.test_pages import newest, page, plan, start
from tests.factories import a_bank_text, a_campaign, a_client, a_product, a_project, a_user, an_offer, an_opt_out
from tests.llm.model_servers import Answer, writing

RIGHT = "Оформите продукт: Кредитная карта ждёт вас в приложении."
APPROVED = {
    "state": OfferState.READY,
    "text": RIGHT,
    "verdict": Verdict.CLEAN,
    "review": Review.APPROVED,
    "reviewed_at": db.func.now(),
}


@pytest.fixture
def project(app: Flask, client: FlaskClient) -> Project:
    product = a_product(name="Кредитная карта")
    project = a_project(a_user("Мария"), a_user("Пётр", language="en"), product=product)
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
    assert "opted out before this offer was written" in shown


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


def test_what_waits_is_left_out_at_once(client: FlaskClient, campaign: Campaign) -> None:
    assert [offer.state for offer in offers()] == [OfferState.OPTED_OUT, OfferState.WAITING]
    assert "1 client opted out after the start and gets nothing." in page(client, address(campaign))


# While the text is written


def test_a_text_that_is_written_while_its_client_opts_out_is_not_stored(
    app: Flask, client: FlaskClient, project: Project, model_says: Says
) -> None:
    start(client, project)
    leaving, staying = offers()
    model_says(after(writing(RIGHT), app, leaving, "bank"), writing(RIGHT))
    for offer in (leaving, staying):
        OfferWriter(app).write(offer.id, is_last_try=False)
    leaving, staying = offers()
    assert (leaving.state, leaving.text, leaving.verdict) == (OfferState.OPTED_OUT, "", Verdict.UNCHECKED)
    assert leaving.messages == [] and leaving.current_id is None and leaving.written_at is None
    assert staying.text == RIGHT and len(staying.messages) == 2 and newest().finished_at
    assert RIGHT not in page(client, f"/projects/{project.id}/offers/{leaving.id}")


@pytest.mark.parametrize("is_from_bank", [False, True])
def test_a_text_of_the_text_bank_is_not_stored_either(
    app: Flask,
    client: FlaskClient,
    project: Project,
    model_says: Says,
    monkeypatch: pytest.MonkeyPatch,
    is_from_bank: bool,
) -> None:
    a_bank_text("Закажите карту в приложении.", role=TextRole.WHOLE if is_from_bank else TextRole.CONTINUATION)
    start(client, project, **({"is_from_bank": "y"} if is_from_bank else {}))
    leaving = offers()[0]
    model_says(after(writing("Кредитная карта под 7% ждёт вас, оформите её."), app, leaving, "project"))
    finish = campaign_writing.facts_of
    if is_from_bank:
        monkeypatch.setattr(campaign_writing, "facts_of", lambda *facts: (opt_out(app, leaving), finish(*facts))[1])
    OfferWriter(app).write(leaving.id, is_last_try=False)
    leaving = offers()[0]
    assert (leaving.state, leaving.text, leaving.messages) == (OfferState.OPTED_OUT, "", [])


def after(answer: Answer, app: Flask, offer: Offer, reach: str) -> Answer:
    """The model answers once the offer's client has opted out."""

    def late(*asked: Any) -> None:
        opt_out(app, offer, reach)
        answer(*asked)

    return late


def opt_out(app: Flask, offer: Offer, reach: str = "project") -> None:
    with app.app_context():
        visitor = app.test_client()
        visitor.sign_in(db.session.get_one(Project, offer.project_id).members[0].user)  # type: ignore[attr-defined]
        address = f"/projects/{offer.project_id}/clients/{offer.client_id}/opt-out"
        assert visitor.post(address, data={"reach": reach}).status_code == 303


# After the text was approved


def test_a_campaign_tells_how_many_approvals_ended(client: FlaskClient, project: Project) -> None:
    campaign = a_campaign(project)
    leaving, staying = (an_offer(campaign, **APPROVED, written_at=db.func.now()) for _offer in range(2))
    assert "data-withdrawn" not in page(client, address(campaign))
    client.post(f"/projects/{project.id}/clients/{leaving.client_id}/opt-out", data={"reach": "project"})
    assert (leaving.review, staying.review) == (Review.OPEN, Review.APPROVED)
    shown = page(client, address(campaign))
    assert "1 offer is approved no more: its client opted out." in shown
    assert shown.count(">Opted out</span>") == 1, "beside its text"
    link = re.search(r'href="([^"]*review/table[^"]*)"', shown)
    assert link
    found = page(client, link[1].replace("&amp;", "&"))
    assert f"/review/{leaving.id}?" in found and f"/review/{staying.id}?" not in found
