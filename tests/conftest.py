"""One embedded PostgreSQL for the whole run; every test finds its tables empty."""

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
from marketing_app.embedded import EmbeddedServer
from marketing_app.models import User
from marketing_app.settings import Settings
from marketing_app.web.limits import limiter
from tests.factories import PASSWORD

LONGEST_WAIT_FOR_A_LOCK = "30s"
END_OPEN_TRANSACTIONS = """
    SELECT state, query, pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE xact_start IS NOT NULL AND backend_type = 'client backend' AND pid != pg_backend_pid()
"""


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = EmbeddedServer()
    yield server.start(tmp_path_factory.mktemp("postgres"))
    server.stop()


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
    ours = [f'"{table.name}"' for table in db.metadata.sorted_tables]
    names = ", ".join([*ours, "procrastinate_jobs", "procrastinate_workers"])
    try:
        db.session.execute(text(f"SET LOCAL lock_timeout = '{LONGEST_WAIT_FOR_A_LOCK}'"))
        db.session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        db.session.execute(text("DROP SCHEMA IF EXISTS staging CASCADE"))  # the numbers of loads begin again
        db.session.execute(text("CREATE SCHEMA staging"))
        db.session.commit()
    except OperationalError as error:
        db.session.rollback()
        left = [tuple(row) for row in db.session.execute(text(END_OPEN_TRANSACTIONS))]
        db.session.commit()
        raise AssertionError(f"transactions that a test left open: {left}") from error


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
