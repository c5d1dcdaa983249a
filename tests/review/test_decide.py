"""A reviewer decides about an offer: approves, rejects, writes another text, takes it back."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func

from marketing_app.database import db
from marketing_app.models import (
    Campaign,
    DraftState,
    Message,
    MessageRole,
    Offer,
    OfferState,
    Project,
    Review,
    ReviewAction,
    Verdict,
)
from tests.factories import an_opt_out, saved

from .conftest import GOOD, WRONG, a_text

BETTER = "Оформите кредитную карту в приложении."


def post(client: FlaskClient, offer: Offer, what: str, **data: Any) -> Any:
    values = {"revision": offer.revision} | data
    return client.post(f"/projects/{offer.project_id}/review/{offer.id}/{what}", data=values)


def undo(client: FlaskClient, project: Project) -> Any:
    return client.post(f"/projects/{project.id}/review/undo", follow_redirects=True)


def test_the_queue_shows_the_first_offer_and_its_place(performer: FlaskClient, campaign: Campaign) -> None:
    first, _second = a_text(campaign), a_text(campaign, BETTER)
    page = performer.get(f"/projects/{campaign.project_id}/review").text
    assert first.text in page
    assert "1 из 2" in page
    assert f"{len(GOOD)} из 134 знаков" in page


def test_an_approved_offer_leaves_the_queue(performer: FlaskClient, campaign: Campaign) -> None:
    offer, following = a_text(campaign), a_text(campaign, BETTER)
    answer = post(performer, offer, "approve")
    assert answer.status_code == 303
    assert following.text in performer.get(answer.location).text
    assert (offer.review, offer.reviewer.name, offer.revision) == (Review.APPROVED, "Пётр", 2)


def test_words_that_a_check_means_are_marked(performer: FlaskClient, campaign: Campaign) -> None:
    a_text(campaign, WRONG, Verdict.BLOCK)
    assert '<mark class="mark-block">' in performer.get(f"/projects/{campaign.project_id}/review").text


def test_a_performer_cannot_approve_what_the_checks_block_today(performer: FlaskClient, campaign: Campaign) -> None:
    """Though they let it pass when it was written, and though a reason is sent."""
    offer = a_text(campaign, WRONG, Verdict.CLEAN)
    assert post(performer, offer, "approve", reason="Очень надо").status_code == 409
    assert offer.review is Review.OPEN


def test_a_manager_approves_it_for_a_reason_that_is_kept(manager: FlaskClient, campaign: Campaign) -> None:
    offer = a_text(campaign, WRONG, Verdict.BLOCK)
    offer.state = OfferState.NEEDS_PERSON
    db.session.commit()
    assert post(manager, offer, "approve", reason=" ").status_code == 409
    assert post(manager, offer, "approve", reason="Кешбэк новый, описание отстало").status_code == 303
    assert (offer.review, offer.state) == (Review.APPROVED, OfferState.READY)
    action = db.session.scalars(db.select(ReviewAction)).one()
    assert offer.review_reason == action.reason == "Кешбэк новый, описание отстало"


def test_what_was_let_through_needs_a_person_again_once_it_is_reopened(
    manager: FlaskClient, campaign: Campaign
) -> None:
    offer = a_text(campaign, WRONG, Verdict.BLOCK)
    post(manager, offer, "approve", reason="Кешбэк новый, описание отстало")
    post(manager, offer, "reopen")
    assert (offer.review, offer.state) == (Review.OPEN, OfferState.NEEDS_PERSON)
    post(manager, offer, "text", text=BETTER)
    assert offer.state is OfferState.READY


def test_a_rejection_needs_a_reason(performer: FlaskClient, campaign: Campaign) -> None:
    offer = a_text(campaign)
    assert post(performer, offer, "reject").status_code == 422
    assert post(performer, offer, "reject", quick="Неверный тон", reason="слишком сухо").status_code == 303
    assert (offer.review, offer.review_reason) == (Review.REJECTED, "Неверный тон: слишком сухо")


def test_an_edit_reopens_an_approved_offer_and_keeps_the_draft(performer: FlaskClient, campaign: Campaign) -> None:
    offer = a_text(campaign)
    post(performer, offer, "approve")
    answer = post(performer, offer, "text", text=BETTER)
    assert (offer.text, offer.review, offer.verdict) == (BETTER, Review.OPEN, Verdict.CLEAN)
    page = performer.get(answer.location).text
    assert "mark-differs" in page and "Закажите" in page


def test_a_text_is_checked_as_it_is_typed_and_not_stored(performer: FlaskClient, campaign: Campaign) -> None:
    offer = a_text(campaign)
    answer = post(performer, offer, "check", text=WRONG)
    assert '<mark class="mark-block">' in answer.text
    assert offer.text == GOOD


@pytest.mark.parametrize("what", ["approve", "reject", "text", "reopen", "revise"])
def test_nobody_decides_on_an_older_revision(
    manager: FlaskClient, performer: FlaskClient, campaign: Campaign, what: str
) -> None:
    """The page says who was faster, and keeps what was typed."""
    offer = a_text(campaign)
    post(manager, offer, "text", text=BETTER)
    answer = post(performer, offer, what, revision=1, text="Мой текст", reason="Моя причина", request="Моя просьба")
    assert answer.status_code == 409
    assert "Мария" in answer.text and BETTER in answer.text
    typed = {"text": "Мой текст", "reject": "Моя причина", "revise": "Моя просьба"}
    assert typed.get(what, "") in answer.text
    assert (offer.text, offer.review, offer.revision) == (BETTER, Review.OPEN, 2)


def test_the_newest_decision_is_undone(performer: FlaskClient, project: Project, campaign: Campaign) -> None:
    offer = a_text(campaign)
    post(performer, offer, "reject", quick="Неверный тон")
    assert undo(performer, project).status_code == 200
    assert (offer.review, offer.review_reason, offer.reviewed_at) == (Review.OPEN, "", None)
    undo(performer, project)
    assert offer.revision == 3


def test_an_edit_is_undone_with_its_text(performer: FlaskClient, project: Project, campaign: Campaign) -> None:
    offer = a_text(campaign)
    draft = offer.current_id
    post(performer, offer, "approve")
    post(performer, offer, "text", text=BETTER)
    undo(performer, project)
    assert (offer.text, offer.current_id, offer.review) == (GOOD, draft, Review.APPROVED)
    assert offer.reviewed_at is not None


def test_several_decisions_about_an_offer_are_undone_one_by_one(
    performer: FlaskClient, project: Project, campaign: Campaign
) -> None:
    offer = a_text(campaign)
    draft = offer.current_id
    post(performer, offer, "text", text=BETTER)
    post(performer, offer, "approve")
    post(performer, offer, "reopen")
    undo(performer, project)
    assert (offer.text, offer.review) == (BETTER, Review.APPROVED)
    undo(performer, project)
    assert (offer.text, offer.review) == (BETTER, Review.OPEN)
    undo(performer, project)
    assert (offer.text, offer.current_id, offer.review) == (GOOD, draft, Review.OPEN)


def test_what_somebody_changed_between_stays(
    manager: FlaskClient, performer: FlaskClient, project: Project, campaign: Campaign
) -> None:
    offer = a_text(campaign)
    post(performer, offer, "reject", quick="Неверный тон")
    post(manager, offer, "text", text=BETTER)
    post(performer, offer, "approve")
    undo(performer, project)
    undo(performer, project)
    assert (offer.text, offer.review) == (BETTER, Review.OPEN)


def test_what_somebody_changed_since_is_not_undone(
    manager: FlaskClient, performer: FlaskClient, project: Project, campaign: Campaign
) -> None:
    offer = a_text(campaign)
    post(performer, offer, "reject", quick="Неверный тон")
    post(manager, offer, "text", text=BETTER)
    undo(performer, project)
    assert (offer.text, offer.review, offer.revision) == (BETTER, Review.OPEN, 3)


def test_who_wants_no_letters_is_not_approved(performer: FlaskClient, project: Project, campaign: Campaign) -> None:
    offer = a_text(campaign)
    an_opt_out(project, offer.client)
    page = performer.get(f"/projects/{project.id}/review/{offer.id}").text
    assert "Клиент не хочет, чтобы ему писали" in page
    assert 'data-key="r"' in page and not any(f'data-key="{key}"' in page for key in "aev")
    assert post(performer, offer, "approve").status_code == 409
    assert post(performer, offer, "reject", reason="Клиент отказался").status_code == 303


def test_an_archived_project_is_only_read(performer: FlaskClient, project: Project, campaign: Campaign) -> None:
    offer = a_text(campaign)
    project.is_archived = True
    db.session.commit()
    page = performer.get(f"/projects/{project.id}/review")
    assert page.status_code == 200 and 'data-key="a"' not in page.text
    assert post(performer, offer, "approve").status_code == 409


def test_an_offer_in_work_is_not_decided(performer: FlaskClient, campaign: Campaign) -> None:
    offer = a_text(campaign)
    saved(Message(offer_id=offer.id, role=MessageRole.DRAFT, state=DraftState.WRITING))
    assert post(performer, offer, "approve").status_code == 409


def test_an_empty_queue_says_what_to_do(performer: FlaskClient, project: Project) -> None:
    page = performer.get(f"/projects/{project.id}/review").text
    assert f"/projects/{project.id}/campaigns" in page


def test_opening_an_offer_gives_up_a_draft_whose_process_died(performer: FlaskClient, campaign: Campaign) -> None:
    offer = a_text(campaign)
    an_hour_ago = func.now() - func.make_interval(0, 0, 0, 0, 1)
    draft = saved(Message(offer_id=offer.id, role=MessageRole.DRAFT, state=DraftState.WRITING, touched_at=an_hour_ago))
    assert performer.get(f"/projects/{campaign.project_id}/review/{offer.id}").status_code == 200
    assert (draft.state, draft.failure) == (DraftState.FAILED, "interrupted")
