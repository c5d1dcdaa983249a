"""A client opts out after the offer was approved: it is approved no more, and pages say that it must not be sent."""

import re

import pytest
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import BankText, Campaign, Offer, OfferState, OptOut, Project, Review, Verdict
from tests.client_imports.wizard import begun, carried_out, chosen
from tests.factories import PROMPT, a_project, an_opt_out

from .conftest import WRONG, a_text
from .test_decide import post, undo
from .test_many import decide_all, reviews

NOT_TO_BE_SENT = "Одобрено, отправлять нельзя"
REFUSED = "Отказался"


@pytest.fixture
def offer(performer: FlaskClient, project: Project, campaign: Campaign) -> Offer:
    """Approved, and its client opted out afterwards."""
    offer = a_text(campaign, "Закажите кредитную карту за чашкой кофе.")
    post(performer, offer, "approve")
    opt_out(performer, offer)
    return offer


def opt_out(client: FlaskClient, offer: Offer, reach: str = "project") -> None:
    address = f"/projects/{offer.project_id}/clients/{offer.client_id}/opt-out"
    assert client.post(address, data={"reach": reach}).status_code == 303


def table(client: FlaskClient, project: Project, decision: str) -> str:
    return client.get(f"/projects/{project.id}/review/table?review={decision}").text


def badges(shown: str) -> list[str]:
    return re.findall(r'class="badge[^"]*">([^<]*)<', shown)


def decision(offer: Offer) -> tuple[Review, str, int | None]:
    return offer.review, offer.review_reason, offer.reviewer_id


def test_it_is_open_again_and_cannot_be_approved(performer: FlaskClient, offer: Offer) -> None:
    assert decision(offer) == (Review.OPEN, "", None) and offer.reviewed_at is None
    assert post(performer, offer, "approve").status_code == 409
    assert offer.review is Review.OPEN


def test_whoever_decides_on_what_was_seen_before_is_told_why_it_is_another(
    performer: FlaskClient, campaign: Campaign
) -> None:
    offer = a_text(campaign)
    post(performer, offer, "approve")
    seen = offer.revision
    opt_out(performer, offer)
    answer = post(performer, offer, "reject", revision=seen, reason="x")
    assert answer.status_code == 409 and "Клиент отказался, поэтому предложение больше не одобрено." in answer.text


def test_one_that_the_checks_block_needs_a_person_again(
    manager: FlaskClient, project: Project, campaign: Campaign
) -> None:
    offer = a_text(campaign, WRONG, Verdict.BLOCK)
    post(manager, offer, "approve", reason="Так решил банк")
    assert (offer.review, offer.state) == (Review.APPROVED, OfferState.READY)
    opt_out(manager, offer)
    assert (*decision(offer), offer.state) == (Review.OPEN, "", None, OfferState.NEEDS_PERSON)


def test_the_offers_own_page_says_so(performer: FlaskClient, project: Project, offer: Offer) -> None:
    for address in (f"/projects/{project.id}/offers/{offer.id}", f"/projects/{project.id}/review/{offer.id}"):
        shown = performer.get(address).text
        assert REFUSED in badges(shown) and "Одобрено" not in badges(shown)
        assert "было одобрено раньше; теперь оно не одобрено, и отправлять его нельзя" in shown


def test_it_is_not_among_the_approved(
    performer: FlaskClient, project: Project, campaign: Campaign, offer: Offer
) -> None:
    other = a_text(campaign)
    post(performer, other, "approve")
    approved, refused = table(performer, project, "approved"), table(performer, project, "refused")
    for shown, there, gone in ((approved, other, offer), (refused, offer, other)):
        assert f"/review/{there.id}?" in shown and f"/review/{gone.id}?" not in shown
        assert re.findall(r"badge[^>]*>[^<]*: (\d+)<", shown) == ["1"], "the counts are of the same offers"
    for decided in ("open", "all", "refused"):
        assert badges(table(performer, project, decided)).count(REFUSED) == 1
    assert 'value="refused" selected' in refused


