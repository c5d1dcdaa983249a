"""A house of real processes that a test may break: its own PostgreSQL, web processes and workers of their own.

What breaks is the way from the queue to the database, so most texts come from a scripted model server: it needs no
loading, and no processor that the processes under test want. Two tests break the real model.
"""

import os
import re
import signal
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from sys import executable

import pytest
from flask import Flask
from flask_migrate import upgrade
from pydantic import SecretStr
from sqlalchemy import text

from marketing_app import create_app
from marketing_app.campaigns import services
from marketing_app.campaigns.services import ClientChoice
from marketing_app.database import db
from marketing_app.models import Campaign, Message, Offer, OfferState
from marketing_app.settings import Settings
from tests.conftest import MODEL_THREADS, Visitor
from tests.factories import a_project, a_user, many_clients
from tests.llm.model_servers import ScriptedServer, after, free_port, writing
from tests.quick_server import QuickServer

ROOT = Path(__file__).parents[2]
STARTING_SECONDS = 90
FINISHING_SECONDS = 180
TEXT = "Закажите кредитную карту в приложении."
TEXT_SECONDS = 0.3
TEXTS_AT_A_TIME = 4
"""So few that a short campaign already has some that wait when others are being written."""


class House:
    """The processes, and a Flask application in the test by which it looks into their database."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.database = QuickServer()
        url = self.database.start(directory / "postgres")
        self.port = free_port()
        self.environment = os.environ | {
            "DATABASE_URL": url,
            "INSTANCE_PATH": str(directory),
            "PORT": str(self.port),
            "SECRET_KEY": "k" * 40,
        }
        secret = SecretStr("k" * 40)
        self.app = create_app(Settings(database_url=SecretStr(url), secret_key=secret, instance_path=directory))
        self.app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        self.app.test_client_class = Visitor
        self.processes: list[Popen[bytes]] = []
        self.model_server = a_model_server()
        self.model: dict[str, str] = {}

    def use_a_model_server(self) -> None:
        """Let the processes that are started from now on ask the scripted server."""
        self.model = {
            "LLM_URL": self.model_server.url,
            "LLM_MODEL": "scripted",
            "LLM_CONCURRENCY": str(TEXTS_AT_A_TIME),
        }

    def use_the_real_model(self) -> None:
        """Let the processes that are started from now on load the packaged model."""
        self.model = {"MODEL_SEQUENCES": str(2 * TEXTS_AT_A_TIME), "MODEL_THREADS": MODEL_THREADS}

    def serve(self, **settings: str) -> Popen[bytes]:
        """A web process, with its worker unless the settings say otherwise; returns when its model is loaded."""
        process = self._begin(["gunicorn", "-c", "python:marketing_app.gunicorn", "wsgi:app"], settings)
        self._wait_until_ready(process)
        return process

    def work(self, **settings: str) -> Popen[bytes]:
        """A worker of its own: `flask worker`."""
        return self._begin(["flask", "--app", "marketing_app", "worker"], settings)

    def kill(self, process: Popen[bytes]) -> None:
        """As the kernel does when memory is short: everything of it at once."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)

    def stop_database(self) -> None:
        db.session.remove()
        db.engine.dispose()
        self.database.stop()

    def start_database(self) -> None:
        assert self.database.start(self.directory / "postgres") == self.environment["DATABASE_URL"]

    def end_all(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                self.kill(process)
        self.processes.clear()

    @contextmanager
    def without_model_server(self) -> Iterator[None]:
        """The model server is gone, with the connections that it had; it comes back at the same address."""
        self.model_server.__exit__(None, None, None)
        try:
            yield
        finally:
            self.model_server = a_model_server(self.model_server.port)

    def _begin(self, words: list[str], settings: dict[str, str]) -> Popen[bytes]:
        with (self.directory / "log").open("ab") as log:
            process = Popen(
                [executable, "-m", *words],
                cwd=ROOT,
                env=self.environment | self.model | settings,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def _wait_until_ready(self, process: Popen[bytes]) -> None:
        deadline = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < deadline:
            assert process.poll() is None, (self.directory / "log").read_text()[-3000:]
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5).close()
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.2)
        raise AssertionError((self.directory / "log").read_text()[-3000:])


def a_model_server(port: int = 0) -> ScriptedServer:
    return ScriptedServer(after(TEXT_SECONDS, writing(TEXT)), port=port).__enter__()


@pytest.fixture(scope="session")
def whole_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"))
    with house.app.app_context():
        upgrade()
    yield house
    house.end_all()
    house.model_server.__exit__(None, None, None)
    house.database.stop()


