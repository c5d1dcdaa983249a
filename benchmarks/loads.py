"""What the benchmarks of loads share: a load of a file as the worker does it, its time, and how far the memory grew."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event, Thread

import psutil
from flask import Flask

from benchmarks.reporting import Bound
from marketing_app.accounts.services import create_user
from marketing_app.client_imports import services, sources
from marketing_app.client_imports.columns import FIELD_PREFIX, ColumnPlan, Target
from marketing_app.client_imports.loading import BackgroundLoads
from marketing_app.database import db
from marketing_app.demonstration.services import ACCOUNTS, MANAGER, add_catalogue, add_project
from marketing_app.imports.reading import Limits
from marketing_app.models import Client, ClientImport, ClientSource, Duplicates, ImportState, Project, User

ALLOWED_MIB = 300
SAMPLE_SECONDS = 0.2
"""To look through all processes for our children takes some milliseconds of a core."""


@dataclass(frozen=True)
class Load:
    rows: int
    seconds: float
    growth_mib: float

    def __str__(self) -> str:
        speed = f"{self.rows / self.seconds:,.0f} rows a second"
        return f"{self.rows:,} rows loaded in {self.seconds:.2f} s ({speed}), memory grew by {self.growth_mib:.0f} MiB"


def a_project(app: Flask) -> int:
    with app.app_context():
        for account in ACCOUNTS:
            create_user(account.email, account.name, account.password, is_administrator=False)
        add_catalogue()
        project = add_project()
        db.session.commit()
        return project.id


@contextmanager
def loaded(app: Flask, project_id: int, path: Path) -> Iterator[Load]:
    """Load the file, look at it first as an upload does; its clients are there while the block runs."""
    load_id = _kept(app, project_id, path)
    settle(app)
    with _growth() as samples:
        seconds = timed(partial(BackgroundLoads(app).carry_out, load_id))
    yield Load(_all_added(app, load_id), seconds, max(samples) - samples[0])
    _take_back(app, load_id)


def settle(app: Flask) -> None:
    """Write out what another side left to write, so that no side pays for the one before it."""
    with app.app_context(), db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(db.text("CHECKPOINT"))


def timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def middle_ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """The middle one of the ratios of turns."""
    return statistics.median(above / below for above, below in zip(over, under, strict=True))


def growth_bound(loads: Sequence[Load]) -> Bound:
    return Bound(max(load.growth_mib for load in loads), ALLOWED_MIB, "lower")


def _kept(app: Flask, project_id: int, path: Path) -> int:
    """Keep the file as an upload does, and queue its load; returns the load's id."""
    with app.app_context():
        project = db.session.get_one(Project, project_id)
        author = db.session.scalars(db.select(User).filter_by(email=MANAGER.email)).one()
        with path.open("rb") as stream:
            source = sources.keep_file(project, path.name, stream, author, Limits(max_bytes=2**30))
        plan = [
            ColumnPlan(place, name, Target.CLIENT_ID if name == "client_id" else FIELD_PREFIX + name)
            for place, name in enumerate(_names_of(source))
        ]
        load = services.start_import(source, plan, Duplicates.SKIP, author)
        db.session.commit()
        return load.id


def _names_of(source: ClientSource) -> list[str]:
    return [column["name"] for column in source.profile["columns"]]


def _all_added(app: Flask, load_id: int) -> int:
    """Make sure that every row is a client now; returns their number."""
    with app.app_context():
        load = db.session.get_one(ClientImport, load_id)
        assert load.state is ImportState.FINISHED, load.failure
        assert load.added_count == load.row_count
        return load.added_count


def _take_back(app: Flask, load_id: int) -> None:
    """And clear their place, so that the database does not do it beside the next side."""
    with app.app_context():
        db.session.execute(db.delete(Client).filter_by(import_id=load_id))
        services.undo_import(db.session.get_one(ClientImport, load_id))
        db.session.commit()
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(db.text("VACUUM client"))


@contextmanager
def _growth() -> Iterator[list[float]]:
    """Resident MiB of this process and its children, sampled while the block runs; the first is from before."""
    samples = [_resident()]
    ended = Event()

    def watch() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            samples.append(_resident())

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield samples
    finally:
        ended.set()
        watcher.join()


def _resident() -> float:
    """The embedded PostgreSQL is no child of ours: it runs as a process of its own."""
    ours = psutil.Process()
    total = 0
    for process in (ours, *ours.children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 2**20
