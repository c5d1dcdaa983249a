"""Runs everything that serving needs, in one process: the database, its migrations, the demonstration data, gunicorn.

Run as `python -m marketing_app.serve`. It ends with Ctrl-C or SIGTERM, and then leaves no process behind.
"""

import fcntl
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import structlog
from flask_migrate import upgrade
from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from . import create_app
from .database import address, db, is_up_to_date
from .demonstration.commands import load_and_print_accounts
from .demonstration.endings import BANK
from .demonstration.services import is_loaded
from .embedded import EmbeddedServer, EmbeddedServerError
from .settings import Settings, SettingsError, load_settings
from .text_bank.ours import add_our_texts
from .web_server import WebServer

log = structlog.get_logger()


class AlreadyRunningError(Exception):
    """Another process serves out of the same instance directory."""


def main() -> int:
    """Serve until told to stop; the exit code is gunicorn's, or that of what failed before it."""
    interrupt_on(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    try:
        settings = load_settings()
        settings.instance_path.mkdir(parents=True, exist_ok=True)
        with database(settings) as (url, keep_database):
            os.environ["DATABASE_URL"] = url
            if not settings.is_production:
                os.environ.setdefault("BANK_NAME", BANK)
            if settings.database_url is None and not settings.is_production:
                os.environ.setdefault("IMPORT_ALLOWED_HOSTS", any_host_and_the_demonstration(url))
            serve(load_settings(), keep_database)
    except (SettingsError, EmbeddedServerError, AlreadyRunningError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def any_host_and_the_demonstration(url: str) -> str:
    """Clients may be loaded from any host but our own, and from the embedded server, which has the demonstration's."""
    return f"*,{make_url(url).query['host']}"


def serve(settings: Settings, keep_database: Callable[[], None]) -> NoReturn:
    app = create_app(settings)
    with app.app_context():
        prepare_database(settings)
        db.session.remove()
        db.engine.dispose()  # a connection must not be shared with the worker, which is a fork of this process
    say(f"Serving at http://{settings.host}:{settings.port} (Ctrl-C stops it); the model loads meanwhile")
    WebServer(app, keep_database).run()


def prepare_database(settings: Settings) -> None:
    """Do what is not done yet. Each step first asks the database whether it is needed."""
    if not is_up_to_date():
        say("Bringing the tables up to date (a few seconds)")
        upgrade()
    add_our_texts()
    db.session.commit()
    if settings.is_production:
        warn_of_superuser()
    else:
        if not is_loaded():
            say("Loading the demonstration data, once (up to half a minute)")
        load_and_print_accounts()


def warn_of_superuser() -> None:
    """Such a role may read the server's files and run programs there; what is injected into a statement would too."""
    if db.session.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
        log.warning("database_role_is_superuser", remedy="DATABASE_URL with a role as compose.yaml makes it")


@contextmanager
def database(settings: Settings) -> Iterator[tuple[str, Callable[[], None]]]:
    """The address of the database, and what to call now and then to keep it running: the server that the settings name,
    which others keep, else an embedded one that ends with us."""
    if settings.database_url is not None:
        url = address(settings)
        check_answers(url)
        yield url, lambda: None
        return
    starter = os.getpid()
    with sole_user(settings.instance_path):
        say("Starting the embedded PostgreSQL (a second; up to a minute after a crash)")
        server = EmbeddedServer()
        try:
            url = server.start(settings.instance_path / "postgres")
            say(f"For flask commands in another terminal: export DATABASE_URL='{url}'")
            yield url, server.keep_running
        finally:
            if os.getpid() == starter:  # gunicorn's worker, a fork of ours, leaves through here too
                ignore(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
                server.stop()
                say("Stopped, database included")


def check_answers(url: str) -> None:
    """Raise SettingsError when no database answers there. The message never holds the password."""
    try:
        create_engine(url, poolclass=NullPool).connect().close()
    except OperationalError as error:
        raise SettingsError(f"DATABASE_URL: {make_url(url)!r} does not answer: {error.orig}") from None


@contextmanager
def sole_user(instance: Path) -> Iterator[None]:
    """Hold the instance directory, so that a second start cannot take over and later stop the first one's database."""
    with (instance / "serve.lock").open("w") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # not inherited by the worker, as one of flock would be
        except BlockingIOError:
            raise AlreadyRunningError(f"Marketing Studio already runs out of {instance}; stop it first") from None
        yield


def interrupt_on(*signals: signal.Signals) -> None:
    """Treat them all as Ctrl-C, but for a hang-up that `nohup` wants ignored."""
    for number in signals:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def ignore(*signals: signal.Signals) -> None:
    for number in signals:
        signal.signal(number, signal.SIG_IGN)


def say(words: str) -> None:
    print(f"• {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