@pytest.fixture
def house(whole_house: House) -> Iterator[House]:
    """The house with nothing running in it; what a test leaves running is ended."""
    with whole_house.app.app_context():
        whole_house.use_a_model_server()
        yield whole_house
        whole_house.end_all()
        db.session.remove()


def start_campaign(client_count: int) -> Campaign:
    """A campaign of short messages, one draft each."""
    project = a_project(manager=a_user())
    many_clients(project, client_count)
    channel = project.channels[0]
    campaign = services.start_campaign(
        channel, channel.versions[0], ClientChoice(), name="Осень", drafts=1, seed=1, author=project.members[0].user
    )
    db.session.commit()
    return campaign


WRITTEN = (OfferState.READY, OfferState.NEEDS_PERSON)
"""A text came to be; whether the rules let it pass is not what these tests are about."""


def states(campaign_id: int) -> Counter[str]:
    """How many offers are in each state at this moment; those with a text are all `written`."""
    counts = stored_states(campaign_id)
    written = sum(counts.pop(state.value, 0) for state in WRITTEN)
    return Counter(counts | {"written": written}) if written else counts


def stored_states(campaign_id: int) -> Counter[str]:
    """How many offers are in each state, as the database says at this moment."""
    db.session.rollback()
    query = db.select(Offer.state, db.func.count()).filter_by(campaign_id=campaign_id).group_by(Offer.state)
    return Counter({state.value: count for state, count in db.session.execute(query)})


def attempts(campaign_id: int, state: OfferState | None = None) -> dict[int, int]:
    """How often each offer was begun; those in one state, or all."""
    db.session.rollback()
    query = db.select(Offer.id, Offer.attempt_count).filter_by(campaign_id=campaign_id)
    rows = db.session.execute(query.filter_by(state=state) if state else query)
    return {offer_id: count for offer_id, count in rows}


def jobs(status: str) -> int:
    db.session.rollback()
    query = text("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'offers' AND status = :status")
    return db.session.scalar(query, {"status": status}) or 0


def wait_for(condition: Callable[[], bool], what: str, seconds: float = FINISHING_SECONDS) -> float:
    """Wait until it holds; returns the seconds that it took."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, f"{what}: not within {seconds} seconds"
        time.sleep(0.1)
    return time.monotonic() - started


def wait_until_written(campaign_id: int, count: int) -> None:
    wait_for(lambda: states(campaign_id)["written"] >= count, f"{count} texts")


def wait_until_finished(campaign_id: int) -> None:
    def has_finished() -> bool:
        db.session.rollback()
        return db.session.get_one(Campaign, campaign_id).finished_at is not None

    wait_for(has_finished, "the end of the campaign")


def check_nothing_lost_or_twice(app: Flask, campaign_id: int) -> None:
    """Each offer has come to one end and says which; the page says the same as the database."""
    counts = states(campaign_id)
    campaign = db.session.get_one(Campaign, campaign_id)
    offers = db.session.scalars(db.select(Offer).filter_by(campaign_id=campaign_id)).all()
    assert len(offers) == campaign.offer_count == len({offer.client_id for offer in offers})
    assert set(counts) <= {"written", "failed", "cancelled"}
    assert all(offer.failure for offer in offers if offer.state is OfferState.FAILED)
    assert turns(campaign_id) == {offer.id: 2 for offer in offers if offer.state in WRITTEN}
    assert jobs("todo") == jobs("doing") == 0
    assert counts_on_page(app, campaign) == stored_states(campaign_id)


def turns(campaign_id: int) -> dict[int, int]:
    """How many messages each offer has that has any: a prompt and a draft when it was written once."""
    query = db.select(Message.offer_id, db.func.count()).join(Offer, Offer.id == Message.offer_id)
    rows = db.session.execute(query.where(Offer.campaign_id == campaign_id).group_by(Message.offer_id))
    return {offer_id: count for offer_id, count in rows}


def counts_on_page(app: Flask, campaign: Campaign) -> Counter[str]:
    visitor = app.test_client()
    assert isinstance(visitor, Visitor)
    visitor.sign_in(campaign.author)
    page = visitor.get(f"/projects/{campaign.project_id}/campaigns/{campaign.id}").get_data(as_text=True)
    found = re.findall(r'data-state="(\w+)">[^<]*?([\d\s]+)</a>', page)
    assert len(found) == len(OfferState)
    counts = {state: int(re.sub(r"\s", "", number)) for state, number in found}
    return Counter({state: count for state, count in counts.items() if count})
