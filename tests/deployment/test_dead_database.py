"""The embedded PostgreSQL dies under the program that the real start command runs."""

import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from pydantic import SecretStr

from marketing_app import create_app
from marketing_app.database import db
from marketing_app.settings import Settings
from tests.conftest import Visitor
from tests.deployment.test_embedded import postmaster
from tests.deployment.test_start import Program
from tests.faults.conftest import (
    check_nothing_lost_or_twice,
    start_campaign,
    wait_for,
    wait_until_finished,
    wait_until_written,
)
from tests.llm.model_servers import ScriptedServer, after, writing

SECRET = "k" * 40
TEXT = "Закажите кредитную карту в приложении."
OFFERS = 12
IMPATIENT = (
    sys.executable,
    "-c",
    "import sys; from marketing_app import embedded, serve; embedded.LONGEST_START = 1.0; sys.exit(serve.main())",
)
"""The start command with a second for all attempts; what follows it are arguments that nobody reads."""


@pytest.fixture
def model_url() -> Iterator[str]:
    with ScriptedServer(after(0.3, writing(TEXT))) as server:
        yield server.url


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Whoever comes first makes the database in it."""
    return tmp_path_factory.mktemp("dead") / "instance"


def started(instance: Path, model_url: str, *prefix: str, **settings: str) -> Program:
    """Without the demonstration, which takes the longest of a first start."""
    settings |= {"APP_ENV": "production", "SECRET_KEY": SECRET, "LLM_CONCURRENCY": "4"}
    return Program(instance, model_url, *prefix, **settings)


@contextmanager
def application_over(address: str, instance: Path) -> Iterator[Flask]:
    """The application in the test's own process, to look into the program's database."""
    settings = Settings(database_url=SecretStr(address), secret_key=SecretStr(SECRET), instance_path=instance)
    app = create_app(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = Visitor
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def kill_postmaster(program: Program) -> int:
    killed = postmaster(program.instance / "postgres")
    db.session.remove()
    os.kill(killed, signal.SIGKILL)
    return killed


def test_a_killed_database_is_started_again_and_nothing_is_lost(instance: Path, model_url: str) -> None:
    with started(instance, model_url) as program:
        program.wait_until_ready()
        worker = program.worker()
        (address,) = re.findall("DATABASE_URL='(.+)'", program.output())
        with application_over(address, instance) as app:
            campaign = start_campaign(OFFERS).id
            wait_until_written(campaign, 3)
            killed = kill_postmaster(program)
            wait_for(lambda: "embedded_database_started_again" in program.output(), "the database")
            assert postmaster(instance / "postgres") != killed
            program.wait_until_ready()
            wait_until_finished(campaign)
            check_nothing_lost_or_twice(app, campaign)
        assert program.worker() == worker, "nobody who waits for a text has to ask again"
        program.process.terminate()
        assert program.end() == 0, program.output()
    assert program.database_processes() == []


def test_a_database_that_cannot_be_started_again_ends_the_program_with_a_sentence(
    instance: Path, model_url: str
) -> None:
    needed = instance / "postgres/global/pg_control"
    with started(instance, model_url, *IMPATIENT, WORKER="false") as program:
        program.wait_until_ready()
        assert "database_role_is_superuser" in program.output(), "which production is warned of"
        worker = program.worker()
        needed.rename(instance / "pg_control")
        os.kill(postmaster(instance / "postgres"), signal.SIGKILL)
        assert program.end() == 1
    (instance / "pg_control").rename(needed)
    assert f"The embedded PostgreSQL died and cannot be started again; its logs: {instance}/postgres/log" in (
        program.output()
    )
    assert "Stopped, database included" in program.output() and "Traceback" not in program.output()
    assert not worker.is_running() and program.database_processes() == []


def test_a_database_that_cannot_be_started_at_all_ends_the_start_with_a_sentence(
    tmp_path: Path, model_url: str
) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres/PG_VERSION").write_text("18\n")
    (tmp_path / "postgres/postgresql.conf").touch()
    with started(tmp_path, model_url, *IMPATIENT) as program:
        assert program.end() == 1
    assert "PostgreSQL did not start; its logs: " in program.output()
    assert "Traceback" not in program.output()
