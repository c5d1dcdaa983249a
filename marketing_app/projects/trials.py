"""Two versions of a prompt tried on the same ten clients: what the model writes, and what the rules say of it.

Nothing is stored. A seed draws the clients, so that the same address shows the same ten again; both versions write for
a client with the same benefit and the same chance, and differ by their words alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from threading import Event
from traceback import format_tb
from zlib import crc32

import structlog
from sqlalchemy import BigInteger, func

from ..checks.findings import Angle, Facts
from ..checks.registry import passes
from ..database import db
from ..dictionary.services import fields_of
from ..dictionary.words import words
from ..llm.engine import Engine, EngineError, Generation, GenerationFailed, Options, Prompt
from ..models import Benefit, Client, Project, ProjectSaleChannel, PromptVersion
from ..offers.angles import benefits_for, best_of_clients
from ..offers.checking import angle_of, facts_of, weight
from ..offers.choosing import Choice, best_draft
from ..offers.prompting import Frame, writing_frame_of
from ..offers.services import options_for
from ..privacy.services import not_opted_out

log = structlog.get_logger()

CLIENTS = 10
LARGEST_SEED = 2**31 - 1
AT_A_TIME = 4
"""Texts asked for at a time, with some drafts each: enough to keep the model busy, few enough for another person who
asks meanwhile to come next."""


@dataclass(frozen=True)
class TriedClient:
    """One of the ten: what the prompts tell of them, and the benefit that both texts are to say."""

    client_id: int
    name: str
    told: str
    angle: str


@dataclass(frozen=True)
class Task:
    """A text to be written: with which version, for which client."""

    version: int
    client_id: int
    prompt: Prompt
    options: Options
    facts: Facts


@dataclass(frozen=True)
class Trial:
    """`versions` are the numbers of the two, `tasks` come client by client. It needs no database any more."""

    versions: tuple[int, ...]
    clients: tuple[TriedClient, ...]
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Outcome:
    """What came of a task: the best draft of one asking, or why there is none."""

    choice: Choice
    error: EngineError | None = None

    @property
    def passes(self) -> bool:
        return bool(self.choice.text) and passes(self.choice.findings)


@dataclass(frozen=True)
class State:
    """How far a trial is: its outcomes so far, by version and client."""

    trial: Trial
    outcomes: Mapping[tuple[int, int], Outcome]

    @property
    def is_over(self) -> bool:
        return len(self.outcomes) == len(self.trial.tasks)

    def outcome(self, version: int, client_id: int) -> Outcome | None:
        return self.outcomes.get((version, client_id))

    def count_written(self, version: int) -> int:
        return len(self._of(version))

    def count_passing(self, version: int) -> int:
        return sum(outcome.passes for outcome in self._of(version))

    def count_warned(self, version: int) -> int:
        """Those that pass, and that a person should look at."""
        return sum(outcome.passes and bool(weight(outcome.choice.findings)[1]) for outcome in self._of(version))

    def _of(self, version: int) -> list[Outcome]:
        return [outcome for (number, _client), outcome in self.outcomes.items() if number == version]


def trial_of(channel: ProjectSaleChannel, versions: Sequence[PromptVersion], seed: int) -> Trial:
    """All that is to be asked of the model. Raises EngineError when there is no model."""
    clients = _drawn(channel.project, seed)
    frame, options = writing_frame_of(channel), options_for(channel)
    benefits = _benefits(channel, clients)
    tried = [_tried(frame, client, benefits.get(client.id)) for client in clients]
    tasks = [
        _task(frame, version, client, benefits.get(client.id), replace(options, seed=_chance(seed, client)))
        for client in clients
        for version in versions
    ]
    return Trial(tuple(version.number for version in versions), tuple(tried), tuple(tasks))


def states(trial: Trial, engine: Engine, heartbeat_seconds: float) -> Iterator[State]:
    """The state at the beginning, whenever a text came, and after so many seconds without any.

    Who stops asking ends the texts in work.
    """
    running, outcomes = Running(engine), dict[tuple[int, int], Outcome]()
    with ThreadPoolExecutor(AT_A_TIME, "trial") as pool:
        tasks: dict[Future[Outcome], Task] = {pool.submit(running.write, task): task for task in trial.tasks}
        waiting = set(tasks)
        try:
            while waiting:
                yield State(trial, dict(outcomes))
                done, waiting = wait(waiting, heartbeat_seconds, FIRST_COMPLETED)
                outcomes |= {(tasks[each].version, tasks[each].client_id): each.result() for each in done}
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            running.stop()
    yield State(trial, outcomes)


class Running:
    """The texts of a trial that are in work, to be ended together."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stopped = Event()
        self._in_work: set[Generation] = set()

    def write(self, task: Task) -> Outcome:
        try:
            generation = self._engine.submit(task.prompt, task.options)
            self._follow(generation)
            return Outcome(best_draft(generation, task.facts))
        except EngineError as error:
            return Outcome(Choice("", []), error)
        except Exception as error:
            # Raised into the stream it would end the page's connection, and the browser would begin all over again.
            log.error("trial_failed", kind=type(error).__name__, where=format_tb(error.__traceback__)[-1])
            return Outcome(Choice("", []), GenerationFailed())

    def stop(self) -> None:
        self._stopped.set()
        for generation in tuple(self._in_work):
            generation.cancel()

    def _follow(self, generation: Generation) -> None:
        self._in_work.add(generation)
        if self._stopped.is_set():
            generation.cancel()
        try:
            generation.result()
        finally:
            self._in_work.discard(generation)


def _drawn(project: Project, seed: int) -> Sequence[Client]:
    """Ten of those who may be written to, fewer when there are no more."""
    drawn = func.hashint8extended(Client.id, seed, type_=BigInteger)
    query = db.select(Client).filter_by(project_id=project.id).where(not_opted_out(project.id))
    return db.session.scalars(query.order_by(drawn, Client.id).limit(CLIENTS)).all()


def _benefits(channel: ProjectSaleChannel, clients: Sequence[Client]) -> dict[int, Benefit | None]:
    fields = fields_of(channel.project)
    return best_of_clients(channel.project, benefits_for(channel), fields, [client.id for client in clients])


def _tried(frame: Frame, client: Client, benefit: Benefit | None) -> TriedClient:
    told = words(frame.fields, client.data, frame.language)
    return TriedClient(client.id, client.shown_id, told, benefit.text if benefit else "")


def _task(frame: Frame, version: PromptVersion, client: Client, benefit: Benefit | None, options: Options) -> Task:
    angle = angle_of(benefit.id, benefit.text) if benefit else Angle()
    prompt = frame.exact_prompt(version.text, client.data, angle=angle.text, variant=client.id)
    return Task(version.number, client.id, prompt, options, facts_of(frame, client.data, prompt.text, angle))


def _chance(seed: int, client: Client) -> int:
    return crc32(f"{seed} {client.id}".encode()) >> 1
