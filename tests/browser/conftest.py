"""A real browser before the real program: gunicorn, its own PostgreSQL, the real model."""

import os
import shutil
import socket
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, Popen, run
from sys import executable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from marketing_app.serve import any_host_and_the_demonstration
from tests.conftest import MODEL_THREADS
from tests.quick_server import QuickServer

CHROMIUM_IS_MISSING = "no Chromium on this machine; install one: apt-get install --yes chromium"
PASSWORD = "a long enough password"
MANAGER = "walker@bank.example"
ROOT = Path(__file__).parents[2]
READY_SECONDS = 120


@dataclass
class Studio:
    """A running program: where it is, and how its commands are called."""

    address: str
    environment: dict[str, str] = field(repr=False)

    def flask(self, *words: str, stdin: str = "") -> None:
        command = [executable, "-m", "flask", "--app", "marketing_app", *words]
        run(command, cwd=ROOT, env=self.environment, input=stdin, text=True, check=True, stdout=DEVNULL)


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    instance = tmp_path_factory.mktemp("studio")
    server = QuickServer()
    port = free_port()
    url = server.start(instance / "postgres")
    environment = os.environ | {
        "DATABASE_URL": url,
        "IMPORT_ALLOWED_HOSTS": any_host_and_the_demonstration(url),
        "INSTANCE_PATH": str(instance),
        "PORT": str(port),
        "SIGN_IN_LIMIT": "1000 per minute",
        "MODEL_THREADS": MODEL_THREADS,
    }
    running = Studio(f"http://127.0.0.1:{port}", environment)
    running.flask("db", "upgrade")
    running.flask("demo", "load")
    running.flask("user", "create", MANAGER, "Ирина", "--administrator", "--password-stdin", stdin=PASSWORD + "\n")
    gunicorn = [executable, "-m", "gunicorn", "-c", "python:marketing_app.gunicorn", "wsgi:app"]
    process = Popen(gunicorn, cwd=ROOT, env=environment)
    try:
        wait_until_ready(running.address, process)
        yield running
    finally:
        process.terminate()
        process.wait(30)
        server.stop()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_ready(address: str, process: Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended before it was ready"
        try:
            urllib.request.urlopen(f"{address}/health/ready", timeout=5).close()
            return
        except OSError:
            time.sleep(0.3)
    raise AssertionError("the server was not ready in time")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.fail(CHROMIUM_IS_MISSING)
    options = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium, args=options)
        yield chrome
        chrome.close()


@pytest.fixture
def context(browser: Browser, studio: Studio) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=studio.address, locale="ru-RU")
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, studio: Studio) -> Iterator[Page]:
    """A page whose console must stay empty and which must ask nobody but our own host."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request", lambda sent: None if sent.url.startswith((studio.address, "data:")) else complaints.append(sent.url)
    )
    yield page
    assert complaints == []


def sign_in(page: Page, email: str = MANAGER, password: str = PASSWORD) -> None:
    page.goto("/sign-in")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_url("**/")
