"""Jobs of the queue, run by a real worker on the real queue."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import click
import pytest
from flask import Flask
from sqlalchemy import text

from marketing_app import worker
from marketing_app.campaigns.writing import OfferWriter
from marketing_app.client_imports.columns import FIELD_PREFIX, ColumnPlan, Target
from marketing_app.client_imports.loading import BackgroundLoads
from marketing_app.client_imports.services import start_import
from marketing_app.client_imports.staging import one_at_a_time
from marketing_app.database import db
from marketing_app.llm.registry import Registry
from marketing_app.llm.remote import RemoteEngine
from marketing_app.models import (
    Client,
    ClientImport,
    ClientSource,
    DraftState,
    Duplicates,
    ImportState,
    Message,
    MessageRole,
    Offer,
    Project,
)
from marketing_app.privacy import retention
from marketing_app.tasks import task_queue
from tests.factories import a_client, a_project, a_source
from tests.llm.model_servers import ScriptedServer, silent


def run_task(app: Flask, name: str) -> None:
    queue = task_queue(app, OfferWriter(app), BackgroundLoads(app))
    with queue.open():
        queue.configure_task(name).defer(timestamp=0)
    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as executor:
        executor.submit(queue.run_worker, wait=False, install_signal_handlers=False, listen_notify=False).result()
    db.session.rollback()


def test_a_draft_that_nobody_writes_any_more_is_closed(app: Flask) -> None:
    project = a_project()
    channel = project.channels[0]
    offer = Offer(
        project_id=project.id,
        project_channel_id=channel.id,
        client_id=a_client(project).id,
        prompt_version_id=channel.versions[0].id,
    )
    long_ago = db.func.now() - text("interval '1 hour'")
    offer.messages = [Message(role=MessageRole.DRAFT, state=DraftState.WRITING, text="Начало", touched_at=long_ago)]
    db.session.add(offer)
    db.session.commit()
    run_task(app, "close_abandoned_drafts")
    assert offer.messages[0].state is DraftState.FAILED and offer.messages[0].text == "Начало"


def test_sources_nobody_went_on_with_are_forgotten_after_a_week(app: Flask) -> None:
    project = a_project()
    for days in (6, 8):
        a_source(project, b"x", name=f"{days}", touched_at=db.func.now() - text(f"interval '{days} days'"))
    run_task(app, "remove_abandoned_sources")
    assert db.session.scalars(db.select(ClientSource.name)).all() == ["6"]


def test_a_queued_load_is_carried_out(app: Flask) -> None:
    a_load(a_project(), "A1")
    run_task(app, "close_abandoned_drafts")
    assert db.session.scalars(db.select(Client.outside_id)).all() == ["A1"]


def test_a_load_waits_neither_for_the_model_nor_behind_offers(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "model", Registry())  # one that goes on loading
    load = a_load(a_project(), "A1")
    with at_work(app):
        wait_until(lambda: states() == {ImportState.FINISHED: 1})
    db.session.refresh(load)
    assert load.added_count == 1


def test_two_loads_at_a_time_are_carried_out_and_the_others_wait(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "model", Registry())
    project = a_project()
    for number in range(5):
        a_load(project, f"A{number}")
    one_at_a_time(project.id)  # until our transaction ends, no load comes to its end
    with at_work(app):
        wait_until(lambda: states() == {ImportState.PLACING: 2, ImportState.WAITING: 3})
        time.sleep(2 * worker.POLLING_SECONDS)
        assert states() == {ImportState.PLACING: 2, ImportState.WAITING: 3}
        db.session.rollback()
        wait_until(lambda: states() == {ImportState.FINISHED: 5})


def test_what_keeps_house_goes_on_while_a_night_erases(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "model", Registry())
    begun, ended = threading.Event(), threading.Event()
    monkeypatch.setattr(retention, "is_night", lambda moment: True)
    monkeypatch.setattr(retention, "enforce_retention", lambda: begun.set() or ended.wait(60))
    with task_queue(app, OfferWriter(app), BackgroundLoads(app)).open() as queue:
        queue.configure_task("enforce_retention").defer(timestamp=0)
    with at_work(app):
        assert begun.wait(30)
        a_load(a_project(), "A1")
        db.session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'load_clients'"))
        db.session.execute(text("UPDATE client_import SET touched_at = now() - interval '1 minute'"))
        db.session.commit()
        try:
            wait_until(lambda: states() == {ImportState.FINISHED: 1})
            assert not ended.is_set()
        finally:
            ended.set()


@contextmanager
def at_work(app: Flask) -> Iterator[None]:
    """A worker as the web process has it."""
    working = worker.Worker(app)
    working.start()
    try:
        yield
    finally:
        working.stop()
        working.join(worker.STOP_SECONDS)
    assert "worker" not in {thread.name for thread in threading.enumerate()}


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, states()
        time.sleep(0.05)


def states() -> dict[ImportState, int]:
    """How many loads are in each state, as others have committed it."""
    query = db.select(ClientImport.state, db.func.count()).group_by(ClientImport.state)
    return dict(db.session.execute(query).all())


def a_load(project: Project, outside_id: str) -> ClientImport:
    """One that waits, of one client."""
    source = a_source(project, f"client_id,age\n{outside_id},30\n".encode())
    plan = [ColumnPlan(0, "client_id", Target.CLIENT_ID), ColumnPlan(1, "age", f"{FIELD_PREFIX}age")]
    load = start_import(source, plan, Duplicates.SKIP, project.members[0].user)
    db.session.commit()
    return load


def test_a_worker_whose_model_stops_ends_and_leaves_the_offers_to_others(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever started it starts it again, as compose.yaml does."""
    with ScriptedServer(silent) as server:
        engine, registry = RemoteEngine(server.url, "gemma"), Registry()
        registry.start(lambda: engine)
        monkeypatch.setattr(worker, "model", registry)
        for begin in ("start_model", "start_calibration"):
            monkeypatch.setattr(worker, begin, lambda app: None)
        monkeypatch.setattr(signal, "signal", lambda number, handler: None)
        threading.Timer(0.5, lambda: engine._loop.call_soon_threadsafe(engine._loop.stop)).start()
        with pytest.raises(click.ClickException, match="stopped working"):
            worker.work_until_told(app, 1)
        registry.close()
