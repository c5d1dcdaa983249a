"""What the checks say of the texts of the embedded model: `python -m benchmarks.quality`.

Five products, each offered to forty of two hundred invented clients in all eight channels: 1,600 offers, written by
campaigns as a marketer starts them, with the benefits, the rules and the endings of the demonstration. The ratio is the
share of offers that pass the checks in the end. `--keep FILE` keeps every text with what the checks say of it, one
JSON object a line, to be read by eye.

To pass is not to be good. How good texts are, two people tell: `--sheet FILE --seed N` writes eighty texts for them,
ten a channel, in random order and without verdicts, and FILE.key.json with what belongs to each number; `--score
FILE.key.json --first MARKS --second MARKS` counts what they said. The seed draws the clients and the order.
"""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks.amounts import amount, read_amounts
from benchmarks.reading import score
from benchmarks.reporting import Bound, report
from benchmarks.sheet import PER_CHANNEL, write_sheet
from benchmarks.studio import application
from benchmarks.texts import Text, distinct_in_groups, said_findings, share, stored_texts
from marketing_app.accounts.services import create_user
from marketing_app.campaigns import services
from marketing_app.campaigns.services import ClientChoice
from marketing_app.checks.registry import passes
from marketing_app.client_imports.columns import FIELD_PREFIX, ColumnPlan, Target
from marketing_app.client_imports.services import load_rows
from marketing_app.database import db
from marketing_app.demonstration.catalogue import CHANNELS
from marketing_app.demonstration.clients import generate
from marketing_app.demonstration.endings import BANK
from marketing_app.demonstration.services import ID_COLUMN, add_catalogue, numbered
from marketing_app.language_model.calibration import calibrate
from marketing_app.language_model.services import start_model
from marketing_app.llm.registry import model
from marketing_app.models import (
    Campaign,
    Client,
    Offer,
    Product,
    Project,
    ProjectSaleChannel,
    SaleChannel,
    User,
)
from marketing_app.projects.services import create_project
from marketing_app.worker import Worker

PRODUCTS = ("PK", "CC", "DEPOSIT", "DC", "INS_PROPERTY")
BOUND = 0.90
LEAST_DISTINCT = 0.80
LEAST_SAID = 0.80
LEAST_DISTINCT_IN_GROUP = 0.50
LOADING_SECONDS = 120
LANGUAGE = "ru"
ADULT = 18
AT_ONCE = 4
"""Texts at a time where each campaign has two: the prompts of more campaigns than the engine keeps beginnings of would
each be read whole."""
LOOK_SECONDS = 1
SAY_SECONDS = 60


@dataclass(frozen=True)
class Amounts:
    clients: int = amount(200, "clients, spread over the products")
    products: int = amount(len(PRODUCTS), "how many of the products")
    channels: int = amount(len(CHANNELS), "how many of the channels")
    drafts: int = amount(8, "drafts of each offer")
    keep: str = amount("", "a file that keeps all texts")
    sheet: str = amount("", "a file of two texts of each product and channel, to be read blind")
    seed: int = amount(1, "what draws the clients of a sheet and its order")
    score: str = amount("", "the key of a sheet that two people have read")
    first: str = amount("", "the marks of one")
    second: str = amount("", "the marks of the other")
    page: str = amount("", "a file for every text of the sheet with its marks")


def main() -> int:
    amounts = read_amounts(Amounts, __doc__)
    if amounts.score:
        page = Path(amounts.page) if amounts.page else None
        return score(Path(amounts.score), [Path(amounts.first), Path(amounts.second)], page)
    texts = written_texts(amounts)
    if amounts.sheet:
        key = write_sheet(texts, Path(amounts.sheet), amounts.seed)
        print(f"{amounts.sheet} has {len(texts)} texts to read; do not look into {key} before.")
        return 0
    if amounts.keep:
        Path(amounts.keep).write_text("".join(f"{line}\n" for line in _lines(texts)))
    return result_of(texts)


def written_texts(amounts: Amounts) -> list[Text]:
    with application(bank_name=BANK) as app, app.app_context():
        add_catalogue()
        manager = create_user("manager@bank.example", "Manager", "a-long-password-2026", is_administrator=False)
        rows = _rows(amounts)
        for place, key in enumerate(PRODUCTS[: amounts.products]):
            start_campaigns(key, rows[place :: amounts.products], manager, amounts)
        db.session.commit()
        start_model(app)
        if not model.wait(LOADING_SECONDS):
            raise SystemExit("the model did not load")
        calibrate(model.engine(), [LANGUAGE])
        worker = Worker(app, AT_ONCE if amounts.sheet else None)
        worker.start()
        try:
            wait_for_all()
        finally:
            worker.stop()
            worker.join(30)
        model.close()
        return list(stored_texts())


