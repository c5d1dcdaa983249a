"""How much of the engine's speed a whole campaign keeps: `python -m benchmarks.campaign`.

One side is a campaign as a marketer starts it: offers and jobs in PostgreSQL, a worker with its threads, claims,
prompts, the choice of drafts, texts stored. The other asks the engine for all that the campaign asked it for, further
rounds of drafting as well, with the same prompts, seeds and order but all at once, and throws the texts away. So both
write the same texts, and the ratio is that of their times. They take turns on one loaded model.
"""

import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from benchmarks.amounts import amount, read_amounts
from benchmarks.reporting import report
from benchmarks.studio import application
from marketing_app.campaigns import services
from marketing_app.campaigns.services import ClientChoice
from marketing_app.database import db
from marketing_app.demonstration.services import load_demonstration
from marketing_app.language_model.services import start_model
from marketing_app.llm.engine import Engine, Generation, Options, Priority, Prompt
from marketing_app.llm.registry import model
from marketing_app.models import Campaign, Client, Project, ProjectSaleChannel, SaleChannel
from marketing_app.worker import Worker

BOUND = 0.90
LOADING_SECONDS = 120
LOOK_SECONDS = 0.1
WARMING_TEXTS = 8


@dataclass(frozen=True)
class Amounts:
    texts: int = amount(96, "offers of each campaign")
    drafts: int = amount(1, "drafts of each offer: with one, most of our own work falls on each text")
    rounds: int = amount(3, "turns of both sides")


def main() -> int:
    amounts = read_amounts(Amounts, __doc__)
    runs: dict[str, list[float]] = {"campaign": [], "engine": []}
    with application() as app, app.app_context():
        load_demonstration()
        db.session.commit()
        start_model(app)
        if not model.wait(LOADING_SECONDS):
            raise SystemExit("the model did not load")
        worker = Worker(app)
        worker.start()
        try:
            run_campaign(min(WARMING_TEXTS, amounts.texts), amounts.drafts)
            for _ in range(amounts.rounds):
                with recorded(model.engine()) as asked:
                    seconds = run_campaign(amounts.texts, amounts.drafts)
                texts = sum(options.candidates for _prompt, options in asked)
                runs["campaign"].append(texts / seconds * 60)
                runs["engine"].append(texts / run_engine(asked) * 60)
                print(f"{runs['campaign'][-1]:7.1f} of {runs['engine'][-1]:7.1f} texts a minute", flush=True)
        finally:
            worker.stop()
            worker.join(30)
        model.close()
    ratio = statistics.median(runs["campaign"]) / statistics.median(runs["engine"])
    return report("campaign", ratio, BOUND, "higher", runs)


def text_message_channel() -> ProjectSaleChannel:
    query = db.select(ProjectSaleChannel).join(SaleChannel).where(SaleChannel.key == "SMS")
    return db.session.scalars(query).one()


@contextmanager
def recorded(engine: Engine) -> Iterator[list[tuple[Prompt, Options]]]:
    """What the engine is asked for while the block runs."""
    asked: list[tuple[Prompt, Options]] = []
    submit = engine.submit

    def note(prompt: Prompt, options: Options, **others: Any) -> Generation:
        asked.append((prompt, options))
        return submit(prompt, options, **others)

    with patch.object(engine, "submit", note):
        yield asked


def run_campaign(count: int, drafts: int) -> float:
    """Seconds from the press of the button to the last offer stored."""
    channel = text_message_channel()
    author = db.session.get_one(Project, channel.project_id).members[0].user
    chosen = ClientChoice(client_ids=tuple(client.id for client in clients_of(channel, count)))
    started = time.perf_counter()
    campaign = services.start_campaign(
        channel, channel.versions[0], chosen, name="Осень", drafts=drafts, seed=1, author=author
    )
    db.session.commit()
    number = campaign.id
    while not has_finished(number):
        time.sleep(LOOK_SECONDS)
    return time.perf_counter() - started


def has_finished(campaign_id: int) -> bool:
    finished_at = db.session.scalar(db.select(Campaign.finished_at).filter_by(id=campaign_id))
    db.session.rollback()
    return finished_at is not None


def run_engine(asked: Sequence[tuple[Prompt, Options]]) -> float:
    """Seconds that the engine alone takes for all of it."""
    engine = model.engine()
    started = time.perf_counter()
    generations = [engine.submit(prompt, options, priority=Priority.CAMPAIGN) for prompt, options in asked]
    for generation in generations:
        generation.result()
    return time.perf_counter() - started


def clients_of(channel: ProjectSaleChannel, count: int) -> list[Client]:
    query = db.select(Client).filter_by(project_id=channel.project_id).order_by(Client.id).limit(count)
    return list(db.session.scalars(query))


if __name__ == "__main__":
    sys.exit(main())
