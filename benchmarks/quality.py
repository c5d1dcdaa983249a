"""How good the texts of the embedded model are: `python -m benchmarks.quality`.

Five products, each offered to forty of two hundred invented clients in all eight channels: 1,600 offers, written by
campaigns as a marketer starts them, with the benefits, the rules and the endings of the demonstration. The ratio is the
share of offers that pass the checks in the end. `--keep FILE` keeps every text with what the checks say of it, one
JSON object a line, to be read by eye.
"""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.amounts import amount, read_amounts
from benchmarks.reporting import Bound, report
from benchmarks.studio import application
from marketing_app.accounts.services import create_user
from marketing_app.campaigns import services
from marketing_app.campaigns.services import ClientChoice
from marketing_app.checks.angle import is_said
from marketing_app.checks.findings import Finding
from marketing_app.checks.registry import passes
from marketing_app.client_imports.columns import FIELD_PREFIX, ColumnPlan, Target
from marketing_app.client_imports.services import load_rows
from marketing_app.database import db
from marketing_app.demonstration.catalogue import CHANNELS
from marketing_app.demonstration.clients import generate
from marketing_app.demonstration.services import ID_COLUMN, add_catalogue, numbered
from marketing_app.language_model.services import start_model
from marketing_app.llm.registry import model
from marketing_app.models import (
    Campaign,
    Message,
    Offer,
    Product,
    Project,
    ProjectSaleChannel,
    SaleChannel,
    User,
)
from marketing_app.offers.checking import check_draft, facts_of_offer
from marketing_app.projects.services import create_project
from marketing_app.worker import Worker

PRODUCTS = ("PK", "CC", "DEPOSIT", "DC", "INS_PROPERTY")
BOUND = 0.90
LEAST_DISTINCT = 0.80
LEAST_SAID = 0.80
LOADING_SECONDS = 120
LOOK_SECONDS = 1
SAY_SECONDS = 60


@dataclass(frozen=True)
class Text:
    """What a client would get. `first` are the findings of the first draft of all, `findings` those of the text."""

    channel: str
    product: str
    angle: str
    client: str
    text: str
    first: list[Finding]
    findings: list[Finding]
    is_benefit_said: bool


@dataclass(frozen=True)
class Amounts:
    clients: int = amount(200, "clients, spread over the products")
    products: int = amount(len(PRODUCTS), "how many of the products")
    channels: int = amount(len(CHANNELS), "how many of the channels")
    drafts: int = amount(2, "drafts of each offer")
    keep: str = amount("", "a file that keeps all texts")


def main() -> int:
    amounts = read_amounts(Amounts, __doc__)
    texts = written_texts(amounts)
    if amounts.keep:
        Path(amounts.keep).write_text("".join(f"{line}\n" for line in _lines(texts)))
    return result_of(texts)


def written_texts(amounts: Amounts) -> list[Text]:
    with application() as app, app.app_context():
        add_catalogue()
        manager = create_user("manager@bank.example", "Manager", "a-long-password-2026", is_administrator=False)
        rows = list(generate(amounts.clients))
        for place, key in enumerate(PRODUCTS[: amounts.products]):
            start_campaigns(key, rows[place :: amounts.products], manager, amounts)
        db.session.commit()
        start_model(app)
        if not model.wait(LOADING_SECONDS):
            raise SystemExit("the model did not load")
        worker = Worker(app)
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
    project = create_project(product.name, product, "Начало учебного года", "ru", channels, manager)
    plan = [
        ColumnPlan(position, name, Target.CLIENT_ID if name == ID_COLUMN else FIELD_PREFIX + name)
        for position, name in enumerate(rows[0])
    ]
    load_rows(project, "clients", numbered(rows), plan, manager)
    for channel in project_channels(project):
        services.start_campaign(
            channel,
            channel.versions[0],
            ClientChoice(),
            name=channel.channel.name,
            drafts=amounts.drafts,
            seed=1,
            author=manager,
        )


def project_channels(project: Project) -> Sequence[ProjectSaleChannel]:
    return db.session.scalars(db.select(ProjectSaleChannel).filter_by(project_id=project.id)).all()


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


def stored_texts() -> Iterator[Text]:
    """All of them, held against the rules once more."""
    for offer in db.session.scalars(db.select(Offer).order_by(Offer.id)):
        draft = db.session.get(Message, offer.current_id) if offer.current_id else None
        facts = facts_of_offer(offer, draft.prompt if draft else "")
        findings = check_draft(offer.text, facts)
        yield Text(
            channel=offer.project_channel.channel.key,
            product=facts.product.name,
            angle=offer.angle,
            client=facts.client.told,
            text=offer.text,
            first=check_draft(str(draft.drafts[0][0]), facts) if draft else [],
            findings=findings,
            is_benefit_said=is_said(offer.text, facts.angle),
        )


def result_of(texts: Sequence[Text]) -> int:
    """Print the shares, by channel and in all; the exit status is 0 where all bounds hold."""
    for channel in dict.fromkeys(each.channel for each in texts):
        _tell(channel, [each for each in texts if each.channel == channel])
    shares = _tell("all", texts)
    runs = {name: [share] for name, share in shares.items()}
    also = {
        "distinct": Bound(shares["distinct"], LEAST_DISTINCT, "higher"),
        "benefit said": Bound(shares["benefit said"], LEAST_SAID, "higher"),
    }
    return report("quality", shares["in the end"], BOUND, "higher", runs, also)


def _tell(whose: str, texts: Sequence[Text]) -> dict[str, float]:
    """The shares of these texts, printed; distinct ones and those that say their benefit are counted among the
    passing."""
    passed = [each for each in texts if each.text and passes(each.findings)]
    shares = {
        "first draft": _share(sum(bool(each.text) and passes(each.first) for each in texts), len(texts)),
        "in the end": _share(len(passed), len(texts)),
        "distinct": _share(len({each.text for each in passed}), len(passed)),
        "benefit said": _share(sum(each.is_benefit_said for each in passed), len(passed)),
    }
    print(f"{whose:14} {len(texts):5} offers:", ", ".join(f"{name} {share:.3f}" for name, share in shares.items()))
    return shares


def _share(count: int, whole: int) -> float:
    return count / whole if whole else 0.0


def _lines(texts: Sequence[Text]) -> Iterator[str]:
    for each in texts:
        said = [[found.severity.value, found.rule, found.message % found.values] for found in each.findings]
        yield json.dumps({**vars(each), "first": passes(each.first), "findings": said}, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
