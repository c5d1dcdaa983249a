"""What the benchmarks of loads share: a kept file, its load as the worker does it, and how far the memory grew."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event, Thread

import psutil
from flask import Flask

from benchmarks.reporting import Bound, report
from benchmarks.studio import application
from marketing_app.accounts.services import create_user
from marketing_app.client_imports import services, sources
from marketing_app.client_imports.columns import FIELD_PREFIX, ColumnPlan, Target
from marketing_app.client_imports.loading import BackgroundLoads
from marketing_app.database import db
from marketing_app.demonstration.services import ACCOUNTS, MANAGER, add_catalogue, add_project
from marketing_app.imports.reading import Limits
from marketing_app.models import Client, ClientImport, ClientSource, Duplicates, ImportState, Project, User

ALLOWED_MIB = 300
SAMPLE_SECONDS = 0.02


def compare(name: str, path: Path, bound: float, parse: Callable[[Path], int], rounds: int) -> int:
    """Parse the file and load it, in turns; the ratio is the middle one of the pairs. Exit status as of report()."""
    parsed, loaded, grown = [], [], []
    with application() as app:
        with app.app_context():
            project_id = a_project()
        for _round in range(rounds):
            parsed.append(timed(partial(parse, path)))
            load_id = kept(app, project_id, path)
            with growth() as samples:
                loaded.append(timed(partial(BackgroundLoads(app).carry_out, load_id)))
            grown.append(max(samples) - samples[0])
            rows = undone(app, load_id)
            print(f"{rows:,} rows: parsed in {parsed[-1]:.2f} s, loaded in {loaded[-1]:.2f} s ", end="")
            print(f"({rows / loaded[-1]:,.0f} rows a second), memory grew by {grown[-1]:.0f} MiB", flush=True)
    ratio = statistics.median(load / parse for load, parse in zip(loaded, parsed, strict=True))
    runs = {"parsed s": parsed, "loaded s": loaded, "growth MiB": grown}
    return report(name, ratio, bound, "lower", runs, {"growth MiB": Bound(max(grown), ALLOWED_MIB, "lower")})


def a_project() -> int:
    for account in ACCOUNTS:
        create_user(account.email, account.name, account.password, is_administrator=False)
    add_catalogue()
    project = add_project()
    db.session.commit()
    return project.id


def kept(app: Flask, project_id: int, path: Path) -> int:
    """Keep the file as an upload does, and queue its load; returns the load's id."""
    with app.app_context():
        project = db.session.get_one(Project, project_id)
        author = db.session.scalars(db.select(User).filter_by(email=MANAGER.email)).one()
        with path.open("rb") as stream:
            source = sources.keep_file(project, path.name, stream, author, Limits(max_bytes=2**30))
        plan = [
            ColumnPlan(place, name, Target.CLIENT_ID if name == "client_id" else FIELD_PREFIX + name)
            for place, name in enumerate(names_of(source))
        ]
        load = services.start_import(source, plan, Duplicates.SKIP, author)
        db.session.commit()
        return load.id


def names_of(source: ClientSource) -> list[str]:
    return [column["name"] for column in source.profile["columns"]]


def undone(app: Flask, load_id: int) -> int:
    """Make sure that every row is a client now, and take them back; returns their number."""
    with app.app_context():
        load = db.session.get_one(ClientImport, load_id)
        assert load.state is ImportState.FINISHED, load.failure
        assert load.added_count == load.row_count
        count = load.added_count
        db.session.execute(db.delete(Client).filter_by(import_id=load.id))
        services.undo_import(load)
        db.session.commit()
        return count


def timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


@contextmanager
def growth() -> Iterator[list[float]]:
    """Resident MiB of this process and its children, sampled while the block runs; the first is from before."""
    samples = [resident()]
    ended = Event()

    def watch() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            samples.append(resident())

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield samples
    finally:
        ended.set()
        watcher.join()


def resident() -> float:
    """The embedded PostgreSQL is no child of ours: it runs as a process of its own."""
    ours = psutil.Process()
    total = 0
    for process in (ours, *ours.children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 2**20
