"""How much of the engine's speed a whole campaign keeps: `python -m benchmarks.campaign`.

One side is a campaign as a marketer starts it: offers and jobs in PostgreSQL, a worker with its threads, claims,
prompts, the choice of drafts, texts stored. The other gives the engine the very same prompts at once and throws the
texts away. They take turns on one loaded model.
"""

import statistics
import sys
import time
from dataclasses import replace

from benchmarks.reporting import report
from benchmarks.studio import application
from marketing_app.campaigns import services
from marketing_app.campaigns.services import ClientChoice
from marketing_app.database import db
from marketing_app.demonstration.services import load_demonstration
from marketing_app.language_model.services import start_model
from marketing_app.llm.engine import Priority, Prompt
from marketing_app.llm.registry import model
from marketing_app.models import Campaign, Client, Message, Offer, Project, ProjectSaleChannel, SaleChannel
from marketing_app.offers.angles import benefit_of
from marketing_app.offers.prompting import exact_prompt
from marketing_app.offers.services import options_for
from marketing_app.worker import Worker

TEXTS = 96
ROUNDS = 3
DRAFTS = 1
BOUND = 0.90
LOADING_SECONDS = 120
LOOK_SECONDS = 0.25


def main() -> int:
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
            run_campaign(8)
            for _ in range(ROUNDS):
                runs["campaign"].append(run_campaign(TEXTS))
                runs["engine"].append(run_engine(TEXTS))
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


def run_campaign(count: int) -> float:
    """Texts a minute from the press of the button to the last offer stored."""
    channel = text_message_channel()
    author = db.session.get_one(Project, channel.project_id).members[0].user
    chosen = ClientChoice(client_ids=tuple(client.id for client in clients_of(channel, count)))
    started = time.perf_counter()
    campaign = services.start_campaign(
        channel, channel.versions[0], chosen, name="Осень", drafts=DRAFTS, seed=1, author=author
    )
    db.session.commit()
    number = campaign.id
    while not has_finished(number):
        time.sleep(LOOK_SECONDS)
    return texts_of(number) / (time.perf_counter() - started) * 60


def texts_of(campaign_id: int) -> int:
    """How many the model wrote: those of further rounds too, where the checks refused the first."""
    rounds = db.select(db.func.sum(Message.round_count)).join(Offer, Offer.id == Message.offer_id)
    return DRAFTS * (db.session.scalar(rounds.where(Offer.campaign_id == campaign_id)) or 0)


def has_finished(campaign_id: int) -> bool:
    finished_at = db.session.scalar(db.select(Campaign.finished_at).filter_by(id=campaign_id))
    db.session.rollback()
    return finished_at is not None


def run_engine(count: int) -> float:
    """Texts a minute of the engine alone."""
    channel = text_message_channel()
    text = channel.versions[0].text
    prompts = [begun(channel, text, client) for client in clients_of(channel, count)]
    options = [replace(options_for(channel), candidates=DRAFTS, seed=number) for number in range(count)]
    db.session.rollback()
    engine = model.engine()
    started = time.perf_counter()
    generations = [
        engine.submit(prompt, each, priority=Priority.CAMPAIGN) for prompt, each in zip(prompts, options, strict=True)
    ]
    for generation in generations:
        generation.result()
    return count / (time.perf_counter() - started) * 60


def begun(channel: ProjectSaleChannel, text: str, client: Client) -> Prompt:
    """A client's prompt with the benefit that a campaign would choose."""
    benefit = benefit_of(channel, client)
    return exact_prompt(channel, text, client, angle=benefit.text if benefit else "")


def clients_of(channel: ProjectSaleChannel, count: int) -> list[Client]:
    query = db.select(Client).filter_by(project_id=channel.project_id).order_by(Client.id).limit(count)
    return list(db.session.scalars(query))


if __name__ == "__main__":
    sys.exit(main())
