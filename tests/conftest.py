"""One embedded PostgreSQL for each process that runs tests; every test finds its tables empty."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from marketing_app import create_app
from marketing_app.database import db
from marketing_app.models import User
from marketing_app.settings import Settings
from marketing_app.web.limits import limiter
from tests.factories import PASSWORD
from tests.quick_server import QuickServer
from tests.watcher import watch

SHARED = ("tests/faults", "tests/browser")
"""Rooms whose tests share what takes long to start: each runs in one process."""
OF_THE_MODEL = {"engine", "loaded_model"}
"""Fixtures that load the model: all tests that use one run in one process, which loads it once."""
LONGEST_WAIT_FOR_A_LOCK = "30s"
END_OPEN_TRANSACTIONS = """
    SELECT state, query, pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE xact_start IS NOT NULL AND backend_type = 'client backend' AND pid != pg_backend_pid()
"""


def pytest_configure(config: pytest.Config) -> None:
    """Keep all files of the run in one directory that goes with it, unless --basetemp names another one."""
    is_worker = hasattr(config, "workerinput")
    if not is_worker:
        directory = watch()
        config.option.basetemp = config.option.basetemp or str(directory / "pytest")
    tempfile.tempdir = None  # asks TMPDIR again


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Name the group of each test: the tests of a group run in one process. Long groups begin first."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(group_of(item)))
    items.sort(key=lambda item: order_of(item.get_closest_marker("xdist_group").args[0]))  # type: ignore[union-attr]


def group_of(item: pytest.Item) -> str:
    file = item.nodeid.partition("::")[0]
    if file.startswith(SHARED):
        return next(room for room in SHARED if file.startswith(room))
    return "model" if OF_THE_MODEL & set(getattr(item, "fixturenames", ())) else file


def order_of(group: str) -> int:
    first = ["model", *SHARED]
    return first.index(group) if group in first else len(first)


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = QuickServer()
    yield server.start(tmp_path_factory.mktemp("postgres"))
    server.stop()


OF_THE_QUEUE = ("jobs", "events", "periodic_defers", "workers")
TABLES = [
    *(f'"{table.name}"' for table in db.metadata.sorted_tables),
    *(f"procrastinate_{name}" for name in OF_THE_QUEUE),
]
LARGEST_DELETED = 2**20
"""Bytes of a table. Deleted rows of a larger one would slow down the tests that follow."""
SIZES = " UNION ALL ".join(
    f"SELECT '{table}', pg_relation_size('{table}') WHERE EXISTS (SELECT FROM {table})" for table in TABLES
)
RESTART_NUMBERS = """
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL
"""
ANY_STAGING_TABLE = "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'staging'::regnamespace)"


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        database_url=SecretStr(database_url),
        secret_key=SecretStr("k" * 40),
        instance_path=tmp_path_factory.mktemp("instance"),
        sign_in_limit="5 per minute",
        max_upload_mb=20,
    )


@pytest.fixture(scope="session")
def migrated_app(settings: Settings) -> Flask:
    app = create_app(settings)
    app.config["TESTING"] = True
    app.config["WTF_CSRF_ENABLED"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.test_client_class = Visitor
    with app.app_context():
        upgrade()
    return app


@pytest.fixture
def app(migrated_app: Flask) -> Iterator[Flask]:
    """The application with empty tables, inside an application context."""
    with migrated_app.app_context():
        db.session.remove()
        empty_the_database()
        limiter.reset()
        yield migrated_app
        db.session.remove()


def empty_the_database() -> None:
    """Raises AssertionError when a test before left a transaction open; it is ended, so that only one test fails."""
    try:
        db.session.execute(text(f"SET LOCAL lock_timeout = '{LONGEST_WAIT_FOR_A_LOCK}'"))
        db.session.execute(text(f"LOCK TABLE {', '.join(TABLES)}"))
        delete_all_rows()
        db.session.execute(text(RESTART_NUMBERS))
        if db.session.scalar(text(ANY_STAGING_TABLE)):
            db.session.execute(text("DROP SCHEMA staging CASCADE"))
            db.session.execute(text("CREATE SCHEMA staging"))
        db.session.commit()
    except OperationalError as error:
        db.session.rollback()
        left = [tuple(row) for row in db.session.execute(text(END_OPEN_TRANSACTIONS))]
        db.session.commit()
        raise AssertionError(f"transactions that a test left open: {left}") from error


def delete_all_rows() -> None:
    """Empty the few tables that a test filled: to truncate all takes the time of a dozen tests."""
    sizes: dict[str, int] = {table: size for table, size in db.session.execute(text(SIZES))}
    if max(sizes.values(), default=0) > LARGEST_DELETED:
        db.session.execute(text(f"TRUNCATE {', '.join(TABLES)} CASCADE"))
    elif sizes:
        # Neither foreign keys nor triggers are of any use to rows that all go.
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
        for table in sizes:
            db.session.execute(text(f"DELETE FROM {table}"))


class Visitor(FlaskClient):
    """A browser without a screen. Every request has an application context of its own, as under a real server."""

    def open(self, *arguments: Any, **named: Any) -> Any:
        with self.application.app_context():
            response = super().open(*arguments, **named)
        db.session.expire_all()
        return response

    def sign_in(self, user: User, password: str = PASSWORD) -> Any:
        return self.post("/sign-in", data={"email": user.email, "password": password})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def root() -> Path:
    return Path(__file__).parent.parent
