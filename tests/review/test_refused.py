"""A client opts out after the offer was approved: it must not be sent any more, and every page says so."""

import re

import pytest
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import BankText, Campaign, Offer, OptOut, Project, Review
from tests.factories import PROMPT, an_opt_out

from .conftest import a_text
from .test_decide import post, undo
from .test_many import decide_all, reviews

NOT_TO_BE_SENT = "Одобрено, отправлять нельзя"


@pytest.fixture
def offer(performer: FlaskClient, project: Project, campaign: Campaign) -> Offer:
    """Approved, and its client opted out afterwards."""
    offer = a_text(campaign, "Закажите кредитную карту за чашкой кофе.")
    post(performer, offer, "approve")
    an_opt_out(project, offer.client)
    return offer


def table(client: FlaskClient, project: Project, decision: str) -> str:
    return client.get(f"/projects/{project.id}/review/table?review={decision}").text


def badges(shown: str) -> list[str]:
    return re.findall(r'class="badge[^"]*">([^<]*)<', shown)


def test_the_offers_own_page_says_so(performer: FlaskClient, project: Project, offer: Offer) -> None:
    for address in (f"/projects/{project.id}/offers/{offer.id}", f"/projects/{project.id}/review/{offer.id}"):
        shown = performer.get(address).text
        assert NOT_TO_BE_SENT in badges(shown) and "Одобрено" not in badges(shown)
        assert "отправлять его больше нельзя" in shown


def test_it_is_not_among_the_approved(
    performer: FlaskClient, project: Project, campaign: Campaign, offer: Offer
) -> None:
    other = a_text(campaign)
    post(performer, other, "approve")
    approved, refused = table(performer, project, "approved"), table(performer, project, "refused")
    for shown, there, gone in ((approved, other, offer), (refused, offer, other)):
        assert f"/review/{there.id}?" in shown and f"/review/{gone.id}?" not in shown
        assert re.findall(r"badge[^>]*>[^<]*: (\d+)<", shown) == ["1"], "the counts are of the same offers"
    assert NOT_TO_BE_SENT in badges(table(performer, project, "all"))
    assert 'value="refused" selected' in refused


def test_the_list_of_offers_says_so(performer: FlaskClient, project: Project, campaign: Campaign, offer: Offer) -> None:
    a_text(campaign)
    assert badges(performer.get(f"/projects/{project.id}/offers").text).count("Отказался") == 1


def test_it_is_approved_again_once_the_refusal_is_lifted(
    performer: FlaskClient, project: Project, offer: Offer
) -> None:
    db.session.execute(db.delete(OptOut))
    db.session.commit()
    assert f"/review/{offer.id}?" in table(performer, project, "approved")
    assert f"/review/{offer.id}?" not in table(performer, project, "refused")


def test_a_refusal_of_the_whole_bank_counts_and_one_of_another_project_does_not(
    performer: FlaskClient, project: Project, campaign: Campaign
) -> None:
    ours, theirs = a_text(campaign), a_text(campaign)
    for each in (ours, theirs):
        post(performer, each, "approve")
    an_opt_out(None, ours.client)
    shown = table(performer, project, "refused")
    assert f"/review/{ours.id}?" in shown and f"/review/{theirs.id}?" not in shown


def test_an_undone_rejection_does_not_make_it_one_that_may_be_sent(
    performer: FlaskClient, project: Project, offer: Offer
) -> None:
    post(performer, offer, "reject", reason="Клиент отказался")
    undo(performer, project)
    assert offer.review is Review.APPROVED
    assert f"/review/{offer.id}?" not in table(performer, project, "approved")


def test_all_of_them_are_rejected_at_once(
    performer: FlaskClient, project: Project, campaign: Campaign, offer: Offer
) -> None:
    post(performer, a_text(campaign), "approve")
    decide_all(performer, project, "?review=refused", verb="reject", reason="Клиент отказался")
    assert reviews() == [Review.REJECTED, Review.APPROVED]


def test_its_text_is_no_example_for_others(performer: FlaskClient, project: Project, offer: Offer) -> None:
    preview = f"/projects/{project.id}/channels/{project.channels[0].id}/preview"
    assert "за чашкой кофе" not in performer.post(preview, data={"text": PROMPT, "client_id": ""}).text
    examples = performer.get(f"/projects/{project.id}/channels/{project.channels[0].id}/examples").text
    assert "за чашкой кофе" not in examples


def test_its_text_does_not_go_into_the_text_bank(manager: FlaskClient, project: Project, offer: Offer) -> None:
    address = f"/projects/{project.id}/offers/{offer.id}"
    assert f"{address}/text-bank" not in manager.get(address).text
    answer = manager.post(f"{address}/text-bank", follow_redirects=True)
    assert "Ничего не добавлено" in answer.text and db.session.scalar(db.select(BankText)) is None
