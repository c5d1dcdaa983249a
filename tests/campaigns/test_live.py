"""Watching campaigns: one reader asks the database for all who watch, and the streams outlive the database."""

import re
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from pydantic import SecretStr
from sqlalchemy import event, func

from marketing_app import create_app
from marketing_app.campaigns import live
from marketing_app.database import db
from marketing_app.models import Campaign, CampaignState, Offer, OfferState, Project, ProjectUser, User, UserSession
from marketing_app.settings import Settings
from tests.conftest import Visitor
from tests.factories import a_campaign, a_project, a_user, an_offer
from tests.quick_server import QuickServer

VIEWERS = 200


@pytest.fixture
def project(app: Flask, client: FlaskClient) -> Project:
    project = a_project()
    client.sign_in(project.members[0].user)
    return project


def stream_of(campaign: Campaign) -> str:
    return f"/projects/{campaign.project_id}/campaigns/{campaign.id}/stream"


def events_of(client: FlaskClient, path: str) -> Iterator[str]:
    """The events as they come, without comments."""
    answer = client.get(path, buffered=False)
    assert answer.status_code == 200 and answer.mimetype == "text/event-stream"
    for chunk in answer.iter_encoded():
        if not chunk.startswith(b":"):
            yield chunk.decode()
    answer.close()


def share(said: str) -> int:
    found = re.search(r'data-progress="(\d+)', said)
    assert found
    return int(found[1])


def write(campaign: Campaign, count: int) -> None:
    """Some more of the waiting offers get their text, as if a worker had written them."""
    waiting = db.select(Offer.id).filter_by(campaign_id=campaign.id, state=OfferState.WAITING).limit(count)
    written = {"state": OfferState.READY, "text": "Текст", "written_at": func.now()}
    db.session.execute(db.update(Offer).where(Offer.id.in_(waiting)).values(written))
    db.session.commit()


def finish(campaign: Campaign) -> None:
    db.session.execute(db.update(Campaign).where(Campaign.id == campaign.id).values(finished_at=func.now()))
    db.session.commit()


def test_the_stream_says_every_change_and_then_that_it_is_done(client: FlaskClient, project: Project) -> None:
    campaign = a_campaign(project, 4)
    events = events_of(client, stream_of(campaign))
    first = next(events)
    assert share(first) == 0 and re.search(r"^id: \d+$", first, re.MULTILINE)
    write(campaign, 2)
    assert share(next(events)) == 50
    write(campaign, 2)
    finish(campaign)
    rest = list(events)
    assert rest[-1].startswith("event: done")
    assert "data-progress" in rest[-2] and "hx-post" not in rest[-2]


def test_what_is_paused_stays_open(client: FlaskClient, project: Project) -> None:
    campaign = a_campaign(project, 2)
    events = events_of(client, stream_of(campaign))
    next(events)
    client.post(f"/projects/{project.id}/campaigns/{campaign.id}/pause")
    assert "/resume" in next(events)
    client.post(f"/projects/{project.id}/campaigns/{campaign.id}/cancel")
    assert "event: done" in "".join(events)


def test_a_campaign_that_is_over_ends_at_once(client: FlaskClient, project: Project) -> None:
    campaign = a_campaign(project, state=CampaignState.CANCELLED)
    said = list(events_of(client, stream_of(campaign)))
    assert len(said) == 2 and said[1].startswith("event: done")


def test_a_project_shows_all_that_runs_in_it(client: FlaskClient, project: Project) -> None:
    first, second = a_campaign(project, 2), a_campaign(project, 2)
    elsewhere = a_campaign(a_project(), 1)
    events = events_of(client, f"/projects/{project.id}/campaigns/stream")
    said = next(events)
    assert first.name in said and second.name in said and elsewhere.name not in said
    third = a_campaign(project, 1)
    assert third.name in next(events)
    for campaign in (first, second, third):
        write(campaign, 2)
        finish(campaign)
    assert list(events)[-1].startswith("event: done")


ENDED = {
    "closed": db.update(User).values(is_active=False),
    "removed": db.delete(ProjectUser),
    "another password": db.update(User).values(password_hash="another"),
    "signed out": db.delete(UserSession),
}


