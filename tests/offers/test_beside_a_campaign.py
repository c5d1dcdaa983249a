"""A draft by hand is begun while a campaign for clients without an offer starts, or another draft for the same client:
one of the two sees the other."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.campaigns.services import ClientChoice, NoClients, start_campaign
from marketing_app.database import db, own_transaction
from marketing_app.models import Offer, OfferState, Project
from marketing_app.offers import services
from tests.factories import PROMPT, a_campaign, a_client, a_product, a_project, a_user, an_offer
from tests.llm.model_servers import silent
from tests.offers.conftest import Answers


@pytest.fixture
def project(app: Flask) -> Project:
    return a_project(a_user(), product=a_product(name="Кредитная карта"))


def start(app: Flask, project_id: int) -> int:
    """In a transaction of its own, for all clients without an offer; returns for how many."""
    with app.app_context(), own_transaction():
        channel = db.session.get_one(Project, project_id).channels[0]
        author = channel.project.members[0].user
        choice = ClientChoice(without_offer=True)
        try:
            campaign = start_campaign(
                channel, channel.versions[0], choice, name="Осень", drafts=1, seed=7, author=author
            )
        except NoClients:
            return 0
        return campaign.offer_count


def test_a_campaign_sees_the_draft_that_is_begun_at_this_moment(app: Flask, project: Project, answers: Answers) -> None:
    answers(silent)
    person, other = a_client(project), a_client(project)
    services.begin_offer(project.channels[0], person, PROMPT, project.members[0].user)
    with ThreadPoolExecutor(1) as executor:
        started = executor.submit(start, app, project.id)
        with pytest.raises(TimeoutError):
            started.result(0.5)
        db.session.commit()
        assert started.result(30) == 1
    offers = db.session.scalars(db.select(Offer).where(Offer.campaign_id.is_not(None))).all()
    assert [offer.client_id for offer in offers] == [other.id]


@pytest.mark.parametrize("ask", [services.ask_anew, lambda offer, user: services.ask_for_change(offer, "Короче", user)])
def test_a_campaign_sees_a_failed_offer_that_is_asked_for_again_at_this_moment(
    app: Flask, project: Project, answers: Answers, ask: object
) -> None:
    answers(silent)
    offer = an_offer(a_campaign(project), state=OfferState.FAILED, failure="empty")
    ask(offer, project.members[0].user)  # type: ignore[operator]
    with ThreadPoolExecutor(1) as executor:
        started = executor.submit(start, app, project.id)
        with pytest.raises(TimeoutError):
            started.result(0.5)
        db.session.commit()
        assert started.result(30) == 0


def test_who_begins_a_draft_for_the_same_client_second_is_told(
    app: Flask, project: Project, client: FlaskClient, answers: Answers
) -> None:
    answers(silent)
    person, author = a_client(project), project.members[0].user
    client.sign_in(author)  # type: ignore[attr-defined]
    channel = project.channels[0]
    services.begin_offer(channel, person, PROMPT, author)
    asked = {"channel_id": channel.id, "client_id": person.id, "text": PROMPT}
    address = f"/projects/{project.id}/offers/write"

    def begin() -> str:
        with app.app_context():
            return client.post(address, data=asked).text

    with ThreadPoolExecutor(1) as executor:
        begun = executor.submit(begin)
        with pytest.raises(TimeoutError):
            begun.result(0.5)
        db.session.commit()
        assert "Черновик этого предложения ещё пишется" in begun.result(30)
    assert db.session.scalar(db.select(db.func.count(Offer.id))) == 1
