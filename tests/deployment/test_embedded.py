"""The embedded PostgreSQL: starts, stops without a trace, recovers from being killed."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import psutil
import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from marketing_app.embedded import EmbeddedServer, EmbeddedServerError, discarding_unfinished


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "postgres"


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    server = EmbeddedServer()
    yield server
    server.stop()


def processes_over(directory: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"].startswith("postgres") and Path(process.cwd()) == directory:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def ask(url: str, statement: str) -> object:
    with create_engine(url, poolclass=NullPool).begin() as connection:
        result = connection.execute(text(statement))
        return result.scalar() if result.returns_rows else None


def postmaster(directory: Path) -> int:
    return int((directory / "postmaster.pid").read_text().split()[0])


def test_stop_leaves_no_process_and_keeps_the_data(server: EmbeddedServer, directory: Path) -> None:
    ask(server.start(directory), "CREATE TABLE kept AS SELECT 7 AS number")
    assert processes_over(directory)
    server.stop()
    assert processes_over(directory) == []
    assert ask(server.start(directory), "SELECT number FROM kept") == 7


def test_a_killed_server_is_recovered(server: EmbeddedServer, directory: Path) -> None:
    ask(server.start(directory), "CREATE TABLE kept AS SELECT 7 AS number")
    os.kill(postmaster(directory), signal.SIGKILL)
    assert ask(server.start(directory), "SELECT number FROM kept") == 7


def test_a_directory_whose_first_start_was_cut_short_is_made_anew(server: EmbeddedServer, directory: Path) -> None:
    directory.mkdir()
    (directory / "PG_VERSION").write_text("18\n")
    directory.with_name("postgres.unfinished").touch()
    assert ask(server.start(directory), "SELECT 1") == 1
    assert [file.name for file in directory.parent.iterdir() if "unfinished" in file.name] == []


def test_a_first_start_that_fails_is_known_to_be_unfinished(
    server: EmbeddedServer, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_server: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("marketing_app.embedded.start_patiently", killed)
        server.start(directory)
    (directory / "PG_VERSION").write_text("18\n")
    assert ask(server.start(directory), "SELECT 1") == 1


def test_a_directory_that_was_not_empty_is_never_removed(server: EmbeddedServer, directory: Path) -> None:
    """A backup that was copied back in part, for example."""
    directory.mkdir()
    (directory / "base").mkdir()
    for _attempt in range(2):
        with pytest.raises(KeyboardInterrupt), discarding_unfinished(directory):
            raise KeyboardInterrupt
        assert (directory / "base").exists()


def test_a_lock_with_the_number_of_another_process_is_no_obstacle(server: EmbeddedServer, directory: Path) -> None:
    """As after a reboot, when the number belongs to something else."""
    server.start(directory)
    dead = postmaster(directory)
    left = {name: (directory / name).read_text() for name in ("postmaster.pid", ".s.PGSQL.5432.lock")}
    server.stop()
    for name, content in left.items():
        (directory / name).write_text(content.replace(str(dead), str(os.getpid()), 1))
    assert ask(server.start(directory), "SELECT 1") == 1


def test_a_server_left_running_is_taken_over_and_stopped(server: EmbeddedServer, directory: Path) -> None:
    EmbeddedServer().start(directory)
    assert ask(server.start(directory), "SELECT 1") == 1
    server.stop()
    assert processes_over(directory) == []


def test_a_path_with_a_space_is_refused_with_the_reason(server: EmbeddedServer, tmp_path: Path) -> None:
    with pytest.raises(EmbeddedServerError, match="space"):
        server.start(tmp_path / "my bank")


def test_its_log_has_no_values_of_rows_and_only_those_of_a_week(server: EmbeddedServer, directory: Path) -> None:
    """Neither the statement, nor the error's own words, nor its detail; nor what an older version had written."""
    url = server.start(directory)
    server.stop()
    (directory / "log").write_text("STATEMENT: INSERT INTO client VALUES ('Епифаний')\n")
    url = server.start(directory)
    ask(url, "CREATE TABLE client (name text UNIQUE CHECK (name <> 'Прокопий'), born date)")
    ask(url, "INSERT INTO client VALUES ('Епифаний')")
    wrong = ("INSERT INTO client VALUES ('Епифаний')", "INSERT INTO client VALUES ('Прокопий')")
    for statement in (*wrong, "INSERT INTO client VALUES ('x', 'Епифаний')"):
        with pytest.raises(DBAPIError, match=r"Епифаний|Прокопий"):
            ask(url, statement)
    with pytest.raises(DBAPIError):
        ask(url, "SELECT 'Епифаний', pg_terminate_backend(pg_backend_pid())")
    crash(url, "SELECT 'Епифаний', pg_sleep(60)")
    logs = [directory / "log", *(directory / "logs").iterdir()]
    said = "".join(log.read_text() for log in logs)
    assert "was terminated by signal 9" in said and "Епифаний" not in said and "Прокопий" not in said
    assert [log.name for log in logs[1:]] == [f"postgresql-{datetime.now(UTC):%a}.log"]


def crash(url: str, statement: str) -> None:
    """Kill the process of the server that carries out a statement: the server tells of it."""
    asking = Thread(target=ask_in_vain, args=(url, statement))
    asking.start()
    find = f"SELECT pid FROM pg_stat_activity WHERE query = '{statement.replace(chr(39), chr(39) * 2)}'"
    while not (process_id := ask(url, find)):
        time.sleep(0.05)
    os.kill(int(str(process_id)), signal.SIGKILL)
    asking.join(30)
    ask_patiently(url, "SELECT 1")


def ask_in_vain(url: str, statement: str) -> None:
    with suppress(DBAPIError):
        ask(url, statement)


def ask_patiently(url: str, statement: str) -> None:
    """Until the server has started again by itself."""
    for _attempt in range(100):
        with suppress(DBAPIError):
            ask(url, statement)
            return
        time.sleep(0.1)
    raise AssertionError("the server did not come back")
