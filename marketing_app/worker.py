"""The worker: runs the queue's jobs, in the web process or in one of its own, whatever becomes of the database."""

import asyncio
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event, Thread
from types import FrameType

import click
import structlog
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_babel import force_locale

from .campaigns.jobs import SILENT_SECONDS
from .campaigns.writing import OfferWriter
from .client_imports.loading import BackgroundLoads
from .language_model.services import start_model
from .language_model.wording import refusal
from .llm.registry import ModelNotReady, State, model
from .tasks import task_queue

log = structlog.get_logger()
# They tell every job, and every attempt to reach a database that is away; the latter we tell ourselves.
logging.getLogger("procrastinate").setLevel(logging.WARNING)
logging.getLogger("psycopg.pool").setLevel(logging.ERROR)

HEARTBEAT_SECONDS = 5
POLLING_SECONDS = 0.5
WITHOUT_MODEL = 4
"""Jobs at a time when no model could be loaded: each only says why on its offer."""
LONGEST_WAIT = 5
STOP_SECONDS = 6
"""How long the web process waits for its worker's end; what it leaves then is taken up by others."""


class Worker:
    """Runs jobs, `concurrency` at a time or as many as keep the model busy, until it is told to stop.

    The model is awaited before the first job. When the database goes away the queue's worker ends, texts in work wait
    for it to come back, and the queue's worker is started again.
    """

    def __init__(self, app: Flask, concurrency: int | None = None) -> None:
        self._app = app
        self._concurrency = concurrency
        self._writer = OfferWriter(app)
        self._loads = BackgroundLoads(app)
        self._is_told_to_stop = Event()
        self._thread = Thread(target=self.run, name="worker", daemon=True)

    def start(self) -> None:
        """Run beside the pages."""
        self._thread.start()

    def stop(self) -> None:
        """End soon: texts that are being written go back into the queue. May be called from a signal handler."""
        self._is_told_to_stop.set()

    def join(self, seconds: float | None = None) -> None:
        """Wait for the end of a worker that was started."""
        self._thread.join(seconds)

    def await_model(self) -> None:
        """Wait until the model is loaded or cannot be, or the worker is told to stop."""
        while model.state is State.LOADING and not self._is_told_to_stop.is_set():
            model.wait(POLLING_SECONDS)

    def run(self) -> None:
        self.await_model()
        Thread(target=self._writer.watch, name="offer-watch", daemon=True).start()
        wait = 0
        while not self._is_told_to_stop.wait(wait):
            try:
                asyncio.run(self._serve())
                wait = 1
            except Exception as error:
                wait += 1
                if wait <= LONGEST_WAIT:
                    log.warning("worker_waits_for_database", kind=type(error).__name__, seconds=wait)
                wait = min(wait, LONGEST_WAIT)

    async def _serve(self) -> None:
        """Run the queue's own worker until it ends, which it does by itself when the database goes away."""
        concurrency = self._concurrency or default_concurrency()
        # Procrastinate runs our tasks in the loop's own threads, of which there are only a few more than processors.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(concurrency + 1, "job"))
        queue = task_queue(self._app, self._writer, self._loads)
        async with queue.open_async():
            worker = asyncio.create_task(
                queue.run_worker_async(
                    concurrency=concurrency,
                    install_signal_handlers=False,
                    # A poll twice a second is cheaper than the ten thousand notifications of a campaign.
                    listen_notify=False,
                    fetch_job_polling_interval=POLLING_SECONDS,
                    update_heartbeat_interval=HEARTBEAT_SECONDS,
                    stalled_worker_timeout=SILENT_SECONDS,
                    # Whatever becomes of it: the offer says so, and a queue that stays small stays quick.
                    delete_jobs="always",
                )
            )
            await self._end_when_told(worker)

    async def _end_when_told(self, worker: "asyncio.Task[None]") -> None:
        while not worker.done() and not self._is_told_to_stop.is_set():
            await asyncio.wait([worker], timeout=POLLING_SECONDS)
        if self._is_told_to_stop.is_set():
            self._writer.stop()
            self._loads.stop()
            worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker


def default_concurrency() -> int:
    """What the model writes at a time and a few more, so that none of its places is empty while a text is stored."""
    if model.state is not State.READY:
        return WITHOUT_MODEL
    parallel = model.engine().parallel_texts
    return parallel + max(2, parallel // 4)


_of_web_process: Worker | None = None


def start_worker(app: Flask) -> None:
    """Write campaigns in the web process too, where the settings say so."""
    global _of_web_process
    if app.config["STUDIO"].worker:
        _of_web_process = Worker(app)
        _of_web_process.start()


def stop_worker() -> None:
    """Tell the web process's worker to stop; may be called from a signal handler."""
    if _of_web_process:
        _of_web_process.stop()


def await_worker() -> None:
    """Stop the web process's worker and wait for its end."""
    if _of_web_process:
        _of_web_process.stop()
        _of_web_process.join(STOP_SECONDS)


@click.command("worker")
@click.option("--concurrency", type=click.IntRange(1, 2000), help="Jobs at a time, else as many as the model takes.")
@with_appcontext
def worker_command(concurrency: int | None) -> None:
    """Write the offers of campaigns until told to stop."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    start_model(app)
    worker = Worker(app, concurrency)

    def stop(number: int, _frame: FrameType | None) -> None:
        """The second signal ends the process as it stands."""
        worker.stop()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    click.echo("Waiting for jobs; Ctrl-C stops, and gives back what is not finished.")
    worker.await_model()
    if model.state is State.FAILED:
        # It would take offers from workers that have a model, only to mark each of them as failed.
        with force_locale("en"):
            raise click.ClickException(refusal(model.reason or ModelNotReady(model.state)))
    # On a thread: a signal that came while this one looks at the worker's own event would wait for itself.
    worker.start()
    worker.join()
