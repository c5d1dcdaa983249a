"""How gunicorn serves, in `marketing_app.serve` or by itself: `gunicorn -c python:marketing_app.gunicorn wsgi:app`."""

import ctypes
import signal
from types import FrameType
from typing import Any

from .settings import load_settings

_settings = load_settings()

bind = f"{_settings.host}:{_settings.port}"

# One process, since each would load the model again. A thread is held by every open stream, so there are as many
# as streams are expected, plus some for the pages.
worker_class = "marketing_app.connections.PatientWorker"
workers = 1
threads = _settings.threads
# Half a thousand connections may wait; then the one that has waited longest is ended for each that comes. All of them
# are fewer than the 1,024 files that a process usually may open.
worker_connections = threads + 512
preload_app = False
# The kernel's way to send a file waits for each reader as long as that likes.
sendfile = False

# Seconds. With threads the timeout watches the process, not a request: a stream may last for minutes.
timeout = 60
graceful_timeout = 10
keepalive = 5

# A list's filter lives in its address, and one with a few names in Cyrillic is longer than the usual 4094 bytes.
limit_request_line = 8190

accesslog = "-"
logger_class = "marketing_app.web.access_log.AccessLog"
loglevel = "warning"
control_socket_disable = True


def on_starting(_arbiter: object) -> None:
    """By itself, gunicorn ends with the program that started it."""
    end_with_parent()


def end_with_parent() -> None:
    """Let the kernel send us a SIGTERM when our parent ends, even when that is killed."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


def post_worker_init(server: Any) -> None:
    """Let our worker end at once, while gunicorn still waits for open streams."""
    from .worker import stop_worker

    def stop_and_leave(number: int, frame: FrameType | None) -> None:
        stop_worker()
        server.handle_exit(number, frame)

    signal.signal(signal.SIGTERM, stop_and_leave)


def worker_exit(_arbiter: object, _server: object) -> None:
    from .worker import await_worker

    await_worker()
