"""How much slower a page is at 100,000 clients and offers than at 100: `python -m benchmarks.pages`.

Both projects stand in one database and are asked in turn, each page several times. A filter looks at every client by
its nature, so its pages are held against the bare scan that it needs.
"""

import statistics
import sys
import time
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Select, text

from benchmarks.amounts import amount, read_amounts
from benchmarks.reporting import Bound, report
from benchmarks.studio import application
from marketing_app.database import db
from marketing_app.models import Campaign, Client, Offer, Project, ProjectSaleChannel, User
from tests import factories

BOUND = 2.0
FILTERS_BOUND = 5.0
SCAN = "bare scan"
AGES = "how.data.age=between&from.data.age=30&to.data.age=45"
FILTERS = (
    f"/clients?{AGES}",
    "/clients?how.data.age=filled&page=4000",
    "/clients?how.data.age=filled&how.opted_out=no&order=client_id",
    f"/clients/count?{AGES}",
)
PAGES = (
    "",
    "/channels",
    "/channels/{channel}",
    "/members",
    "/clients",
    "/clients?search=C9",
    "/clients/{client}",
    "/segments",
    "/offers",
    "/offers?outcome=sold",
    "/offers?campaign_id={campaign}&state=ready",
    "/campaigns",
    "/campaigns/new",
    "/campaigns/{campaign}",
    "/offers/write",
    "/offers/write?channel_id={channel}&client_id={client}",
    "/offers/{offer}",
    "/statistics",
    *FILTERS,
)


@dataclass(frozen=True)
class Amounts:
    small: int = amount(100, "clients and offers of one project")
    large: int = amount(100_000, "clients and offers of the other")
    rounds: int = amount(15, "how often each page is asked for, after two times that are not counted")


def main() -> int:
    amounts = read_amounts(Amounts, __doc__)
    with application() as app:
        return result_of(compare(app, amounts), amounts)


def compare(app: Flask, amounts: Amounts) -> dict[str, list[float]]:
    """Milliseconds per page and size."""
    with app.app_context():
        manager = factories.a_user()
        projects = {size: filled_project(manager, size) for size in (amounts.small, amounts.large)}
        paths = {size: paths_of(project) for size, project in projects.items()}
        scan = bare_scan(projects[amounts.large])
        email = manager.email
        db.session.commit()
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    visitor = app.test_client()
    visitor.post("/sign-in", data={"email": email, "password": factories.PASSWORD})
    taken: dict[str, list[float]] = {}
    for turn in range(amounts.rounds + 2):
        for position, page in enumerate(PAGES):
            for size in (amounts.small, amounts.large):
                milliseconds = ask(visitor, paths[size][position])
                if turn >= 2:
                    taken.setdefault(f"{page or '/'} {size}", []).append(milliseconds)
        with app.app_context():
            taken.setdefault(SCAN, []).append(time_of_scan(scan))
    return taken


def bare_scan(project: Project) -> Select[tuple[int]]:
    """What a filter cannot do without: a look at one field of every client."""
    return db.select(db.func.count()).where(Client.project_id == project.id, Client.data["age"].astext.is_not(None))


def time_of_scan(scan: Select[tuple[int]]) -> float:
    start = time.perf_counter()
    db.session.scalar(scan)
    return (time.perf_counter() - start) * 1000


def ask(visitor: FlaskClient, path: str) -> float:
    start = time.perf_counter()
    answer = visitor.get(path, buffered=True)
    passed = (time.perf_counter() - start) * 1000
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}")
    return passed


def filled_project(manager: User, size: int) -> Project:
    """A project with that many clients and a campaign for all of them that finished yesterday, put in by two
    statements."""
    project = factories.a_project(manager)
    factories.a_field(project)
    first = factories.a_client(project, "C0")
    campaign = factories.a_campaign(project, offer_count=size, finished_at=db.func.now() - timedelta(days=1))
    values = {"project": project.id, "load": first.import_id, "size": size - 1}
    db.session.execute(
        text(
            "INSERT INTO client (project_id, import_id, outside_id, data, fingerprint)"
            " SELECT :project, :load, 'C' || n,"
            " jsonb_build_object('age', 18 + n % 70, 'cnt_tr_all_3m', n % 400), md5(n::text) || md5((n + 1)::text)"
            " FROM generate_series(1, :size) n"
        ),
        values,
    )
    db.session.execute(
        text(
            "INSERT INTO offer (project_id, project_channel_id, campaign_id, prompt_version_id, client_id, outcome,"
            " text, state, failure, failure_detail, attempt_count, written_at)"
            " SELECT campaign.project_id, project_channel_id, campaign.id, prompt_version_id, client.id,"
            " (ARRAY['unknown', 'sold', 'negative'])[1 + client.id % 3],"
            " 'Карта с лимитом до 1 млн рублей. Оформите в приложении.', 'ready', '', '{}', 1, finished_at"
            " FROM campaign JOIN client ON client.project_id = campaign.project_id WHERE campaign.id = :campaign"
        ),
        {"campaign": campaign.id},
    )
    db.session.commit()
    return project


def paths_of(project: Project) -> list[str]:
    channel = db.session.scalars(db.select(ProjectSaleChannel.id).filter_by(project_id=project.id)).one()
    client = db.session.scalar(db.select(db.func.min(Client.id)).filter_by(project_id=project.id))
    offer = db.session.scalar(db.select(db.func.min(Offer.id)).filter_by(project_id=project.id))
    campaign = db.session.scalar(db.select(Campaign.id).filter_by(project_id=project.id))
    numbers = {"channel": channel, "client": client, "offer": offer, "campaign": campaign}
    return [f"/projects/{project.id}" + page.format(**numbers) for page in PAGES]


def result_of(taken: dict[str, list[float]], amounts: Amounts) -> int:
    medians = {name: round(statistics.median(values), 2) for name, values in taken.items()}
    for name, value in medians.items():
        print(f"{value:8.2f} ms  {name}")
    filtered = max(medians[f"{page} {amounts.large}"] for page in FILTERS)
    small, large = (
        max(medians[f"{page or '/'} {size}"] for page in PAGES if page not in FILTERS)
        for size in (amounts.small, amounts.large)
    )
    filters = {"filters over the bare scan": Bound(filtered / medians[SCAN], FILTERS_BOUND, "lower")}
    return report("pages", large / small, BOUND, "lower", taken, filters)


if __name__ == "__main__":
    sys.exit(main())