def test_the_list_of_offers_says_so(performer: FlaskClient, project: Project, campaign: Campaign, offer: Offer) -> None:
    a_text(campaign)
    assert badges(performer.get(f"/projects/{project.id}/offers").text).count(REFUSED) == 1


def test_a_lifted_refusal_does_not_approve_it_again(performer: FlaskClient, project: Project, offer: Offer) -> None:
    db.session.execute(db.delete(OptOut))
    db.session.commit()
    assert f"/review/{offer.id}?" in table(performer, project, "open")
    post(performer, offer, "approve")
    assert f"/review/{offer.id}?" in table(performer, project, "approved")


@pytest.mark.parametrize("way", ["by hand", "by a list", "by a telephone", "by a load", "by a load of contacts"])
def test_every_way_to_opt_out_ends_the_approval(
    manager: FlaskClient, project: Project, campaign: Campaign, way: str
) -> None:
    ours, other = a_text(campaign), a_text(campaign)
    for each in (ours, other):
        post(manager, each, "approve")
    ours.client.phone, name = "79031110001", ours.client.outside_id
    db.session.commit()
    rights = f"/projects/{project.id}/rights/opt-outs"
    match way:
        case "by hand":
            manager.post(rights, data={"ids": name, "reach": "project"})
        case "by a list":
            manager.post(rights, data={"ids": f"{name}\nX-1", "reach": "project"})
        case "by a telephone":
            manager.post(rights, data={"ids": "+7 903 111-00-01", "reach": "bank"})
        case "by a load":
            load(manager, project, f"client_id;город;отказ\n{name};Тверь;да\n")
        case _:
            manager.post(rights, data={"ids": "+7 903 111-00-02", "reach": "project"})
            assert ours.review is Review.APPROVED
            load(manager, project, f"client_id;телефон\n{name};89031110002\n")
    assert reviews() == [Review.OPEN, Review.APPROVED]


def load(client: FlaskClient, project: Project, content: str) -> None:
    answer = begun(client, chosen(client, project, content.encode()), duplicates="update")
    assert answer.status_code == 303
    carried_out(client.application)


def test_a_refusal_of_the_whole_bank_counts_and_one_of_another_project_does_not(
    manager: FlaskClient, project: Project, campaign: Campaign
) -> None:
    ours, theirs = a_text(campaign), a_text(campaign)
    for each in (ours, theirs):
        post(manager, each, "approve")
    an_opt_out(a_project(), theirs.client)
    opt_out(manager, ours, "bank")
    assert reviews() == [Review.OPEN, Review.APPROVED]


def test_an_undone_decision_does_not_approve_it(performer: FlaskClient, project: Project, campaign: Campaign) -> None:
    offer = a_text(campaign)
    post(performer, offer, "approve")
    post(performer, offer, "reject", reason="Скучно")
    opt_out(performer, offer)
    undo(performer, project)
    assert decision(offer) == (Review.OPEN, "", None)


def test_the_end_of_an_approval_is_nobodys_to_undo(performer: FlaskClient, project: Project, offer: Offer) -> None:
    assert "ничего не отменено" in undo(performer, project).text.lower()
    assert offer.review is Review.OPEN


def test_one_that_was_approved_at_that_very_moment_is_not_to_be_sent(
    performer: FlaskClient, project: Project, campaign: Campaign
) -> None:
    """The approval and the refusal did not see each other."""
    offer = a_text(campaign)
    post(performer, offer, "approve")
    an_opt_out(project, offer.client)
    assert f"/review/{offer.id}?" not in table(performer, project, "approved")
    for address in (f"offers/{offer.id}", f"review/{offer.id}", "review/table?review=all"):
        shown = badges(performer.get(f"/projects/{project.id}/{address}").text)
        assert NOT_TO_BE_SENT in shown and "Одобрено" not in shown


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
