"""Every stream ends when its person may not see it any more, whichever way that came about."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from marketing_app.access import MANAGERS, PROJECT_ACTIONS
from marketing_app.database import db
from marketing_app.models import DraftState, Message, Project, ProjectUser, User
from tests.access.test_every_route import address_of, numbers, project, routes, visitor
from tests.factories import PASSWORD, a_campaign, an_offer
from tests.projects.test_trials import Slow, a_trial

__all__ = ["numbers", "project"]

STREAMS = {
    "campaigns.campaign_stream",
    "campaigns.project_stream",
    "offers.draft_stream",
    "projects.trial_stream",
}
PATIENT_SECONDS = 20
QUICK = (
    "access.LOOK_SECONDS",
    "campaigns.live.HEARTBEAT_SECONDS",
    "offers.live.ELSEWHERE_SECONDS",
    "projects.version_views.HEARTBEAT_SECONDS",
)


@pytest.fixture
def going_on(project: Project, numbers: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The numbers of things that are being written, with streams that look often."""
    for name in QUICK:
        monkeypatch.setattr(f"marketing_app.{name}", 0.05)
    monkeypatch.setattr("marketing_app.projects.version_views.model", SimpleNamespace(engine=Slow))
    monkeypatch.setattr("marketing_app.projects.version_views.trial_of", lambda *_asked: a_trial(1))
    campaign = a_campaign(project, 1)
    an_offer(campaign)
    draft = db.session.get_one(Message, numbers["draft_id"])
    draft.state, draft.touched_at = DraftState.WRITING, datetime.now(UTC) + timedelta(hours=1)
    db.session.commit()
    return numbers | {"campaign_id": campaign.id}


class Reader(Thread):
    """Somebody who follows a stream to its end, in a thread of its own as under gunicorn."""

    def __init__(self, client: FlaskClient, path: str) -> None:
        super().__init__(daemon=True)
        self.has_begun = Event()
        self._client, self._path = client, path
        self.start()

    def run(self) -> None:
        with self._client.get(self._path, buffered=False) as answer:
            for number, _event in enumerate(answer.response):
                if number > 2:
                    self.has_begun.set()

    def has_ended(self) -> bool:
        self.join(PATIENT_SECONDS)
        return not self.is_alive()


def addresses_of(app: Flask, numbers: dict[str, Any]) -> dict[str, str]:
    """Everything that can be asked for, by endpoint."""
    return {endpoint: address_of(pattern, numbers) for endpoint, method, pattern in routes(app) if method == "GET"}


def is_stream(client: FlaskClient, address: str) -> bool:
    with client.get(address, buffered=False) as answer:
        return bool(answer.mimetype == "text/event-stream")


def copy_of(client: FlaskClient) -> FlaskClient:
    """The same browser, for another thread, which has no session of the database that is to forget anything."""
    copy = FlaskClient(client.application, client.response_wrapper)
    cookie = client.get_cookie("session")
    assert cookie
    copy.set_cookie("session", cookie.value)
    return copy


def account_closed(_app: Flask, _client: FlaskClient, person: User) -> None:
    person.is_active = False
    db.session.commit()


def another_password(app: Flask, _client: FlaskClient, person: User) -> None:
    elsewhere = app.test_client()
    elsewhere.sign_in(person)  # type: ignore[attr-defined]
    sent = {"old": PASSWORD, "new": "a password of another kind", "again": "a password of another kind"}
    assert elsewhere.post("/profile/password", data=sent).status_code == 303


def signed_out(_app: Flask, client: FlaskClient, _person: User) -> None:
    client.post("/sign-out")


def removed(_app: Flask, _client: FlaskClient, person: User) -> None:
    db.session.execute(db.delete(ProjectUser).filter_by(user_id=person.id))
    db.session.commit()


def role_lost(_app: Flask, _client: FlaskClient, _person: User) -> None:
    """The performer's role allows neither to look nor to write any more."""
    for action in ("view", "edit"):
        PROJECT_ACTIONS[action] = MANAGERS


@pytest.fixture
def rules() -> Iterator[None]:
    """Puts back what `role_lost` changes."""
    actions = dict(PROJECT_ACTIONS)
    yield
    PROJECT_ACTIONS.update(actions)


WAYS_OUT = (account_closed, another_password, signed_out, removed, role_lost)


def test_the_table_names_every_stream(app: Flask, project: Project, going_on: dict[str, Any]) -> None:
    client = visitor(app, project, "performer")
    addresses = addresses_of(app, going_on)
    assert {endpoint for endpoint, address in addresses.items() if is_stream(client, address)} == STREAMS


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("leave", WAYS_OUT, ids=lambda leave: leave.__name__)
def test_every_stream_ends_when_its_person_is_not_admitted_any_more(
    app: Flask, project: Project, going_on: dict[str, Any], leave: Callable[[Flask, FlaskClient, User], None]
) -> None:
    client = visitor(app, project, "performer")
    person = next(member.user for member in project.members if member.user.name == "performer")
    addresses = addresses_of(app, going_on)
    streams = {endpoint: Reader(copy_of(client), addresses[endpoint]) for endpoint in STREAMS}
    assert [endpoint for endpoint, reader in streams.items() if not reader.has_begun.wait(PATIENT_SECONDS)] == []
    leave(app, client, person)
    assert [endpoint for endpoint, reader in streams.items() if not reader.has_ended()] == []


def test_a_stream_goes_on_while_the_database_is_away(
    app: Flask, project: Project, going_on: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visitor(app, project, "performer")
    stream = Reader(copy_of(client), addresses_of(app, going_on)["campaigns.campaign_stream"])
    assert stream.has_begun.wait(PATIENT_SECONDS)
    with monkeypatch.context() as away:
        away.setattr("marketing_app.access._passes", refuse)
        for _event in range(4):
            stream.has_begun.clear()
            assert stream.has_begun.wait(PATIENT_SECONDS)
    removed(app, client, project.members[-1].user)
    assert stream.has_ended()


def refuse(_rule: str) -> bool:
    raise OperationalError("SELECT", None, Exception("no connection"))
