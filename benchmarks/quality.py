"""How good the texts of the embedded model are: `python -m benchmarks.quality`.

Five products, each offered to forty of two hundred invented clients in all eight channels: 1,600 offers, written by
campaigns as a marketer starts them, with the benefits, the rules and the endings of the demonstration. The ratio is the
share of offers that pass the checks in the end. `--texts FILE` keeps every text with what the checks say of it, one
JSON object a line, to be read by eye.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reporting import report
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

CLIENTS = 200
PRODUCTS = ("PK", "CC", "DEPOSIT", "DC", "INS_PROPERTY")
DRAFTS = 2
BOUND = 0.90
LEAST_DISTINCT = 0.80
LEAST_SAID = 0.80
LOADING_SECONDS = 120
LOOK_SECONDS = 5


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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, help="keep all texts in this file")
    parser.add_argument("--clients", type=int, default=CLIENTS, help="how many clients, for a shorter run")
    arguments = parser.parse_args()
    texts = written_texts(arguments.clients)
    if arguments.texts:
        arguments.texts.write_text("".join(f"{line}\n" for line in _lines(texts)))
    return result_of(texts)


def written_texts(client_count: int) -> list[Text]:
    with application() as app, app.app_context():
        add_catalogue()
        manager = create_user("manager@bank.example", "Manager", "a-long-password-2026", is_administrator=False)
        rows = list(generate(client_count))
        for place, key in enumerate(PRODUCTS):
            start_campaigns(key, rows[place :: len(PRODUCTS)], manager)
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


def start_campaigns(product_key: str, rows: list[dict[str, object]], manager: User) -> None:
    """A project of these clients, with a campaign in every channel."""
    product = db.session.scalars(db.select(Product).filter_by(key=product_key)).one()
    channels = db.session.scalars(db.select(SaleChannel)).all()
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
            drafts=DRAFTS,
            seed=1,
            author=manager,
        )


def project_channels(project: Project) -> Sequence[ProjectSaleChannel]:
    return db.session.scalars(db.select(ProjectSaleChannel).filter_by(project_id=project.id)).all()


def wait_for_all() -> None:
    """Until every campaign is finished; says how far it is once a minute."""
    started = time.monotonic()
    while running := db.session.scalar(db.select(db.func.count()).where(Campaign.finished_at.is_(None))):
        written = db.session.scalar(db.select(db.func.count()).where(Offer.text != ""))
        db.session.rollback()
        minutes = (time.monotonic() - started) / 60
        if round(minutes * 60 / LOOK_SECONDS) % 12 == 0:
            print(f"{minutes:5.1f} minutes: {written} texts, {running} campaigns to go", flush=True)
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
    status = report("quality", shares["in the end"], BOUND, "higher", runs)
    return status or int(shares["distinct"] < LEAST_DISTINCT or shares["benefit said"] < LEAST_SAID)


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
