"""A person's text is scored by the model as well, in the background: see `sense`. It is marked and never blocked."""

from dataclasses import dataclass

from flask import Flask
from sqlalchemy import text

from ..database import db, own_transaction
from ..llm.certainty import Bars
from ..llm.engine import Prompt
from ..llm.openings import opening_of
from ..llm.registry import State, model
from ..models import Message, MessageRole
from .checking import facts_of_offer, findings_of, verdict_of
from .sense import bars_of, kept_score

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
class Recital:
    """A text to be scored after its prompt; its part from `offset` on is the writer's own."""

    prompt: Prompt
    text: str
    offset: int
    bars: Bars


def queue_scoring(edit: Message) -> None:
    """In the transaction that stores the edit."""
    db.session.execute(DEFER, {"message": edit.id})


def score_edit(app: Flask, message_id: int) -> None:
    """Score an edit that is still there, where there is a model that can. Raises EngineError."""
    if model.state is not State.READY:
        return
    engine = model.engine()
    with app.app_context(), own_transaction():
        recital = _recital(message_id, engine.card.name)
    scoring = engine.score(recital.prompt, recital.text[recital.offset :].strip()) if recital else None
    certainty = scoring.result()[0].certainty if scoring else None
    if recital is None or certainty is None:
        return
    with app.app_context(), own_transaction():
        message = db.session.get(Message, message_id, with_for_update={"of": Message})
        if message:
            begun = len(recital.text) - len(recital.text[recital.offset :].lstrip())
            message.certainty = kept_score(certainty, begun, recital.bars)
            _judge_again(message)


def _recital(message_id: int, model_name: str) -> Recital | None:
    """The text as the newest draft of its offer was asked for, with the opening that it has itself."""
    edit = db.session.get(Message, message_id)
    bars = bars_of(model_name, edit.offer.project_channel.project.language) if edit else None
    if edit is None or bars is None:
        return None
    asked = [each.prompt for each in edit.offer.messages if each.role is MessageRole.DRAFT and each.prompt]
    if not asked:
        return None
    known = facts_of_offer(edit.offer).openings
    before = asked[-1].removesuffix(opening_of(asked[-1], known, at_end=True)).rstrip()
    own = opening_of(edit.text, known)
    return Recital(Prompt("", before, openings=(own,) if own else ()), edit.text, len(own), bars)


def _judge_again(message: Message) -> None:
    """The offer's verdict, where the text is still its own, with what the model thinks of it."""
    if message.offer.current_id == message.id:
        message.offer.verdict = verdict_of(findings_of(message))
