"""What a job of a campaign does: claim its offer, ask the model, keep the best draft.

A claim raises the number of the offer's attempts, and whatever is stored later must still find that number and the
state `writing`. So a worker that lost its offer, because somebody cancelled the campaign, the client opted out or the
worker was taken for dead, changes nothing any more, and two workers never write the same offer.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Event, Lock
from traceback import format_tb
from typing import Any, TypeVar
from zlib import crc32

import structlog
from flask import Flask
from sqlalchemy import func
from sqlalchemy.exc import SQLAlchemyError

from ..checks.findings import Angle, Facts
from ..database import db, own_transaction, patiently
from ..database_errors import cause_of, is_passing
from ..llm.engine import (
    EngineError,
    Generation,
    Options,
    PassingError,
    Priority,
    PromptTooLong,
)
from ..llm.registry import ModelNotReady, model
from ..models import Campaign, Message, MessageRole, Offer, OfferState, PromptVersion
from ..offers.checking import facts_of, verdict_of
from ..offers.choosing import keep_drafts
from ..offers.drafting import Round, best_round, drafted
from ..offers.failures import failure_code
from ..offers.finishing import (
    Finish,
    FittingTexts,
    NothingFits,
    fitting_texts,
    lock_cleared,
    message_of,
    needs_finishing,
)
from ..offers.learning import keep_prompt
from ..offers.prompting import Frame, writing_frame_of
from ..offers.services import options_for
from ..offers.texts import state_with
from .jobs import finish_campaigns
from .storing import claim, store_text

log = structlog.get_logger()
T = TypeVar("T")

PASSING = (PassingError, ModelNotReady)
BRIEF_SECONDS = 5
"""A change of the product or of the client fields shows in a running campaign after so long."""
WATCH_SECONDS = 1


class GivenBack(Exception):
    """The worker stops before the text is finished: the offer waits for another one."""


@dataclass(frozen=True)
class Brief:
    """What the offers of a campaign have in common that are written with one version of the prompt."""

    frame: Frame
    text: str
    options: Options
    seed: int
    author_id: int
    bank: FittingTexts
    is_from_bank: bool = False
    read_at: float = field(default_factory=time.monotonic)

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.read_at < BRIEF_SECONDS


@dataclass(frozen=True, eq=False)
class Attempt:
    """A claimed offer: `number` is the attempt's, `data` the client's, who may have opted out meanwhile."""

    offer_id: int
    number: int
    campaign_id: int
    version_id: int
    client_id: int
    data: dict[str, Any]
    is_opted_out: bool
    angle: Angle = field(default_factory=Angle)


@dataclass(frozen=True)
class Failure:
    """Why an offer has no text (the codes are those of `Offer.failure`), with numbers."""

    code: str
    detail: dict[str, int] = field(default_factory=dict)


class OfferWriter:
    """Writes the offers of campaigns in this process, any number of them at a time."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = Lock()
        self._in_work: dict[Attempt, Generation] = {}
        self._claimed: Counter[int] = Counter()
        self._briefs: dict[tuple[int, int], Brief] = {}
        self._brief_lock = Lock()
        self._stopping = Event()

    def write(self, offer_id: int, *, is_last_try: bool) -> None:
        """Write an offer if it still waits. Its text or a lasting failure are stored.

        Raises PassingError or ModelNotReady when it waits to be tried again, GivenBack when this process stops, and
        SQLAlchemyError when the database cannot do the work for minutes.
        """
        attempt = self._store(lambda: _claim(offer_id))
        if attempt is None:
            return
        with self._counted(attempt.campaign_id):
            if attempt.is_opted_out:
                self._store(lambda: _leave_out(attempt))
            else:
                self._write_or_fail(attempt, is_last_try=is_last_try)
        if self._is_last(attempt.campaign_id):
            self._store(lambda: finish_campaigns([attempt.campaign_id]))

    def _write_or_fail(self, attempt: Attempt, *, is_last_try: bool) -> None:
        try:
            self._write(attempt, raising=() if is_last_try else (PassingError,))
        except Exception as error:
            if is_passing(error):
                raise
            if isinstance(error, GivenBack) or (isinstance(error, PASSING) and not is_last_try):
                self._store(lambda: _give_back(attempt))
                raise
            self._fail(attempt, _failure_of(error))

    @contextmanager
    def _counted(self, campaign_id: int) -> Iterator[None]:
        with self._lock:
            self._claimed[campaign_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._claimed[campaign_id] -= 1

    def _is_last(self, campaign_id: int) -> bool:
        """Whether this process has no other offer of the campaign in work: the last one sees that it has finished."""
        with self._lock:
            return self._claimed[campaign_id] == 0

    def watch(self) -> None:
        """Until the process stops: end the texts of offers that are not ours any more, a second later at most."""
        while not self._stopping.wait(WATCH_SECONDS):
            with self._lock:
                in_work = dict(self._in_work)
            if not in_work:
                continue
            try:
                with self._app.app_context(), own_transaction():
                    lost = _lost(in_work)
                    _deny_deaths(lost)
            except SQLAlchemyError:
                continue  # who asks next knows more; until then the texts go on
            except Exception:
                log.exception("offers_not_watched")
                continue
            for attempt in lost:
                in_work[attempt].cancel()

    def stop(self) -> None:
        """End all texts now; their offers wait again."""
        self._stopping.set()
        with self._lock:
            for generation in self._in_work.values():
                generation.cancel()

    def _write(self, attempt: Attempt, raising: tuple[type[EngineError], ...]) -> None:
        """`raising` are the errors for which an offer rather waits than keeps a text that does not pass."""
        brief = self._brief(attempt.campaign_id, attempt.version_id)
        seed = _seed(brief, attempt)
        if brief.is_from_bank:
            facts = facts_of(brief.frame, attempt.data, "", attempt.angle)
            if not self._finish(attempt, brief, facts, seed):
                raise NothingFits
            return
        engine = model.engine()
        prompt = brief.frame.exact_prompt(brief.text, attempt.data, angle=attempt.angle.text, variant=seed)
        options = replace(brief.options, seed=seed)
        facts = facts_of(brief.frame, attempt.data, prompt.text, attempt.angle)
        first = engine.submit(prompt, options, priority=Priority.CAMPAIGN)
        rounds = drafted(engine, prompt, first, facts, partial(self._follow, attempt), raising)
        if rounds[-1].generation.is_cancelled and self._stopping.is_set():
            raise GivenBack
        turns = partial(_turns, brief, rounds, facts, engine.card.name)
        if needs_finishing(rounds) and self._finish(attempt, brief, facts, seed, turns):
            return
        best = best_round(rounds).choice
        if best.text:
            verdict = verdict_of(best.findings)
            self._store(lambda: store_text(attempt.offer_id, attempt.number, *turns(), verdict))
        else:
            self._fail(attempt, Failure("empty"))

    def _finish(
        self,
        attempt: Attempt,
        brief: Brief,
        facts: Facts,
        seed: int,
        turns: Callable[[], Sequence[Message]] = tuple,
    ) -> bool:
        """Give the offer a text of the text bank, after the `turns` that the model had; whether one fits."""
        return any(
            self._store(partial(_keep_finished, attempt, finish, turns)) for finish in brief.bank.finishes(facts, seed)
        )

    def _follow(self, attempt: Attempt, generation: Generation) -> None:
        with self._lock:
            self._in_work[attempt] = generation
        if self._stopping.is_set():
            generation.cancel()
        try:
            generation.result()
        finally:
            with self._lock:
                self._in_work.pop(attempt, None)

    def _brief(self, campaign_id: int, version_id: int) -> Brief:
        """Read once for all texts that begin at this moment."""
        asked = campaign_id, version_id
        with self._brief_lock:
            self._briefs = {numbers: brief for numbers, brief in self._briefs.items() if brief.is_fresh}
            if asked not in self._briefs:
                self._briefs[asked] = self._store(lambda: _read_brief(campaign_id, version_id))
            return self._briefs[asked]

    def _fail(self, attempt: Attempt, failure: Failure) -> None:
        self._store(lambda: _mark_failed(attempt, failure))

    def _store(self, work: Callable[[], T]) -> T:
        return patiently(self._app, work, give_up=self._stopping)


def _claim(offer_id: int) -> Attempt | None:
    claimed = claim(offer_id)
    if claimed is None:
        return None
    *known, benefit, signs = claimed
    return replace(Attempt(*known), angle=Angle(benefit, tuple(signs or ())))


def _change(attempt: Attempt, **values: Any) -> bool:
    """Change the offer as long as it is ours; whether it was."""
    changed = db.session.scalar(
        db.update(Offer)
        .where(Offer.id == attempt.offer_id, Offer.state == OfferState.WRITING)
        .where(Offer.attempt_count == attempt.number)
        .values(**values)
        .returning(Offer.id)
        .execution_options(synchronize_session=False)
    )
    return changed is not None


def _give_back(attempt: Attempt) -> None:
    """Whatever went wrong, the process lived through it."""
    _change(attempt, state=OfferState.WAITING, death_count=0)


def _leave_out(attempt: Attempt) -> None:
    _change(attempt, state=OfferState.OPTED_OUT)


def _mark_failed(attempt: Attempt, failure: Failure) -> None:
    _change(attempt, state=OfferState.FAILED, failure=failure.code, failure_detail=failure.detail)


def _turns(brief: Brief, rounds: Sequence[Round], facts: Facts, model_name: str) -> tuple[Message, Message]:
    """What the model was asked, and the best that it wrote."""
    best = best_round(rounds)
    asked = Message(role=MessageRole.PROMPT, text=brief.text, is_beginning=True, author_id=brief.author_id)
    draft = Message(role=MessageRole.DRAFT, text=best.choice.text, model_name=model_name)
    keep_prompt(draft, best.prompt)
    keep_drafts(draft, [each.generation for each in rounds], facts)
    return asked, draft


def _keep_finished(attempt: Attempt, finish: Finish, turns: Callable[[], Sequence[Message]]) -> bool:
    """Store a text of the text bank, after the turns that the model had; False when it was retired meanwhile."""
    if not lock_cleared(finish):
        return False
    verdict = verdict_of(finish.findings)
    if not _change(attempt, text=finish.text, verdict=verdict, written_at=func.now()):
        return True
    before = turns()
    for message in before:
        message.offer_id = attempt.offer_id
    db.session.add_all(before)
    db.session.flush()
    last = message_of(finish, attempt.offer_id, parent_id=before[-1].id if before else None)
    db.session.add(last)
    db.session.flush()
    used = {"finished_with_id": finish.finished_with_id, "opened_with_id": finish.opened_with_id}
    _change(attempt, state=state_with(verdict), current_id=last.id, **used)
    return True


def _lost(attempts: Collection[Attempt]) -> list[Attempt]:
    """Those whose offers are not ours any more."""
    numbers = [attempt.offer_id for attempt in attempts]
    query = db.select(Offer.id, Offer.attempt_count).where(Offer.id.in_(numbers), Offer.state == OfferState.WRITING)
    ours = {(offer_id, number) for offer_id, number in db.session.execute(query)}
    return [attempt for attempt in attempts if (attempt.offer_id, attempt.number) not in ours]


def _deny_deaths(lost: Collection[Attempt]) -> None:
    """We live: who took us for dead while we could not reach the database was wrong."""
    if lost:
        theirs = Offer.id.in_([attempt.offer_id for attempt in lost])
        db.session.execute(db.update(Offer).where(theirs, Offer.death_count > 0).values(death_count=0))


def _read_brief(campaign_id: int, version_id: int) -> Brief:
    campaign = db.session.get_one(Campaign, campaign_id)
    channel = campaign.project_channel
    usual = Options() if campaign.is_from_bank else options_for(channel)
    return Brief(
        frame=writing_frame_of(channel),
        text=db.session.get_one(PromptVersion, version_id).text,
        options=replace(usual, candidates=campaign.drafts_per_client),
        seed=campaign.seed,
        author_id=campaign.author_id,
        bank=fitting_texts(channel),
        is_from_bank=campaign.is_from_bank,
    )


def _seed(brief: Brief, attempt: Attempt) -> int:
    """The same for the same client in a campaign with the same seed, and another one when a text is tried again."""
    return crc32(f"{brief.seed} {attempt.client_id} {attempt.number}".encode()) >> 1


def _failure_of(error: Exception) -> Failure:
    """The reason as people will read it; what none of them could understand goes to the log, without client data."""
    if isinstance(error, PromptTooLong):
        return Failure(failure_code(error), {"tokens": error.tokens, "limit": error.limit})
    if isinstance(error, SQLAlchemyError):
        log.error("offer_not_written", **cause_of(error), where=format_tb(error.__traceback__)[-1])
    elif not isinstance(error, EngineError | NothingFits):
        log.error("offer_not_written", kind=type(error).__name__, where=format_tb(error.__traceback__)[-1])
    return Failure(failure_code(error))
