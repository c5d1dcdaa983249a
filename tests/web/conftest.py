"""The program behind a real gunicorn, over the tests' database, without a model."""

import os
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from subprocess import Popen
from sys import executable
from typing import IO

import pytest
from flask import Flask

from marketing_app.models import User
from marketing_app.settings import Settings
from tests.clients.conftest import count_queries
from tests.factories import PASSWORD
from tests.llm.model_servers import ScriptedServer, free_port, silent

__all__ = ["count_queries"]

ROOT = Path(__file__).parents[2]
STARTING_SECONDS = 60

Serve = Callable[..., int]


@pytest.fixture
def printed(tmp_path: Path) -> Path:
    """The file of what served programs print: their access log."""
    return tmp_path / "printed"


@pytest.fixture
def serve(app: Flask, settings: Settings, database_url: str, printed: Path) -> Iterator[Serve]:
    """Start the program with some settings more, or another configuration of gunicorn; the port it listens on."""
    with ExitStack() as running, ScriptedServer(silent) as model, printed.open("ab") as output:
        base = os.environ | {
            "DATABASE_URL": database_url,
            "INSTANCE_PATH": str(settings.instance_path),
            "SECRET_KEY": "k" * 40,
            "LLM_URL": model.url,
            "LLM_MODEL": "scripted",
            "WORKER": "false",
        }
        yield lambda config="marketing_app.gunicorn", **more: running.enter_context(
            _serving(base | more, config, output)
        )


@contextmanager
def _serving(environment: dict[str, str], config: str, output: IO[bytes]) -> Iterator[int]:
    port = free_port()
    gunicorn = [executable, "-m", "gunicorn", "-c", f"python:{config}", "wsgi:app"]
    process = Popen(gunicorn, cwd=ROOT, env=environment | {"PORT": str(port)}, stdout=output)
    try:
        _wait_until_alive(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_alive(port: int, process: Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended before it answered"
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError("the server did not answer in time")


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert found
    return found[1]


class Browser:
    """Keeps the session's cookie, and comes from an address of this machine; `prefix` is the sub-path of a proxy, `tls`
    how it is asked over HTTPS."""

    def __init__(
        self, port: int, prefix: str = "", address: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> None:
        self.cookie = ""
        self._port, self._prefix, self._address, self._tls = port, prefix, address, tls

    def connect(self) -> HTTPConnection:
        place = {"host": "127.0.0.1", "port": self._port, "timeout": 20, "source_address": (self._address, 0)}
        return HTTPSConnection(**place, context=self._tls) if self._tls else HTTPConnection(**place)  # type: ignore[arg-type]

    def ask(self, method: str, path: str, form: str = "", **headers: str) -> tuple[HTTPResponse, str]:
        with closing(self.connect()) as connection:
            kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
            if self._tls:
                kind["Referer"] = f"https://127.0.0.1:{self._port}{self._prefix}{path}"
            connection.request(method, self._prefix + path, form, kind | headers)
            answer = connection.getresponse()
            self.cookie = (answer.getheader("Set-Cookie") or self.cookie).partition(";")[0]
            return answer, answer.read().decode()

    def sign_in(self, person: User, password: str = PASSWORD, **headers: str) -> HTTPResponse:
        token = token_in(self.ask("GET", "/sign-in")[1])
        form = f"csrf_token={token}&email={person.email}&password={password.replace(' ', '+')}"
        return self.ask("POST", "/sign-in", form, **headers)[0]
