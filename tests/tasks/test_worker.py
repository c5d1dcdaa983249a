"""Jobs of the queue, run by a real worker on the real queue."""

from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import text

from marketing_app.campaigns.writing import OfferWriter
from marketing_app.client_imports.loading import BackgroundLoads
from marketing_app.database import db
from marketing_app.models import ClientUpload, DraftState, Message, MessageRole, Offer
from marketing_app.tasks import task_queue
from tests.factories import a_client, a_project


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


def test_a_file_that_nobody_loads_is_forgotten_after_a_day(app: Flask) -> None:
    project = a_project()
    user = project.members[0].user_id
    for hours in (1, 25):
        at = db.func.now() - text(f"interval '{hours} hours'")
        upload = ClientUpload(project_id=project.id, user_id=user, filename=f"{hours}", content=b"x", created_at=at)
        db.session.add(upload)
    db.session.commit()
    run_task(app, "remove_abandoned_uploads")
    assert [upload.filename for upload in db.session.scalars(db.select(ClientUpload))] == ["1"]
