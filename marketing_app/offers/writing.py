"""Drafts being written in this process: they belong to the server, not to the connection that asked for them.

A thread follows each draft through its rounds and stores its end; one keeper tells the database every other second
which drafts still live, with their text so far. A draft without a sign of life was left by a process that died, or by
one that could not reach the database: so whatever a thread stores must still find the draft being written and the offer
as it was when the draft began. A draft that ends too late is a turn of the conversation and changes nothing else.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from threading import Condition, Lock, Thread
from traceback import format_tb
from typing import NamedTuple

import structlog
from flask import Flask
from sqlalchemy import Select, func
from sqlalchemy.exc import SQLAlchemyError

from ..checks.findings import Facts
from ..database import db, own_transaction, patiently
from ..database_errors import cause_of
from ..llm.engine import Engine, EngineError, Generation, Options, Prompt
from ..llm.registry import model
from ..models import DraftState, Message, Offer, OfferState, Verdict
from ..privacy.services import opted_out_among
from .checking import facts_of_offer, verdict_of
from .choosing import keep_drafts
from .conversation import former_text
from .drafting import ROUNDS, Round, best_round, drafted
from .failures import failure_code
from .finishing import finish_offer, needs_finishing
from .learning import keep_prompt
from .sense import bars_of
from .texts import take_text

log = structlog.get_logger()

KEEPER_SECONDS = 2
ABANDONED_SECONDS = 30


class Progress(NamedTuple):
    """What a viewer sees of a draft: `revision` grows with every piece. `round` of `round_limit` counts from 1,
    `candidate`, within the round, from 0."""

    revision: int
    text: str
    round: int
    candidate: int = 0
    tokens_per_second: float = 0.0

    @property
    def round_limit(self) -> int:
        return ROUNDS


class LiveDraft:
    """One draft being written, in one round or more: viewers wait on it, any number of them.
    `offer_revision` is the offer's when the draft began."""

    def __init__(self, message_id: int, offer_revision: int, first: Generation) -> None:
        self.message_id = message_id
        self.offer_revision = offer_revision
        self.generation = first
        self.is_stored = False
        self.is_stopped = False
        self._round = 1
        self._changed = Condition()
        self._texts: dict[int, str] = {}
        self._candidate = 0
        self._revision = 0
        self._first_piece_at: float | None = None

    def follow(self, generation: Generation) -> None:
        """Show what a round writes until it ends. Raises as its iteration does."""
        if generation is not self.generation:
            self._begin_round(generation)
        for piece in generation:
            self.add(piece.candidate, piece.text)

    def add(self, candidate: int, text: str) -> None:
        with self._changed:
            self._first_piece_at = self._first_piece_at or time.monotonic()
            self._candidate = candidate
            self._texts[candidate] = self._texts.get(candidate, "") + text
            self._revision += 1
            self._changed.notify_all()

    def stop(self) -> None:
        """End the round that is in work, and begin no other."""
        with self._changed:
            self.is_stopped = True
            self.generation.cancel()

    def close(self) -> None:
        with self._changed:
            self.is_stored = True
            self._changed.notify_all()

    def progress(self) -> Progress:
        with self._changed:
            return self._progress()

    def wait(self, seen: int, timeout: float) -> Progress | None:
        """What is newer than revision `seen`, or None when nothing came within `timeout` seconds or all is stored."""
        with self._changed:
            self._changed.wait_for(lambda: self._revision > seen or self.is_stored, timeout)
            return None if self.is_stored or self._revision <= seen else self._progress()

    def _begin_round(self, generation: Generation) -> None:
        with self._changed:
            self.generation = generation
            if self.is_stopped:
                generation.cancel()
            self._round += 1
            self._texts, self._candidate, self._first_piece_at = {}, 0, None
            self._revision += 1
            self._changed.notify_all()

    def _progress(self) -> Progress:
        passed = time.monotonic() - self._first_piece_at if self._first_piece_at else 0.0
        speed = self.generation.token_count / passed if passed > 0.2 else 0.0
        return Progress(self._revision, self._texts.get(self._candidate, ""), self._round, self._candidate, speed)


_live: dict[int, LiveDraft] = {}
_live_lock = Lock()
_keeper: Thread | None = None


def live_draft(message_id: int) -> LiveDraft | None:
    """The draft, when this process writes it."""
    with _live_lock:
        return _live.get(message_id)


def progress_of(message: Message) -> Progress:
    """Of a draft that is being written here or, as far as the database knows, elsewhere."""
    live = live_draft(message.id)
    return live.progress() if live else Progress(0, message.text, message.round_count)


def begin(app: Flask, message: Message, prompt: Prompt, options: Options) -> None:
    """Hand a stored draft to the model. A refusal is stored as the draft's failure."""
    facts = replace(facts_of_offer(message.offer, prompt.text), former=former_text(message))
    try:
        engine = model.engine()
        facts = replace(facts, bars=bars_of(engine.card, facts.language))
        first = engine.submit(prompt, options)
    except EngineError as error:
        message.state = DraftState.FAILED
        message.failure = failure_code(error)
        _tell_offer(message)
        return
    live = LiveDraft(message.id, message.offer.revision, first)
    with _live_lock:
        _live[message.id] = live
    _start_keeper(app)
    Thread(target=_write, args=(app, live, engine, prompt, facts), name=f"draft-{message.id}", daemon=True).start()


def stop(message_id: int) -> None:
    """Stop a draft; the best that it has so far is kept."""
    live = live_draft(message_id)
    if live:
        live.stop()


