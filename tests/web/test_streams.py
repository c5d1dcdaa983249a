"""How long a stream lasts, and how many there may be."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import repeat
from math import inf
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_login import login_user

from marketing_app.models import Campaign, ProjectUser, User
from marketing_app.settings import Settings
from marketing_app.web import streams
from marketing_app.web.concurrency import STREAMS_OF_A_PERSON
from tests.factories import a_campaign, a_project, a_user, an_offer, saved
from tests.web.conftest import Browser, Serve
from tests.web.test_held_threads import FORM, connections

THREADS = 20
OF_ALL_STREAMS = THREADS - 2


@pytest.fixture
def asked_for(app: Flask) -> Iterator[None]:
    """A request of somebody who is signed in."""
    project = a_project()
    with app.test_request_context(f"/projects/{project.id}"):
        app.preprocess_request()
        login_user(project.members[0].user)
        yield


@pytest.mark.usefixtures("asked_for")
def test_a_stream_ends_so_that_who_may_see_it_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LONGEST_SECONDS", 0.05)
    assert "data: a" in streams.stream(repeat(streams.event("a"))).get_data(as_text=True)


@pytest.mark.usefixtures("asked_for")
def test_work_that_would_begin_anew_is_not_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LONGEST_SECONDS", 0.0)
    events = [streams.event("a"), streams.event("b")]
    assert "data: b" in streams.stream(events, longest_seconds=inf).get_data(as_text=True)


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    """One that is being written, with three members who may watch it."""
    campaign = a_campaign(a_project(a_user(language="en")), 1)
    an_offer(campaign)
    for _member in range(2):
        saved(ProjectUser(project_id=campaign.project_id, user_id=a_user(language="en").id))
    return campaign


def member(app: Flask, person: User) -> FlaskClient:
    client = app.test_client()
    client.sign_in(person)  # type: ignore[attr-defined]
    return client


def watch(client: FlaskClient, campaign: Campaign) -> Any:
    path = f"/projects/{campaign.project_id}/campaigns/{campaign.id}/stream"
    return client.get(path, headers={"HX-Request": "true"}, buffered=False)


def test_one_person_opens_so_many_streams_and_is_told_so(app: Flask, campaign: Campaign) -> None:
    one, other, *_rest = (member(app, each.user) for each in campaign.project.members)
    with ExitStack() as opened:
        for _stream in range(STREAMS_OF_A_PERSON - 1):
            assert opened.enter_context(watch(one, campaign)).status_code == 200
        with watch(one, campaign) as last:
            assert last.status_code == 200
            refused = watch(one, campaign)
            assert refused.status_code == 429 and refused.headers["Retry-After"]
            assert f"At most {STREAMS_OF_A_PERSON} of them show news at a time" in refused.text
            assert one.get(f"/projects/{campaign.project_id}").status_code == 200
            with watch(other, campaign) as of_another:
                assert of_another.status_code == 200
        with watch(one, campaign) as again:
            assert again.status_code == 200


@pytest.fixture
def few_threads(app: Flask, settings: Settings) -> Iterator[None]:
    app.config["STUDIO"] = settings.model_copy(update={"threads": THREADS})
    yield
    app.config["STUDIO"] = settings


@pytest.mark.usefixtures("few_threads")
def test_all_streams_leave_threads_for_pages_and_say_so(app: Flask, campaign: Campaign) -> None:
    people = [member(app, each.user) for each in campaign.project.members]
    with ExitStack() as opened:
        answers = [opened.enter_context(watch(people[n % 3], campaign)) for n in range(OF_ALL_STREAMS)]
        assert {answer.status_code for answer in answers} == {200}
        refused = watch(people[0], campaign)
        assert refused.status_code == 503 and refused.headers["Retry-After"]
        assert "Too many live pages are open in the studio" in refused.text


def test_one_member_does_not_hold_all_threads(campaign: Campaign, serve: Serve) -> None:
    """Neither with streams nor with forms that are half sent."""
    port = serve(THREADS=str(THREADS))
    busy, other = Browser(port), Browser(port)
    for browser, each in zip((busy, other), campaign.project.members, strict=False):
        assert browser.sign_in(each.user).status == 303
    session = f"Host: x\r\nCookie: {busy.cookie}\r\n"
    stream = f"GET /projects/{campaign.project_id}/campaigns/{campaign.id}/stream HTTP/1.1\r\n{session}\r\n"
    form = f"POST /profile HTTP/1.1\r\n{session}{FORM}\r\nContent-Length: 99999\r\n\r\nname="
    for sent in (stream, form):
        with connections(port, sent, THREADS + 10) as opened:
            assert other.ask("GET", "/")[0].status == 200
            assert answered_at_once(opened, b" 429 ")


def answered_at_once(opened: list[Any], status: bytes) -> bool:
    """Whether the last of the connections got this status. It was asked last, so the others are known by then."""
    return status in opened[-1].recv(2**10)
