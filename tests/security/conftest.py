"""Two filled projects, those who look at them from inside and outside, what is logged, and how much was tried."""

import re
import socket
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.llm.registry import model
from marketing_app.models import Role, User
from tests.factories import a_member, a_project, a_user
from tests.security.filled_project import FilledProject, Words, a_filled_project
from tests.security.kept_rows import KeptRows
from tests.security.pages import PAYLOAD

Tried = Callable[[str, int], None]
Keep = Callable[[], KeptRows]
Some = Callable[[list[Any], int], list[Any]]

FUZZ, SEED = "--fuzz", "--fuzz-seed"
USUAL_SEED = 21
PROJECTS = ("alder", "birch")
OF_A_PROJECT = re.compile(f"qz[osn]({'|'.join(PROJECTS)})", re.IGNORECASE)
LEVELS = ("debug", "info", "warning", "error", "critical")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Only where this directory is named on the command line: else every run is a small one."""
    parser.addoption(FUZZ, type=int, help="a large run: so many odd requests, and all of what else is tried")
    parser.addoption(SEED, type=int, help="another choice of odd requests")


@pytest.fixture
def odd_count(request: pytest.FixtureRequest) -> int | None:
    """Of odd requests in a large run; None in a small one."""
    return request.config.getoption(FUZZ, None)  # type: ignore[no-any-return]


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    return request.config.getoption(SEED, None) or USUAL_SEED


@pytest.fixture
def some(odd_count: int | None, seed: int) -> Some:
    """Takes so many of a list; in a large run all."""
    return lambda things, most: things if odd_count or len(things) <= most else Random(seed).sample(things, most)


@pytest.fixture
def own(app: Flask) -> FilledProject:
    return a_filled_project(Words(PROJECTS[0], PAYLOAD), a_user(PAYLOAD), a_user(PAYLOAD))


@pytest.fixture
def other(own: FilledProject) -> FilledProject:
    """Of the same bank, with other people."""
    return a_filled_project(Words(PROJECTS[1], PAYLOAD), a_user(PAYLOAD), a_user(PAYLOAD))


@pytest.fixture
def administrator(own: FilledProject) -> User:
    """Who manages the project as well, and so may open every page."""
    user = a_member(own.project, a_user(PAYLOAD, is_administrator=True), Role.MANAGER)
    a_project(user)  # so that there is one to copy from
    return user


@pytest.fixture
def everywhere(app: Flask, administrator: User) -> FlaskClient:
    return signed_in(app, administrator)


@pytest.fixture
def keep(app: Flask) -> Iterator[Keep]:
    """Keeps all rows as they are when it is called."""
    yield KeptRows
    db.session.rollback()
    KeptRows.forget()


@pytest.fixture(autouse=True)
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests of the process may have loaded one, and its threads would write while rows are compared."""
    monkeypatch.setattr(model, "_engine", None)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms about databases name all kinds of hosts: nobody is asked for one, here or elsewhere."""

    def refuse(host: object, *_arguments: object, **_named: object) -> None:
        raise socket.gaierror(f"{host!r} is not looked up")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(autouse=True)
def nothing_of_a_project_is_logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test of this directory asks for."""
    lines: list[str] = []
    for level in LEVELS:
        monkeypatch.setattr(structlog.WriteLogger, level, lambda _self, line: lines.append(line))
    yield
    assert [line for line in (*lines, *caplog.text.splitlines()) if OF_A_PROJECT.search(line)] == []


@pytest.fixture
def tried(record_property: Callable[[str, object], None]) -> Tried:
    """Notes what a test tried, and how often; a run of this directory tells all of it in the end."""
    return lambda what, count: record_property(f"tried {what}", count)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, count in report.user_properties:
                if name.startswith("tried "):
                    terminalreporter.write_line(f"{count:>8,} {name.removeprefix('tried ')}: {outcome}")


def signed_in(app: Flask, user: User) -> FlaskClient:
    client = app.test_client()
    assert client.sign_in(user).status_code == 303  # type: ignore[attr-defined]
    return client
