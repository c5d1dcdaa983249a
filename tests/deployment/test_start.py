"""`python -m marketing_app.serve` over a directory of its own: gets ready, ends in order, does nothing twice."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import pytest
from flask import Flask

from marketing_app.database import db, is_up_to_date
from tests.deployment.test_embedded import processes_over
from tests.llm.model_servers import ScriptedServer, free_port, silent

ROOT = Path(__file__).parents[2]
READY_SECONDS = 120
STOP_SECONDS = 90
GRACE_SECONDS = 10
"""How long gunicorn waits for open requests; its setting `graceful_timeout`."""


class Program:
    """The program as start.sh runs it, in a session of its own as a terminal's."""

    def __init__(self, instance: Path, model_url: str, *prefix: str, directory: Path = ROOT, **settings: str) -> None:
        self.instance = instance
        self._directory = directory
        self.port = free_port()
        self._log = instance.parent / f"{self.port}.log"
        self._command = [*prefix, sys.executable, "-m", "marketing_app.serve"]
        self._environment = os.environ | {
            "INSTANCE_PATH": str(instance),
            "PORT": str(self.port),
            "LLM_URL": model_url,
            "LLM_MODEL": "scripted",
            **settings,
        }

    def __enter__(self) -> Self:
        with self._log.open("w") as log:
            self.process = psutil.Popen(
                self._command,
                cwd=self._directory,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End what a test left running."""
        if self.process.poll() is None:
            self.process.terminate()
            self.end()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.output()
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5).close()
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        raise AssertionError(self.output())

    def worker(self) -> psutil.Process:
        (worker,) = self.process.children()
        return worker

    def end(self) -> int:
        return int(self.process.wait(STOP_SECONDS))

    def output(self) -> str:
        return self._log.read_text()

    def database_processes(self) -> list[psutil.Process]:
        return processes_over(self.instance / "postgres")


@pytest.fixture(scope="module")
def model_url() -> Iterator[str]:
    with ScriptedServer(silent) as server:
        yield server.url


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, model_url: str) -> Program:
    """A first start, which is over."""
    with Program(tmp_path_factory.mktemp("first") / "instance", model_url) as program:
        program.wait_until_ready()
        program.process.terminate()
        assert program.end() == 0
    with (program.instance / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("fsync = off\n")  # the next ones stop sooner
    return program


@pytest.fixture
def program(first: Program, model_url: str) -> Iterator[Program]:
    """The program started once more."""
    with Program(first.instance, model_url) as program:
        program.wait_until_ready()
        yield program


def test_a_first_start_makes_the_tables_and_loads_the_demonstration(first: Program) -> None:
    assert "Bringing the tables up to date" in first.output()
    assert "The demonstration is loaded." in first.output()
    assert "admin@severny-bereg.example" in first.output()


def test_a_further_start_does_neither_again(program: Program) -> None:
    assert "Bringing the tables up to date" not in program.output()
    assert "The demonstration was loaded before." in program.output()
    assert "admin@severny-bereg.example" in program.output()


def test_a_hang_up_ends_it_and_leaves_no_process(program: Program) -> None:
    worker = program.worker()
    assert worker.children() == []
    assert program.database_processes()
    program.process.send_signal(signal.SIGHUP)
    assert program.end() == 0
    assert program.output().count("Stopped, database included") == 1
    assert not worker.is_running()
    assert program.database_processes() == []


def test_a_killed_worker_is_replaced_and_ctrl_c_ends_the_new_one_in_order(program: Program) -> None:
    """A terminal sends Ctrl-C to all processes of the foreground at once; a worker would cut its open requests."""
    killed = program.worker()
    killed.kill()
    killed.wait(30)
    program.wait_until_ready()
    assert os.getpgid(program.worker().pid) != os.getpgid(program.process.pid)
    os.killpg(program.process.pid, signal.SIGINT)
    assert program.end() == 0
    assert "Stopped, database included" in program.output()


def test_a_second_interrupt_does_not_wait_for_open_requests(program: Program) -> None:
    worker = program.worker()
    with socket.create_connection(("127.0.0.1", program.port)) as visitor:
        visitor.sendall(b"GET /never-finished HTTP/1.1\r\n")
        time.sleep(0.5)
        asked_at = time.monotonic()
        program.process.terminate()
        while "Stopping" not in program.output():
            time.sleep(0.05)
        assert worker.is_running()
        program.process.terminate()
        psutil.wait_procs([worker], timeout=GRACE_SECONDS)
        assert time.monotonic() - asked_at < GRACE_SECONDS - 2
    assert program.end() == 0


def test_after_a_kill_the_worker_ends_too_and_the_next_start_takes_the_database_over(
    program: Program, model_url: str
) -> None:
    worker = program.worker()
    program.process.kill()
    gone, _alive = psutil.wait_procs([program.process, worker], timeout=30)
    assert len(gone) == 2
    assert program.database_processes()
    with Program(program.instance, model_url, "nohup") as successor:
        successor.wait_until_ready()
        successor.process.send_signal(signal.SIGHUP)
        successor.wait_until_ready()
        assert "Stopping" not in successor.output(), "nohup wants a hang-up ignored"
        successor.process.terminate()
        assert successor.end() == 0
    assert program.database_processes() == []


def test_a_port_that_was_taken_meanwhile_ends_it_with_the_database(first: Program, model_url: str) -> None:
    program = Program(first.instance, model_url)
    with socket.socket() as other:
        other.bind(("127.0.0.1", program.port))
        other.listen()
        with program:
            assert program.end() == 1
    assert "in use" in program.output()
    assert "Stopped, database included" in program.output()
    assert program.database_processes() == []


def test_tables_of_an_older_version_are_brought_up_to_date(app: Flask) -> None:
    assert is_up_to_date()
    newest = db.session.scalar(db.text("SELECT version_num FROM alembic_version"))
    try:
        set_version("0001")
        assert not is_up_to_date()
    finally:
        set_version(newest)


def set_version(version: str) -> None:
    db.session.execute(db.text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    db.session.commit()


COSTLY = {
    *("openai", "huggingface_hub", "httpx2", "llama_cpp", "numpy", "openpyxl"),
    *("procrastinate", "psycopg", "pymongo", "email_validator"),
}
"""What some command or page needs and most do not: each takes 20 to 350 ms to import."""
PAGES = {
    "flask_admin",
    "wtforms",
    "marketing_app.admin",
    "marketing_app.projects.views",
    "marketing_app.checks.registry",
}


def test_the_application_imports_nothing_that_few_pages_need() -> None:
    done = python("-c", "import sys; from marketing_app import create_app; create_app(); print(*sys.modules)")
    modules = set(done.stdout.split())
    assert modules >= PAGES
    assert modules & COSTLY == set()


@pytest.mark.parametrize("command", [["--help"], ["user", "create", "--help"], ["worker", "--help"]])
def test_a_command_imports_no_pages(command: list[str]) -> None:
    done = python("-X", "importtime", "-m", "flask", "--app", "marketing_app", *command)
    assert "Usage:" in done.stdout
    modules = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "marketing_app.cli" in modules
    assert modules & (COSTLY | PAGES) == set()


def test_commands_of_flask_itself_have_the_pages() -> None:
    assert "/projects/<int:project_id>" in python("-m", "flask", "--app", "marketing_app", "routes").stdout


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DATABASE_URL": "postgresql://nobody@localhost/nothing", "SECRET_KEY": "k" * 40}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=120
    )
