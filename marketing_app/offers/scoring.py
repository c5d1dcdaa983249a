"""A person's text is scored by the model as well, in the background: see `sense`. It is marked and never blocked."""

from dataclasses import dataclass, replace
from typing import Any

from flask import Flask
from sqlalchemy import text

from ..database import db, own_transaction
from ..llm.cards import ModelCard
from ..llm.certainty import Bars
from ..llm.engine import Prompt
from ..llm.openings import opening_of
from ..llm.registry import ModelNotReady, model
from ..models import Message, Offer, OfferState, Review
from .checking import facts_of_offer, findings_of, verdict_of
from .prompting import exact_prompt
from .sense import bars_of, calibration_of, persons_sense
from .texts import state_with

QUEUE = "default"
TASK = "score_edit"
DEFER = text(
    """
    SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
        :queue, :task, 0, NULL, NULL, jsonb_build_object('message_id', CAST(:message AS bigint)), NULL
    )::procrastinate_job_to_defer_v1])
    """
).bindparams(queue=QUEUE, task=TASK)


@dataclass(frozen=True)
class ScoredText:
    """A text to be scored after its prompt; its part from `offset` on is the writer's own."""

    prompt: Prompt
    text: str
    offset: int
    bars: Bars


def queue_scoring(edit: Message) -> None:
    """In the transaction that stores the edit."""
    db.session.execute(DEFER, {"message": edit.id})


def score_edit(app: Flask, message_id: int) -> None:
    """Score an edit that is still there, where the model can. Raises EngineError, also before the model is measured."""
    engine = model.engine()
    with app.app_context(), own_transaction():
        scored = _scored_text(message_id, engine.card)
    scoring = engine.score(scored.prompt, scored.text[scored.offset :]) if scored else None
    certainty = scoring.result()[0].certainty if scoring else None
    if scored and certainty:
        with app.app_context(), own_transaction():
            _keep(message_id, persons_sense(certainty, scored.offset, scored.bars))


def _scored_text(message_id: int, card: ModelCard) -> ScoredText | None:
    """The text as its offer would be asked for, with the opening that it has itself; None where none can be scored."""
    edit = db.session.get(Message, message_id)
    if edit is None:
        return None
    offer = edit.offer
    if calibration_of(card, offer.project_channel.project.language) is None:
        raise ModelNotReady(model.state)
    bars = bars_of(card, offer.project_channel.project.language)
    if bars is None:
        return None
    prompt = exact_prompt(offer.project_channel, offer.prompt_version.text, offer.client, angle=offer.angle)
    opening = opening_of(edit.text, facts_of_offer(offer).openings)
    offset = len(edit.text) - len(edit.text.removeprefix(opening).lstrip())
    return ScoredText(replace(prompt, openings=(opening,) if opening else ()), edit.text, offset, bars)


def _keep(message_id: int, sense: dict[str, Any]) -> None:
    """With the offer locked, so that its verdict is that of the text which it has. A decision about the text stays."""
    message = db.session.get(Message, message_id)
    if message is None:
        return
    offer = message.offer
    db.session.refresh(offer, with_for_update={"of": Offer})
    message.certainty = sense
    has_text = offer.current_id == message.id and offer.state in (OfferState.READY, OfferState.NEEDS_PERSON)
    if has_text and offer.review is Review.OPEN:
        offer.verdict = verdict_of(findings_of(message))
        offer.state = state_with(offer.verdict)
