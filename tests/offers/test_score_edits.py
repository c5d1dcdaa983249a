"""What a person wrote over a draft is scored by the model afterwards: marked where it is unsure, and never blocked."""

import pytest
from flask import Flask
from sqlalchemy import func

from marketing_app.database import db
from marketing_app.llm.registry import Registry
from marketing_app.models import Message, MessageRole, ModelCalibration, Offer, OfferState, Review, Verdict
from marketing_app.offers.edits import edit_text
from marketing_app.offers.scoring import TASK, score_edit
from marketing_app.review.services import approve
from tests.factories import a_benefit, a_campaign, a_client, a_product, a_project, an_offer, saved

OPENING = "Вам подойдёт дебетовая карта: обслуживание бесплатно."
PROMPT = f"Текст: {OPENING} Закажите карту в приложении.\n\nТекст:"
SENSE = f"{OPENING} Закажите карту в приложении."
NONSENSE = f"{OPENING} Закажите чемодан щенку за туман."


@pytest.fixture
def offer(app: Flask, loaded_model: Registry) -> Offer:
    product = a_product(name="Дебетовая карта", description="Обслуживание бесплатно.")
    project = a_project(product=product)
    benefit = a_benefit(project, "обслуживание бесплатно")
    offer = an_offer(a_campaign(project), a_client(project), state=OfferState.READY, text=SENSE, written_at=func.now())
    offer.benefit_id, offer.angle = benefit.id, benefit.text
    draft = saved(Message(offer_id=offer.id, role=MessageRole.DRAFT, text=SENSE, prompt=PROMPT))
    offer.current_id = draft.id
    card = loaded_model.engine().card
    for language in ("ru", "en"):
        saved(
            ModelCalibration(
                model_name=card.name, source=card.source, language=language, upper_bar=-1.5, lower_bar=-2.0
            )
        )
    db.session.commit()
    return offer


def edited(offer: Offer, text: str) -> Message:
    message = edit_text(offer, text, offer.project_channel.project.members[0].user, offer.revision)
    db.session.commit()
    return message


def test_an_edit_waits_to_be_scored(offer: Offer) -> None:
    message = edited(offer, SENSE)
    query = db.text("SELECT args FROM procrastinate_jobs WHERE task_name = :task")
    assert db.session.scalars(query, {"task": TASK}).all() == [{"message_id": message.id}]


def test_sense_passes_and_nonsense_is_marked(app: Flask, offer: Offer) -> None:
    message = edited(offer, SENSE)
    score_edit(app, message.id)
    db.session.expire_all()
    assert message.certainty and message.certainty["mean"] > -1.5 and offer.verdict is Verdict.CLEAN
    message = edited(offer, NONSENSE)
    score_edit(app, message.id)
    db.session.expire_all()
    assert message.certainty and message.certainty["mean"] < -2
    start, end = message.certainty["weakest"]
    assert NONSENSE[start:end] in NONSENSE.removeprefix(OPENING) and offer.verdict is Verdict.WARN


def test_a_score_that_comes_after_the_decision_changes_nothing_of_it(app: Flask, offer: Offer) -> None:
    message = edited(offer, f"{OPENING} Закажите карту под 7% в приложении.")
    author = offer.project_channel.project.members[0].user
    approve(offer, author, offer.revision, "Ставка новая, описание отстало")
    db.session.commit()
    assert (offer.state, offer.verdict) == (OfferState.READY, Verdict.BLOCK)
    score_edit(app, message.id)
    db.session.expire_all()
    assert message.certainty and (offer.state, offer.review) == (OfferState.READY, Review.APPROVED)


def test_an_edit_that_is_gone_is_not_scored(app: Flask, offer: Offer) -> None:
    message = edited(offer, SENSE)
    number = message.id
    db.session.delete(offer)
    db.session.commit()
    score_edit(app, number)
    assert db.session.get(Message, number) is None
