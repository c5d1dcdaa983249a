"""A person writes an offer's text over: checked as a draft is, never over what somebody else did meanwhile."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func

from marketing_app.database import db
from marketing_app.models import DraftState, Message, MessageRole, Offer, OfferState, Review, User, Verdict
from marketing_app.offers.edits import ChangedMeanwhile, edit_text
from marketing_app.offers.services import StillWriting
from marketing_app.projects.services import ProjectArchived
from tests.factories import a_campaign, a_client, a_product, a_project, an_offer, saved

GOOD = "Закажите кредитную карту в приложении."
WRONG = "Карта с кешбэком 7% ждёт вас. Оформите её."


@pytest.fixture
def offer(app: Flask) -> Offer:
    project = a_project(product=a_product(name="Кредитная карта"))
    offer = an_offer(a_campaign(project), a_client(project), state=OfferState.READY, text="x", written_at=func.now())
    draft = saved(Message(offer_id=offer.id, role=MessageRole.DRAFT, text="Оформите карту", prompt="x"))
    offer.current_id, offer.text = draft.id, draft.text
    db.session.commit()
    return offer


def author_of(offer: Offer) -> User:
    return offer.project_channel.project.members[0].user


def test_an_edit_is_the_text_and_keeps_what_it_was_made_of(offer: Offer) -> None:
    draft, revision = offer.current_id, offer.revision
    offer.review, offer.reviewed_at = Review.APPROVED, func.now()
    db.session.commit()
    message = edit_text(offer, f" {GOOD}\n", author_of(offer), revision)
    db.session.commit()
    assert (message.role, message.parent_id, message.author) == (MessageRole.EDIT, draft, author_of(offer))
    assert (offer.text, offer.current_id, offer.verdict) == (GOOD, message.id, Verdict.CLEAN)
    assert (offer.review, offer.revision) == (Review.OPEN, revision + 1)


def test_an_edit_is_checked(offer: Offer) -> None:
    edit_text(offer, WRONG, author_of(offer), offer.revision)
    assert offer.verdict is Verdict.BLOCK


def test_who_writes_over_a_newer_text_is_refused(offer: Offer) -> None:
    revision = offer.revision
    edit_text(offer, GOOD, author_of(offer), revision)
    db.session.commit()
    with pytest.raises(ChangedMeanwhile):
        edit_text(offer, WRONG, author_of(offer), revision)
    assert offer.text == GOOD


@pytest.mark.parametrize("error", [StillWriting, ProjectArchived])
def test_an_offer_in_work_or_in_an_archive_is_not_edited(offer: Offer, error: Any) -> None:
    if error is StillWriting:
        saved(Message(offer_id=offer.id, role=MessageRole.DRAFT, state=DraftState.WRITING))
    else:
        offer.project_channel.project.is_archived = True
        db.session.commit()
    with pytest.raises(error):
        edit_text(offer, GOOD, author_of(offer), offer.revision)
