"""What an offer of a campaign costs beside the model, in processor time: `python -m benchmarks.offer_cost`.

A campaign as a marketer starts it, with an engine that answers at once from a list: what is left is our own work, in
Python (claims, prompts, checks, the queue) and in PostgreSQL. About as many drafts pass as of the embedded model. The
figure is milliseconds of processor for one offer, in all processes together.
"""

import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psutil
from flask import Flask
from sqlalchemy import event, text

from benchmarks.amounts import amount, read_amounts
from benchmarks.campaign import run_campaign
from benchmarks.reporting import report
from benchmarks.studio import application
from marketing_app.database import db
from marketing_app.demonstration.services import load_demonstration
from marketing_app.llm.cards import ModelCard
from marketing_app.llm.certainty import Certainty
from marketing_app.llm.engine import Draft, Generation, Options, Priority, Prompt
from marketing_app.llm.registry import model
from marketing_app.worker import Worker

LONGEST_MILLISECONDS = 15.0
"""The embedded model takes at least 250 ms of two processors for one draft: this is three per cent of that."""
PARALLEL_TEXTS = 16
GOOD = (
    "Карта поможет с покупками для школы: закажите её в приложении.",
    "С ней удобно собираться в дорогу. Оставьте заявку в приложении.",
    "Попробуйте её в своих любимых магазинах: оформите карту в приложении.",
    "Осенью с картой проще: подайте заявку в приложении банка.",
    "Пусть она пригодится вам каждый день. Закажите карту в приложении.",
    "Узнайте о карте больше в приложении и решите сами.",
)
TO_LOOK_AT = (
    "Удобно для вас и вашей семьи.",
    "Просто попробуйте, и все станет понятно!!!",
    "Закажите карту, подайте заявку и узнайте о карте больше: откройте приложение.",
)
"""Texts with these have warnings."""
WRONG = (
    "Кешбэк до 7% на все покупки: оформите карту в приложении.",
    "Откройте вклад под 20% годовых на 3 года.",
    "Деньги получите на улице Ленина, дом 5.",
    "Бонусы и подарки каждому, кто оформит карту до конца месяца.",
)
"""Texts with these are blocked."""
SHARES = (0.70, 0.185, 0.115)
"""Of the drafts: those that end well, that are to be looked at, that are wrong; 0.885 of the embedded model's pass."""


@dataclass(frozen=True)
class Amounts:
    texts: int = amount(300, "offers of each campaign")
    drafts: int = amount(8, "drafts of each offer")
    rounds: int = amount(3, "campaigns, after a small one that is not counted")


class ScriptedEngine:
    """Answers at once; the seed decides what. Its drafts begin as the prompt wants them to."""

    card = ModelCard("scripted", "a list of texts")
    chat_template = None
    failure = None
    is_chat = False
    parallel_texts = PARALLEL_TEXTS

    def submit(
        self,
        prompt: Prompt,
        options: Options,
        *,
        priority: Priority = Priority.PERSON,
        deadline_seconds: float | None = None,
    ) -> Generation:
        generation = Generation(options, priority)
        generation.drafts = [a_draft(prompt, Random((options.seed or 0) + n)) for n in range(options.candidates)]
        generation.finish()
        return generation

    def score(self, prompt: Prompt, text: str, *, priority: Priority = Priority.PERSON) -> None:
        return None

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def close(self) -> None:
        pass


def a_draft(prompt: Prompt, random: Random) -> Draft:
    (tails,) = random.choices((GOOD, TO_LOOK_AT, WRONG), SHARES)
    tail = random.choice(tails)
    text, mean = f"{prompt.opening} {tail}", -random.uniform(0.3, 1.5)
    return Draft(text, len(tail.split()), Certainty(mean, mean, (len(prompt.opening) + 1, len(text))))


def main() -> int:
    amounts = read_amounts(Amounts, __doc__)
    runs: dict[str, list[float]] = {"Python ms": [], "PostgreSQL ms": [], "statements": [], "transactions": []}
    with application() as app, app.app_context():
        load_demonstration()
        db.session.commit()
        model.start(ScriptedEngine)
        model.wait(10)
        worker = Worker(app)
        worker.start()
        try:
            run_campaign(1, amounts.drafts)
            for _ in range(amounts.rounds):
                for name, figure in measured(app, amounts).items():
                    runs[name].append(figure)
                print("  ".join(f"{figures[-1]:.2f} {name}" for name, figures in runs.items()), flush=True)
        finally:
            worker.stop()
            worker.join(30)
    both = [ours + theirs for ours, theirs in zip(runs["Python ms"], runs["PostgreSQL ms"], strict=True)]
    return report("offer_cost", statistics.median(both), LONGEST_MILLISECONDS, "lower", runs)


def measured(app: Flask, amounts: Amounts) -> dict[str, float]:
    """One campaign: what an offer of it took."""
    server = server_processes()
    before = time.process_time(), processor_seconds(server), transactions()
    with counted_statements() as statements:
        run_campaign(amounts.texts, amounts.drafts)
    after = time.process_time(), processor_seconds(server), transactions()
    ours, theirs, ended = (end - begin for begin, end in zip(before, after, strict=True))
    return {
        "Python ms": ours / amounts.texts * 1000,
        "PostgreSQL ms": theirs / amounts.texts * 1000,
        "statements": len(statements) / amounts.texts,
        "transactions": ended / amounts.texts,
    }


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Those of the application, without the queue's own."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield asked
    event.remove(db.engine, "before_cursor_execute", note)


def server_processes() -> psutil.Process:
    """The server's first process: all others are its children."""
    directory = Path(db.session.scalar(text("SHOW data_directory")) or "")
    db.session.rollback()
    return psutil.Process(int((directory / "postmaster.pid").read_text().split()[0]))


def processor_seconds(server: psutil.Process) -> float:
    """Of all its processes that live; the connections of our pools do."""
    total = 0.0
    for process in (server, *server.children(recursive=True)):
        times = process.cpu_times()
        total += times.user + times.system
    return total


def transactions() -> int:
    query = text("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
    count = db.session.scalar(query) or 0
    db.session.rollback()
    return count


if __name__ == "__main__":
    sys.exit(main())
