"""One embedded PostgreSQL for each process that runs tests; every test finds its tables empty."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from pydantic import SecretStr

from marketing_app import create_app
from marketing_app.database import db
from marketing_app.llm.cutting import cut_vocabulary
from marketing_app.llm.files import cut_model_path, packaged_sha256
from marketing_app.llm.local import LocalEngine
from marketing_app.llm.registry import Registry, model
from marketing_app.models import User
from marketing_app.settings import Settings
from marketing_app.web.concurrency import running
from marketing_app.web.limits import limiter
from tests.emptying import empty_the_database
from tests.factories import PASSWORD, begin_numbers_again
from tests.llm.published import published_model
from tests.quick_server import QuickServer
from tests.watcher import watch

SHARED = ("tests/faults", "tests/browser", "tests/security")
"""Rooms whose tests share what takes long to start or to find: each runs in one process."""
MODEL_THREADS = "1"
"""For every model of the tests. Threads wait for each other at each of a thousand operations of a step, which takes
several times as long where another process is busy (docs/performance.md), and here one always is."""
OF_THE_MODEL = {"engine", "cut_model", "loaded_model", "model_server"}
"""Fixtures that load the model. All tests that use one run in one process, in the group "model", and so do those that
name this group because they load a model of their own."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep all files of the run in one directory that goes with it, unless --basetemp names another one."""
    is_worker = hasattr(config, "workerinput")
    if not is_worker:
        directory = watch()
        config.option.basetemp = config.option.basetemp or str(directory / "pytest")
    tempfile.tempdir = None  # makes tempfile read TMPDIR again


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


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        database_url=SecretStr(database_url),
        secret_key=SecretStr("k" * 40),
        instance_path=tmp_path_factory.mktemp("instance"),
        sign_in_limit="5 per minute",
        max_upload_mb=20,
        model_threads=int(MODEL_THREADS),
    )


@pytest.fixture(scope="session")
def migrated_app(settings: Settings) -> Flask:
    app = an_app(settings)
    with app.app_context():
        upgrade()
    return app


@pytest.fixture(scope="session")
def app_behind(settings: Settings) -> Callable[[int], Flask]:
    """The application behind so many proxies, over the same database as `app`."""
    apps = {count: an_app(settings.model_copy(update={"proxy_count": count})) for count in (0, 1, 2)}
    return apps.__getitem__


def an_app(settings: Settings) -> Flask:
    app = create_app(settings)
    app.config["TESTING"] = True
    app.config["WTF_CSRF_ENABLED"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.test_client_class = Visitor
    return app


@pytest.fixture
def app(migrated_app: Flask) -> Iterator[Flask]:
    """The application with empty tables, inside an application context."""
    with migrated_app.app_context():
        db.session.remove()
        empty_the_database()
        begin_numbers_again()
        limiter.reset()
        running.forget()
        yield migrated_app
        db.session.remove()


@pytest.fixture
def guarded(app: Flask) -> Iterator[FlaskClient]:
    """A visitor to the application with the protection of forms switched on."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False


class Visitor(FlaskClient):
    """A browser without a screen. Every request has an application context of its own, as under a real server."""

    def open(self, *arguments: Any, **named: Any) -> Any:
        with self.application.app_context():
            response = super().open(*arguments, **named)
            if response.mimetype != "text/event-stream":
                response.get_data()
                response.close()  # the file that was served, where it was one
            # Werkzeug's client sends a large upload from a file, and closes it only where it follows redirects.
            response.request.input_stream.close()
        db.session.expire_all()
        return response

    def sign_in(self, user: User, password: str = PASSWORD) -> Any:
        return self.post("/sign-in", data={"email": user.email, "password": password})


@pytest.fixture(scope="session")
def cut_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packaged model with the vocabulary that the program gives it."""
    made = cut_model_path(tmp_path_factory.mktemp("models"))
    assert made
    return cut_vocabulary(published_model(), made, packaged_sha256()).path


@pytest.fixture(scope="session")
def engine(cut_model: Path) -> Iterator[LocalEngine]:
    """The model that the program comes with, loaded once for all tests that write."""
    engine = LocalEngine(cut_model, context=4096, sequences=6, threads=int(MODEL_THREADS))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def loaded_model(engine: LocalEngine) -> Registry:
    """The process's own registry, with the packaged model in it."""
    model.start(lambda: engine)
    assert model.wait(120)
    return model


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def root() -> Path:
    return Path(__file__).parent.parent
