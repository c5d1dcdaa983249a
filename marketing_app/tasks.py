"""What runs beside the pages: Procrastinate's entry points, each a few lines.

Procrastinate keeps its queue in the same PostgreSQL and needs no further service; Celery and RQ would need one.
"""

from datetime import UTC, datetime
from random import uniform
from typing import Any

from flask import Flask
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision, RetryStrategy
from procrastinate.jobs import Job
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.exc import SQLAlchemyError

from .campaigns import jobs
from .campaigns.writing import GivenBack, OfferWriter
from .client_imports import jobs as import_jobs
from .client_imports.loading import BackgroundLoads
from .client_imports.loading import GivenBack as LoadGivenBack
from .client_imports.sources import remove_abandoned_sources
from .database import db, own_transaction
from .llm.engine import PassingError
from .llm.registry import ModelNotReady
from .offers import scoring
from .offers.writing import close_abandoned
from .privacy import retention

MOST_TRIES = 8
LONGEST_WAIT = 60
MOST_CONNECTIONS = 4


FEW_TRIES = RetryStrategy(
    max_attempts=6, exponential_wait=4, retry_exceptions={PassingError, ModelNotReady, SQLAlchemyError}
)
"""For what nobody waits for: over about an hour and a half."""


class GrowingWaits(BaseRetryStrategy):
    """Again after 2, 4, 8 seconds and so on up to a minute, each a little different, so that a hundred do not come
    back at the same moment. A job never ends as failed here: its offer says that."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        if isinstance(exception, GivenBack):
            return RetryDecision(retry_in={"seconds": 0})
        wait = min(LONGEST_WAIT, 2 ** (job.attempts + 1))
        return RetryDecision(retry_in={"milliseconds": round(wait * uniform(800, 1200))})  # noqa: S311 no secret


class WhenGivenBack(BaseRetryStrategy):
    """Again only where a worker stopped: what else went wrong with a load is for a person to decide."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        return RetryDecision(retry_in={"seconds": 0}) if isinstance(exception, LoadGivenBack) else None


def task_queue(app: Flask, writer: OfferWriter, loads: BackgroundLoads) -> App:
    """The queue of this application's database, with its tasks."""
    queue = App(connector=PsycopgConnector(pool_factory=_pool, conninfo=_conninfo(app)))

    @queue.task(name=jobs.TASK, queue=jobs.QUEUE, retry=GrowingWaits(), pass_context=True)
    def write_offer(context: JobContext, offer_id: int) -> None:
        writer.write(offer_id, is_last_try=context.job.attempts >= MOST_TRIES - 1)

    @queue.task(name=import_jobs.TASK, queue=import_jobs.QUEUE, retry=WhenGivenBack())
    def load_clients(import_id: int) -> None:
        loads.carry_out(import_id)

    @queue.task(name=scoring.TASK, queue=scoring.QUEUE, retry=FEW_TRIES)
    def score_edit(message_id: int) -> None:
        scoring.score_edit(app, message_id)

    @queue.periodic(cron="* * * * * */10")
    @queue.task(name="take_up_abandoned", queueing_lock="take_up_abandoned")
    def take_up_abandoned(timestamp: int) -> None:
        with app.app_context(), own_transaction():
            jobs.take_up_abandoned()
            import_jobs.take_up_abandoned()

    @queue.periodic(cron="* * * * *")
    @queue.task(name="close_abandoned_drafts", queueing_lock="close_abandoned_drafts")
    def close_abandoned_drafts(timestamp: int) -> None:
        with app.app_context(), own_transaction():
            close_abandoned()

    @queue.periodic(cron="17 * * * *")
    @queue.task(name="remove_abandoned_sources", queueing_lock="remove_abandoned_sources")
    def remove_sources(timestamp: int) -> None:
        with app.app_context(), own_transaction():
            remove_abandoned_sources()

    @queue.periodic(cron=retention.CRON)
    @queue.task(name="enforce_retention", queue=retention.QUEUE, queueing_lock="enforce_retention")
    def enforce_retention(timestamp: int) -> None:
        with app.app_context():
            if retention.is_night(datetime.fromtimestamp(timestamp, UTC)):
                retention.enforce_retention()

    return queue


def _pool(**arguments: Any) -> AsyncConnectionPool:
    """Procrastinate carries out single statements. Its own pool asks the server whether it lives before each of them,
    and opens and commits a transaction around it: five messages where one does. A connection that broke ends the
    queue's workers, and the next ones have a new pool."""
    unchecked = arguments | {"check": None, "kwargs": {"autocommit": True}}
    return AsyncConnectionPool(min_size=1, max_size=MOST_CONNECTIONS, **unchecked)


def _conninfo(app: Flask) -> str:
    """The same database as the pages use, as libpq writes it."""
    with app.app_context():
        url = db.engine.url.set(drivername="postgresql")
    return url.render_as_string(hide_password=False)
