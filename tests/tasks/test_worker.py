"""Jobs of the queue, run by a real worker on the real queue."""

from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import text

from marketing_app.campaigns.writing import OfferWriter
from marketing_app.client_imports.columns import FIELD_PREFIX, ColumnPlan, Target
from marketing_app.client_imports.loading import BackgroundLoads
from marketing_app.client_imports.services import start_import
from marketing_app.database import db
from marketing_app.models import Client, ClientSource, DraftState, Duplicates, Message, MessageRole, Offer
from marketing_app.tasks import task_queue
from tests.factories import a_client, a_project, a_source


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
    project = a_project()
    source = a_source(project, b"client_id,age\nA1,30\n")
    plan = [ColumnPlan(0, "client_id", Target.CLIENT_ID), ColumnPlan(1, "age", f"{FIELD_PREFIX}age")]
    start_import(source, plan, Duplicates.SKIP, project.members[0].user)
    db.session.commit()
    run_task(app, "close_abandoned_drafts")
    assert db.session.scalars(db.select(Client.outside_id)).all() == ["A1"]