def start_campaigns(product_key: str, rows: list[dict[str, object]], manager: User, amounts: Amounts) -> None:
    """A project of these clients, with a campaign in each of its channels."""
    product = db.session.scalars(db.select(Product).filter_by(key=product_key)).one()
    channels = db.session.scalars(db.select(SaleChannel).order_by(SaleChannel.id).limit(amounts.channels)).all()
    project = create_project(product.name, product, "Начало учебного года", LANGUAGE, channels, manager)
    plan = [
        ColumnPlan(position, name, Target.CLIENT_ID if name == ID_COLUMN else FIELD_PREFIX + name)
        for position, name in enumerate(rows[0])
    ]
    load_rows(project, "clients", numbered(rows), plan, manager)
    for channel, choice in zip(project_channels(project), _choices(project, amounts), strict=True):
        services.start_campaign(
            channel,
            channel.versions[0],
            choice,
            name=channel.channel.name,
            drafts=amounts.drafts,
            seed=amounts.seed,
            author=manager,
        )


def project_channels(project: Project) -> Sequence[ProjectSaleChannel]:
    query = db.select(ProjectSaleChannel).filter_by(project_id=project.id).order_by(ProjectSaleChannel.id)
    return db.session.scalars(query).all()


def _rows(amounts: Amounts) -> list[dict[str, object]]:
    if amounts.sheet:
        wanted = amounts.products * amounts.channels * PER_CHANNEL
        return list(islice(filter(_is_adult, generate(10 * wanted, amounts.seed)), wanted))
    return list(generate(amounts.clients))


def _is_adult(client: dict[str, object]) -> bool:
    """Whether the client is of age. Marketers choose adults for these products, so readers judge adults only."""
    return float(str(client["age"]).replace(",", ".")) >= ADULT


def _choices(project: Project, amounts: Amounts) -> list[ClientChoice]:
    """By channel: all clients of the project, or for a sheet others in each."""
    if not amounts.sheet:
        return [ClientChoice()] * amounts.channels
    ids = db.session.scalars(db.select(Client.id).filter_by(project_id=project.id).order_by(Client.id)).all()
    return [ClientChoice(client_ids=tuple(ids[place :: amounts.channels])) for place in range(amounts.channels)]


def wait_for_all() -> None:
    """Until every campaign is finished; says how far it is once a minute."""
    started = said = time.monotonic()
    while running := db.session.scalar(db.select(db.func.count()).where(Campaign.finished_at.is_(None))):
        if time.monotonic() - said >= SAY_SECONDS:
            said = time.monotonic()
            written = db.session.scalar(db.select(db.func.count()).where(Offer.text != ""))
            print(f"{(said - started) / 60:5.1f} minutes: {written} texts, {running} campaigns to go", flush=True)
        db.session.rollback()
        time.sleep(LOOK_SECONDS)


def result_of(texts: Sequence[Text]) -> int:
    """Print the shares, by channel and in all; the exit status is 0 where all bounds hold."""
    for channel in dict.fromkeys(each.channel for each in texts):
        _tell(channel, [each for each in texts if each.channel == channel])
    shares = _tell("all", texts)
    runs = {name: [share] for name, share in shares.items()}
    also = {
        "distinct": Bound(shares["distinct"], LEAST_DISTINCT, "higher"),
        "benefit said": Bound(shares["benefit said"], LEAST_SAID, "higher"),
        "distinct in a group": Bound(shares["distinct in a group"], LEAST_DISTINCT_IN_GROUP, "higher"),
    }
    return report("quality", shares["in the end"], BOUND, "higher", runs, also)


def _tell(whose: str, texts: Sequence[Text]) -> dict[str, float]:
    """The shares of these texts, printed; distinct ones and those that say their benefit are counted among the passing.

    "In a group" is among the texts of one channel and product: the lowest and the median share of all groups.
    """
    passed = [each for each in texts if each.passes]
    lowest, median = distinct_in_groups(passed)
    shares = {
        "first draft": share(sum(bool(each.text) and passes(each.first) for each in texts), len(texts)),
        "in the end": share(len(passed), len(texts)),
        "distinct": share(len({each.text for each in passed}), len(passed)),
        "distinct in a group": lowest,
        "distinct in the median group": median,
        "benefit said": share(sum(each.is_benefit_said for each in passed), len(passed)),
        "of the text bank": share(sum(each.is_of_text_bank for each in texts), len(texts)),
    }
    print(f"{whose:14} {len(texts):5} offers:", ", ".join(f"{name} {figure:.3f}" for name, figure in shares.items()))
    return shares


def _lines(texts: Sequence[Text]) -> Iterator[str]:
    for each in texts:
        kept = vars(each) | {"first": passes(each.first), "findings": said_findings(each.findings)}
        yield json.dumps(kept, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