def close_abandoned() -> bool:
    """Mark drafts whose process has given no sign of life: their text so far is kept, the reason is said.

    Those that somebody else changes at this moment are left for the next time. Returns whether there were any, and so
    something to commit.
    """
    abandoned = db.session.execute(_abandoned()).all()
    if not abandoned:
        return False
    message_ids, offer_ids = zip(*abandoned, strict=True)
    interrupted = {"state": DraftState.FAILED, "failure": "interrupted"}
    db.session.execute(db.update(Message).where(Message.id.in_(message_ids)).values(interrupted))
    db.session.execute(
        db.update(Offer)
        .where(Offer.id.in_(offer_ids), Offer.state == OfferState.WRITING, Offer.campaign_id.is_(None))
        .values(state=OfferState.FAILED, failure="interrupted")
    )
    return True


def _abandoned() -> Select[tuple[int, int]]:
    """Drafts and their offers, both locked without waiting: a thread that ends a draft locks them one by one."""
    deadline = func.now() - func.make_interval(0, 0, 0, 0, 0, 0, ABANDONED_SECONDS)
    return (
        db.select(Message.id, Message.offer_id)
        .join(Offer, Offer.id == Message.offer_id)
        .where(Message.state == DraftState.WRITING, Message.touched_at < deadline)
        .with_for_update(of=[Offer, Message], skip_locked=True)
    )


def _write(app: Flask, live: LiveDraft, engine: Engine, prompt: Prompt, facts: Facts) -> None:
    rounds, failure = list[Round](), ""
    try:
        rounds = drafted(engine, prompt, live.generation, facts, live.follow)
    except Exception as error:
        where = format_tb(error.__traceback__)[-1]
        log.error("generation_failed", draft=live.message_id, kind=type(error).__name__, where=where)
        failure = failure_code(error)
    finally:
        try:
            _store(app, live, rounds, failure, facts)
        finally:
            with _live_lock:
                _live.pop(live.message_id, None)
            live.close()


def _store(app: Flask, live: LiveDraft, rounds: Sequence[Round], failure: str, facts: Facts) -> None:
    """Write the end of a draft, even when the database cannot take it for a while."""
    try:
        patiently(app, lambda: _finish(live, rounds, failure, facts))
    except SQLAlchemyError as error:
        log.error("draft_lost", draft=live.message_id, **cause_of(error))


def _finish(live: LiveDraft, rounds: Sequence[Round], failure: str, facts: Facts) -> None:
    """Without a round that is over, what the first one wrote so far is kept.

    A first text that is not good is finished with the text bank. One that a person stopped or asked to change is not:
    they want the model's own. Of a client who opted out since the draft began no text is kept.
    """
    message = _locked(live.message_id)
    if message is None:
        return
    if opted_out_among([message.offer]):
        _leave_out(message)
        return
    is_in_time = message.state is DraftState.WRITING and message.offer.revision == live.offer_revision
    verdict = Verdict.UNCHECKED
    if rounds:
        best = best_round(rounds)
        message.text = best.choice.text
        keep_prompt(message, best.prompt)
        verdict = verdict_of(best.choice.findings)
    else:
        message.text = live.progress().text.strip()
    keep_drafts(message, [each.generation for each in rounds] or [live.generation], facts)
    message.failure = failure or ("" if message.text or live.is_stopped else "empty")
    message.state = _end_state(live, message.failure)
    if not is_in_time:
        return
    _tell_offer(message, verdict)
    if rounds and needs_finishing(rounds) and not live.is_stopped and not facts.former:
        finish_offer(message.offer, message, facts)


def _leave_out(message: Message) -> None:
    message.text, message.state, message.failure = "", DraftState.FAILED, "opted_out"
    if not message.offer.text and message.offer.campaign_id is None:
        message.offer.state = OfferState.OPTED_OUT


def _locked(message_id: int) -> Message | None:
    """The draft, with its offer: nobody erases the client or decides about the offer until this transaction ends.

    The offer is locked first, as everywhere.
    """
    offer_id = db.select(Message.offer_id).where(Message.id == message_id).scalar_subquery()
    db.session.scalar(db.select(Offer).where(Offer.id == offer_id).with_for_update(of=Offer))
    return db.session.get(Message, message_id, with_for_update={"of": Message})


def _end_state(live: LiveDraft, failure: str) -> DraftState:
    if failure:
        return DraftState.FAILED
    return DraftState.STOPPED if live.is_stopped else DraftState.READY


def _tell_offer(message: Message, verdict: Verdict = Verdict.UNCHECKED) -> None:
    """An offer has its text as soon as one of its drafts has. Without any it tells why; those of campaigns tell that
    themselves, whatever people try with them."""
    offer = message.offer
    if message.text and message.state is not DraftState.FAILED:
        take_text(offer, message, verdict)
    elif not offer.text and offer.campaign_id is None:
        offer.state = OfferState.CANCELLED if message.state is DraftState.STOPPED else OfferState.FAILED
        offer.failure = message.failure


def _start_keeper(app: Flask) -> None:
    global _keeper
    with _live_lock:
        if _keeper is None or not _keeper.is_alive():
            _keeper = Thread(target=_keep, args=(app,), name="draft-keeper", daemon=True)
            _keeper.start()


def _keep(app: Flask) -> None:
    """For as long as the process lives: tell the database which ones live, and what they say so far."""
    while True:
        time.sleep(KEEPER_SECONDS)
        with _live_lock:
            drafts = list(_live.values())
        if not drafts:
            continue
        try:
            with app.app_context(), own_transaction():
                for draft in drafts:
                    _touch(draft)
        except SQLAlchemyError as error:
            log.warning("drafts_not_touched", **cause_of(error))


def _touch(draft: LiveDraft) -> None:
    progress = draft.progress()
    db.session.execute(
        db.update(Message)
        .where(Message.id == draft.message_id, Message.state == DraftState.WRITING)
        .values(text=progress.text, round_count=progress.round, touched_at=func.now())
    )
