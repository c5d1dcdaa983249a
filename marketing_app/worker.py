"""The worker: runs the queue's jobs, in the web process or in one of its own, whatever becomes of the database."""

import asyncio
import logging
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from types import FrameType
from typing import TYPE_CHECKING

import click
import structlog
from flask import Flask
from flask_babel import force_locale

from .campaigns import jobs
from .campaigns.writing import OfferWriter
from .client_imports import jobs as import_jobs
from .client_imports.loading import BackgroundLoads
from .database_errors import cause_of
from .language_model.calibration import start_calibration
from .language_model.services import start_model
from .language_model.wording import refusal
from .llm.registry import ModelNotReady, State, model
from .privacy import retention

if TYPE_CHECKING:
    from procrastinate import App

log = structlog.get_logger()
# They tell every job, and every attempt to reach a database that is away; the latter we tell ourselves.
logging.getLogger("procrastinate").setLevel(logging.WARNING)
logging.getLogger("psycopg.pool").setLevel(logging.ERROR)

HEARTBEAT_SECONDS = 5
POLLING_SECONDS = 0.5
WITHOUT_MODEL = 4
"""Jobs at a time when no model could be loaded: each only says why on its offer."""
WITHOUT_ASKING = 4
"""Offers of the text bank at a time: no model is asked for them, so that a processor is all they need."""
LOADS_AT_ONCE = 2
"""Each takes a processor and up to 200 MiB; further ones wait."""
MOST_THREADS = 3000
"""For all jobs at a time; a thread is made when it is wanted."""
LONGEST_WAIT = 5
STOP_SECONDS = 6
"""How long the web process waits for its worker's end; what it leaves then is taken up by others."""


class Worker:
    """Runs jobs until it is told to stop: offers, `concurrency` at a time or as many as keep the model busy, and beside
    them loads, what keeps house every few seconds, and what erases old clients at night.

    Offers that it writes wait for the model; the rest waits neither for it nor behind those. When the database goes
    away the queue's workers end, texts in work wait for it to come back, and the queue's workers are started again.
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

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def await_model(self) -> None:
        """Wait until the model is loaded or cannot be, or the worker is told to stop."""
        while model.state is State.LOADING and not self._is_told_to_stop.is_set():
            model.wait(POLLING_SECONDS)

    def run(self) -> None:
        Thread(target=self._writer.watch, name="offer-watch", daemon=True).start()
        wait = 0
        while not self._is_told_to_stop.wait(wait):
            try:
                asyncio.run(self._serve())
                wait = 1
            except Exception as error:
                wait += 1
                if wait <= LONGEST_WAIT:
                    log.warning("worker_waits_for_database", **cause_of(error), seconds=wait)
                wait = min(wait, LONGEST_WAIT)

    async def _serve(self) -> None:
        """Run the queue's own workers until one of them ends, which it does by itself when the database goes away."""
        from procrastinate.jobs import DEFAULT_QUEUE

        from .tasks import task_queue

        # Procrastinate runs our tasks in the loop's own threads, of which there are only a few more than processors.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(MOST_THREADS, "job"))
        queue = task_queue(self._app, self._writer, self._loads)
        async with queue.open_async():
            workers = (
                self._write_offers(queue),
                _work_off(queue, jobs.BANK_QUEUE, WITHOUT_ASKING),
                _work_off(queue, import_jobs.QUEUE, LOADS_AT_ONCE),
                _work_off(queue, DEFAULT_QUEUE, 1),
                _work_off(queue, retention.QUEUE, 1),
            )
            await self._end_when_told([asyncio.create_task(worker) for worker in workers])

    async def _write_offers(self, queue: "App") -> None:
        await asyncio.to_thread(self.await_model)
        await _work_off(queue, jobs.QUEUE, self._concurrency or default_concurrency())

    async def _end_when_told(self, workers: "Sequence[asyncio.Task[None]]") -> None:
        while not self._is_told_to_stop.is_set() and not any(worker.done() for worker in workers):
            await asyncio.wait(workers, timeout=POLLING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if self._is_told_to_stop.is_set():
            self._writer.stop()
            self._loads.stop()
        for worker in workers:
            worker.cancel()
        for ended in await asyncio.gather(*workers, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended


async def _work_off(queue: "App", name: str, concurrency: int) -> None:
    await queue.run_worker_async(
        queues=[name],
        concurrency=concurrency,
        install_signal_handlers=False,
        # A poll twice a second is cheaper than the ten thousand notifications of a campaign.
        listen_notify=False,
        fetch_job_polling_interval=POLLING_SECONDS,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=jobs.SILENT_SECONDS,
        # Whatever becomes of it: the offer says so, and a queue that stays small stays quick.
        delete_jobs="always",
    )


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


def start_background(app: Flask) -> None:
    """What a web process does beside its pages: it loads the model, measures it, and works on campaigns and loads."""
    start_model(app)
    start_calibration(app)
    start_worker(app)


def stop_worker() -> None:
    """Tell the web process's worker to stop; may be called from a signal handler."""
    if _of_web_process:
        _of_web_process.stop()


def await_worker() -> None:
    """Stop the web process's worker and wait for its end."""
    if _of_web_process:
        _of_web_process.stop()
        _of_web_process.join(STOP_SECONDS)


def work_until_told(app: Flask, concurrency: int | None) -> None:
    """Write the offers of campaigns until SIGINT or SIGTERM. Raises ClickException when there is no model, or none any
    more: whoever started the process may start it again."""
    start_model(app)
    start_calibration(app)
    worker = Worker(app, concurrency)

    def stop(number: int, _frame: FrameType | None) -> None:
        """The second signal ends the process as it stands."""
        worker.stop()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    click.echo("Waiting for jobs; Ctrl-C stops, and gives back what is not finished.")
    worker.await_model()
    _must_have_model()
    # On a thread: a signal that came while this one looks at the worker's own event would wait for itself.
    worker.start()
    while worker.is_running:
        worker.join(POLLING_SECONDS)
        if model.state is State.FAILED:
            worker.stop()
            worker.join(STOP_SECONDS)
            _must_have_model()


def _must_have_model() -> None:
    """A worker without one would take offers from workers that have a model, only to mark each of them as failed."""
    if model.state is State.FAILED:
        with force_locale("en"):
            raise click.ClickException(refusal(model.reason or ModelNotReady(model.state)))
