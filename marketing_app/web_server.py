"""gunicorn in the process that has started everything else: the application is imported and made once. A worker is a
fork of this process, so one that dies is replaced without importing anything again."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer

from . import gunicorn
from .embedded import EmbeddedServerError
from .worker import start_background

OF_GUNICORN_ALONE = "on_starting"
"""What gunicorn does when it is a program by itself: it ends with its parent. Here the worker does."""


class WebServer(BaseApplication):
    """Serves an application as `marketing_app.gunicorn` says. Every second it lets the database be looked after, which
    raises EmbeddedServerError when there is none any more and none will be."""

    def __init__(self, app: Flask, keep_database: Callable[[], None]) -> None:
        self._app = app
        self.keep_database = keep_database
        super().__init__()

    def load_config(self) -> None:
        for name, value in vars(gunicorn).items():
            if name in self.cfg.settings and name != OF_GUNICORN_ALONE:
                self.cfg.set(name, value)
        self.cfg.set("post_fork", leave_terminal)

    def load(self) -> Flask:
        """Called in the worker's process: neither the model's threads nor the queue's would live through a fork."""
        start_background(self._app)
        return self._app

    def run(self) -> NoReturn:
        sys.exit(PoliteArbiter(self).run())


def leave_terminal(_arbiter: object, _worker: object) -> None:
    """The worker has a session of its own: Ctrl-C in a terminal reaches the arbiter alone, which ends it in order."""
    os.setsid()
    gunicorn.end_with_parent()


class PoliteArbiter(Arbiter):
    """Ctrl-C, SIGTERM and a hang-up ask the worker to finish; a second one insists, and so does SIGQUIT.

    gunicorn's other signals, which change the number of workers or run a second arbiter, are not for us.
    """

    SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]

    def __init__(self, app: WebServer) -> None:
        self._is_asked = False
        super().__init__(app)

    def init_signals(self) -> None:
        """A hang-up stays ignored where `nohup` wants it so."""
        of_hang_up = signal.getsignal(signal.SIGHUP)
        super().init_signals()
        if of_hang_up == signal.SIG_IGN:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def signal(self, number: int, frame: FrameType | None) -> None:
        insists = self._is_asked or number == signal.SIGQUIT
        self._is_asked = True
        super().signal(signal.SIGQUIT if insists else signal.SIGTERM, frame)

    def manage_workers(self) -> None:
        """gunicorn calls this every second. Here no thread can look after the database: it would take part in forks."""
        try:
            self.app.keep_database()
        except EmbeddedServerError as error:
            raise HaltServer(str(error), 1) from error
        super().manage_workers()

    def handle_term(self) -> None:
        with suppress(OSError):  # the terminal may be gone
            print("• Stopping (up to ten seconds)", flush=True)
        super().handle_term()