@pytest.mark.parametrize("change", ENDED)
def test_a_stream_ends_with_the_session_and_the_membership_of_its_person(
    client: FlaskClient, project: Project, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr("marketing_app.access.LOOK_SECONDS", 0)
    campaign = a_campaign(project, 4)
    events = events_of(client, stream_of(campaign))
    assert share(next(events)) == 0
    db.session.execute(ENDED[change])
    finish(campaign)
    assert list(events) == []


def test_two_people_in_two_zones_see_their_own_times(app: Flask, client: FlaskClient, project: Project) -> None:
    colleague = a_user(time_zone="Asia/Vladivostok")
    project.members.append(ProjectUser(user_id=colleague.id))
    campaign = a_campaign(project)
    an_offer(campaign, state=OfferState.READY, text="Текст", written_at=datetime(2026, 3, 1, 22, 45, tzinfo=UTC))
    db.session.commit()
    other = app.test_client()
    other.sign_in(colleague)  # type: ignore[attr-defined]
    mine, theirs = (events_of(each, stream_of(campaign)) for each in (client, other))
    with closing(mine), closing(theirs):
        assert "02.03.2026, 01:45" in next(mine)
        assert "02.03.2026, 08:45" in next(theirs)


def test_all_who_watch_ask_the_database_once(app: Flask, project: Project) -> None:
    """Two hundred viewers hold no connection and cause a handful of queries a second; the page is rendered once."""
    campaign = a_campaign(project, 4)
    subject, viewer = live.Subject(False, campaign.id), live.Viewer("ru", "Europe/Moscow", True)
    rendered: list[live.View] = []
    said: list[list[str]] = [[] for _viewer in range(VIEWERS)]

    def render(view: live.View) -> str:
        rendered.append(view)
        return "seen"

    def watch(heard: list[str]) -> None:
        with app.app_context():
            heard.extend(live.campaign_events(app, subject, viewer, render))

    watching = [Thread(target=watch, args=(heard,), daemon=True) for heard in said]
    for thread in watching:
        thread.start()
    time.sleep(1)
    asked = statements_during(3)
    write(campaign, 4)
    finish(campaign)
    for thread in watching:
        thread.join(20)
    assert all(heard[-1].startswith("event: done") for heard in said)
    assert len(rendered) <= 4
    assert 1 <= asked <= 4 * 8
    assert db.engine.pool.checkedout() <= 2  # type: ignore[attr-defined]


def statements_during(seconds: float) -> int:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    time.sleep(seconds)
    event.remove(db.engine, "before_cursor_execute", note)
    return len(asked)


def test_nobody_watching_means_no_questions(app: Flask, project: Project) -> None:
    time.sleep(1.5)
    assert statements_during(2) == 0


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[QuickServer]:
    server = QuickServer()
    yield server
    server.stop()


def test_the_stream_outlives_the_database(
    own_server: QuickServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 1.0)
    monkeypatch.setattr(live, "reader", live.Reader())
    app = studio_on(own_server.start(tmp_path / "postgres"), tmp_path)
    with app.app_context():
        campaign = a_campaign(a_project(a_user()), 2)
        db.session.commit()
        number = campaign.id
    with closing(heard_by(app, number)) as events:
        assert next(events).endswith("0\n\n")
        own_server.stop()
        assert [next(events) for _beat in range(3)] == [": still here\n\n"] * 3
        own_server.start(tmp_path / "postgres")
        with app.app_context():
            an_offer(db.session.get_one(Campaign, number), state=OfferState.READY, text="Текст", written_at=func.now())
        assert next(said for said in events if not said.startswith(":")).endswith("1\n\n")


def studio_on(address: str, instance: Path) -> Flask:
    settings = Settings(database_url=SecretStr(address), secret_key=SecretStr("k" * 40), instance_path=instance)
    app = create_app(settings)
    app.test_client_class = Visitor
    with app.app_context():
        upgrade()
    return app


def heard_by(app: Flask, campaign_id: int) -> Generator[str]:
    """A stream whose fragment is the number of ready offers."""
    with app.app_context():
        yield from live.campaign_events(
            app,
            live.Subject(False, campaign_id),
            live.Viewer("ru", "Europe/Moscow", True),
            lambda view: str(view.progress.count(OfferState.READY)) if isinstance(view, live.CampaignView) else "",
        )
