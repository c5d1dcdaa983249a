"""How much of the engine's speed a whole campaign keeps: `python -m benchmarks.campaign`.

One side is a campaign as a marketer starts it: offers and jobs in PostgreSQL, a worker with its threads, claims,
prompts, the choice of drafts, texts stored. The other gives the engine the very same prompts at once and throws the
texts away. They take turns on one loaded model.
"""

import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.amounts import amount, read_amounts
from benchmarks.reporting import report
from benchmarks.studio import application
from marketing_app.campaigns import services
from marketing_app.campaigns.services import ClientChoice
from marketing_app.campaigns.writing import Attempt, _read_brief, _seed
from marketing_app.database import db
from marketing_app.demonstration.services import load_demonstration
from marketing_app.language_model.services import start_model
from marketing_app.llm.engine import Options, Priority, Prompt
from marketing_app.llm.registry import model
from marketing_app.models import Campaign, Client, Message, Offer, Project, ProjectSaleChannel, SaleChannel
from marketing_app.offers.checking import angle_of
from marketing_app.worker import Worker

BOUND = 0.90
LOADING_SECONDS = 120
LOOK_SECONDS = 0.25
WARMING_TEXTS = 8


@dataclass(frozen=True)
class Amounts:
    texts: int = amount(96, "offers of each campaign")
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
            run_campaign(min(WARMING_TEXTS, amounts.texts))
            for _ in range(amounts.rounds):
                campaign_id, pace = run_campaign(amounts.texts)
                runs["campaign"].append(pace)
                runs["engine"].append(run_engine(campaign_id))
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


def run_campaign(count: int) -> tuple[int, float]:
    """The campaign's id, and texts a minute from the press of the button to the last offer stored."""
    channel = text_message_channel()
    author = db.session.get_one(Project, channel.project_id).members[0].user
    chosen = ClientChoice(client_ids=tuple(client.id for client in clients_of(channel, count)))
    started = time.perf_counter()
    campaign = services.start_campaign(
        channel, channel.versions[0], chosen, name="Осень", drafts=1, seed=1, author=author
    )
    db.session.commit()
    number = campaign.id
    while not has_finished(number):
        time.sleep(LOOK_SECONDS)
    return number, texts_of(number) / (time.perf_counter() - started) * 60


def texts_of(campaign_id: int) -> int:
    """How many the model wrote: those of further rounds too, where the checks refused the first."""
    rounds = db.select(db.func.sum(Message.round_count)).join(Offer, Offer.id == Message.offer_id)
    return db.session.scalar(rounds.where(Offer.campaign_id == campaign_id)) or 0


def has_finished(campaign_id: int) -> bool:
    finished_at = db.session.scalar(db.select(Campaign.finished_at).filter_by(id=campaign_id))
    db.session.rollback()
    return finished_at is not None


def run_engine(campaign_id: int) -> float:
    """Texts a minute of the engine alone, asked what the campaign asked it first for each offer."""
    asked = requests_of(campaign_id)
    engine = model.engine()
    started = time.perf_counter()
    generations = [engine.submit(prompt, options, priority=Priority.CAMPAIGN) for prompt, options in asked]
    for generation in generations:
        generation.result()
    return len(asked) / (time.perf_counter() - started) * 60


def requests_of(campaign_id: int) -> Sequence[tuple[Prompt, Options]]:
    """The prompts and options of a finished campaign, made in the way of its writer."""
    version_id = db.session.get_one(Campaign, campaign_id).prompt_version_id
    brief = _read_brief(campaign_id, version_id)
    offers = db.select(Offer, Client).join(Client, Client.id == Offer.client_id).where(Offer.campaign_id == campaign_id)
    requests = []
    for offer, client in db.session.execute(offers.order_by(Offer.id)):
        angle = angle_of(offer.benefit_id, offer.angle)
        attempt = Attempt(
            offer.id, offer.attempt_count, campaign_id, version_id, client.id, client.data, is_opted_out=False
        )
        seed = _seed(brief, attempt)
        prompt = brief.frame.exact_prompt(brief.text, client.data, angle=angle.text, variant=seed)
        requests.append((prompt, replace(brief.options, seed=seed)))
    db.session.rollback()
    return requests


def clients_of(channel: ProjectSaleChannel, count: int) -> list[Client]:
    query = db.select(Client).filter_by(project_id=channel.project_id).order_by(Client.id).limit(count)
    return list(db.session.scalars(query))


if __name__ == "__main__":
    sys.exit(main())
