"""What runs beside the pages: Procrastinate's entry points, each a few lines, and the worker that runs them.

Procrastinate keeps its queue in the same PostgreSQL and needs no further service; Celery and RQ would need one.
"""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from procrastinate import App, PsycopgConnector

from .clients.services import remove_abandoned_uploads
from .database import db, own_transaction
from .offers.writing import close_abandoned


def task_queue(app: Flask) -> App:
    """The queue of this application's database, with its tasks."""
    queue = App(connector=PsycopgConnector(conninfo=_conninfo(app)))

    @queue.periodic(cron="* * * * *")
    @queue.task(name="close_abandoned_drafts", queueing_lock="close_abandoned_drafts")
    def close_abandoned_drafts(timestamp: int) -> None:
        with app.app_context(), own_transaction():
            close_abandoned()

    @queue.periodic(cron="17 * * * *")
    @queue.task(name="remove_abandoned_uploads", queueing_lock="remove_abandoned_uploads")
    def remove_uploads(timestamp: int) -> None:
        with app.app_context(), own_transaction():
            remove_abandoned_uploads()

    return queue


@click.command("worker")
@click.option("--concurrency", default=1, show_default=True, type=click.IntRange(1, 64), help="Jobs at a time.")
@with_appcontext
def worker_command(concurrency: int) -> None:
    """Run the jobs of the queue until told to stop."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    queue = task_queue(app)
    click.echo("Waiting for jobs; Ctrl-C stops after the one that runs.")
    queue.run_worker(concurrency=concurrency)


def _conninfo(app: Flask) -> str:
    """The same database as the pages use, as libpq writes it."""
    with app.app_context():
        url = db.engine.url.set(drivername="postgresql")
    return url.render_as_string(hide_password=False)
