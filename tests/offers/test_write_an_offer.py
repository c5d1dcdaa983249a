"""A marketer writes an offer, watches it, stops it, asks for another. The model is the real one."""

import re
import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.llm.engine import DEADLINE_SECONDS, Priority
from marketing_app.llm.registry import Registry
from marketing_app.llm.remote import RemoteEngine
from marketing_app.models import (
    Client,
    DraftState,
    Message,
    MessageRole,
    Offer,
    OfferState,
    Outcome,
    Project,
    ProjectSaleChannel,
)
from marketing_app.offers import writing
from tests.factories import PROMPT, a_channel, a_client, a_field, a_product, a_project, a_project_channel, a_user
from tests.llm.model_servers import ScriptedServer, refusing, silent
from tests.offers.conftest import Answers, put_in_place


@pytest.fixture
def project(app: Flask) -> Project:
    performer = a_user()
    project = a_project(performer=performer)
    a_field(project)
    a_client(project, age=52.688)
    return project


def parts(project: Project) -> tuple[ProjectSaleChannel, Client]:
    channel = db.session.scalars(db.select(ProjectSaleChannel).filter_by(project_id=project.id)).first()
    client = db.session.scalars(db.select(Client).filter_by(project_id=project.id)).first()
    assert channel and client
    return channel, client


def sign_in(visitor: FlaskClient, project: Project) -> None:
    visitor.sign_in(project.members[-1].user)


def write(visitor: FlaskClient, project: Project, text: str = PROMPT) -> Any:
    channel, client = parts(project)
    data = {"channel_id": channel.id, "client_id": client.id, "text": text}
    return visitor.post(f"/projects/{project.id}/offers/write", data=data)


def newest_draft() -> Message:
    query = db.select(Message).filter_by(role=MessageRole.DRAFT).order_by(Message.id.desc())
    draft = db.session.scalars(query).first()
    assert draft
    return draft


def wait_until_written(timeout: float = 120) -> Message:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        db.session.rollback()
        draft = newest_draft()
        if draft.state is not DraftState.WRITING and writing.live_draft(draft.id) is None:
            return draft
        time.sleep(0.1)
    raise AssertionError("the draft was not written in time")


def stream_of(project: Project, draft: Message) -> str:
    return f"/projects/{project.id}/offers/{draft.offer_id}/drafts/{draft.id}/stream"


def test_an_offer_is_written_and_stored_with_what_it_took(
    client: FlaskClient, project: Project, loaded_model: Registry
) -> None:
    sign_in(client, project)
    assert write(client, project).status_code == 303
    draft = wait_until_written()
    assert draft.state is DraftState.READY
    assert draft.text and draft.text == draft.offer.text
    assert draft.model_name == loaded_model.engine().card.name
    assert draft.prompt_token_count > 50 and draft.token_count > 0 and draft.seconds > 0
    assert "52 года" in draft.prompt and "52.688" not in draft.prompt


def test_the_prompt_of_the_person_stands_before_the_draft(
    client: FlaskClient, project: Project, loaded_model: Registry
) -> None:
    sign_in(client, project)
    write(client, project, "Только для этого раза: {product}, {client}")
    draft = wait_until_written()
    asked = draft.offer.messages[0]
    assert asked.role is MessageRole.PROMPT and asked.text.startswith("Только для этого раза")
    assert draft.offer.prompt_version.text == PROMPT


def test_the_stream_tells_the_text_and_then_that_it_is_done(
    client: FlaskClient, project: Project, loaded_model: Registry
) -> None:
    sign_in(client, project)
    write(client, project)
    body = client.get(stream_of(project, newest_draft())).get_data(as_text=True)
    assert body.startswith(": ok\n\n")
    assert body.count("draft-text") >= 2
    assert body.rstrip().split("\n\n")[-1].startswith("event: done")


def test_a_draft_is_finished_though_nobody_watches(
    client: FlaskClient, project: Project, loaded_model: Registry
) -> None:
    sign_in(client, project)
    write(client, project)
    with client.get(stream_of(project, newest_draft()), buffered=False) as response:
        next(response.response)
    assert wait_until_written().state is DraftState.READY


def test_a_stopped_draft_keeps_its_text(client: FlaskClient, project: Project, loaded_model: Registry) -> None:
    sign_in(client, project)
    write(client, project)
    draft = newest_draft()
    live = writing.live_draft(draft.id)
    assert live and live.wait(0, 60)
    client.post(f"/projects/{project.id}/offers/{draft.offer_id}/drafts/{draft.id}/stop")
    stopped = wait_until_written()
    assert stopped.state is DraftState.STOPPED and stopped.text


def test_a_change_is_written_from_the_conversation(
    client: FlaskClient, project: Project, loaded_model: Registry
) -> None:
    sign_in(client, project)
    write(client, project)
    first = wait_until_written()
    answer = client.post(
        f"/projects/{project.id}/offers/{first.offer_id}/change", data={"request": "Сделай короче и теплее"}
    )
    assert answer.status_code == 303
    second = wait_until_written()
    assert second.id != first.id
    assert first.text in second.prompt and "Сделай короче и теплее" in second.prompt
    page = client.get(f"/projects/{project.id}/offers/{first.offer_id}").get_data(as_text=True)
    assert page.count('id="message-') == 4


def test_one_draft_of_an_offer_is_written_at_a_time(
    client: FlaskClient, project: Project, loaded_model: Registry
) -> None:
    sign_in(client, project)
    write(client, project)
    assert write(client, project).status_code == 409
    writing.stop(newest_draft().id)
    wait_until_written()
    assert db.session.scalar(db.select(db.func.count(Message.id))) == 2


@pytest.mark.parametrize("text", ["", "   ", "Привет, {salary}", "я" * 20_001])
def test_a_prompt_that_cannot_be_used_is_refused(client: FlaskClient, project: Project, text: str) -> None:
    sign_in(client, project)
    assert write(client, project, text).status_code == 422
    assert db.session.scalar(db.select(db.func.count(Offer.id))) == 0


def test_a_megabyte_of_prompt_is_refused(client: FlaskClient, project: Project) -> None:
    sign_in(client, project)
    assert write(client, project, "я" * 600_000).status_code == 413
    answer = write(client, project, "я" * 100_000)
    assert answer.status_code == 422
    assert db.session.scalar(db.select(db.func.count(Offer.id))) == 0


def test_a_prompt_longer_than_the_context_names_both_numbers(
    client: FlaskClient, project: Project, loaded_model: Registry
) -> None:
    sign_in(client, project)
    answer = write(client, project, "{client} " + "кредитоспособность " * 1000)
    assert answer.status_code == 422
    assert db.session.scalar(db.select(db.func.count(Message.id))) == 0


def test_while_the_model_loads_nothing_is_half_done(client: FlaskClient, project: Project, no_model: Registry) -> None:
    sign_in(client, project)
    assert write(client, project).status_code == 503
    assert db.session.scalar(db.select(db.func.count(Offer.id))) == 0


def test_a_draft_whose_process_died_is_shown_as_interrupted(client: FlaskClient, project: Project) -> None:
    sign_in(client, project)
    channel, person = parts(project)
    offer = Offer(
        project_id=project.id,
        project_channel_id=channel.id,
        client_id=person.id,
        prompt_version_id=channel.versions[0].id,
    )
    long_ago = db.func.now() - db.text("interval '1 hour'")
    offer.messages = [
        Message(role=MessageRole.DRAFT, state=DraftState.WRITING, text="Начало текста", touched_at=long_ago)
    ]
    db.session.add(offer)
    db.session.commit()
    page = client.get(f"/projects/{project.id}/offers/{offer.id}").get_data(as_text=True)
    assert "Начало текста" in page
    assert offer.messages[0].state is DraftState.FAILED
    stream = client.get(stream_of(project, offer.messages[0])).get_data(as_text=True)
    assert stream.index("event: failed") < stream.index("event: done")


def test_hostile_text_is_escaped(client: FlaskClient, project: Project, loaded_model: Registry) -> None:
    sign_in(client, project)
    write(client, project)
    draft = wait_until_written()
    draft.text = "<script>alert(1)</script>"
    db.session.commit()
    page = client.get(f"/projects/{project.id}/offers/{draft.offer_id}").get_data(as_text=True)
    text = re.sub(r"</?mark[^>]*>", "", page)
    assert "<script>alert(1)" not in text and "&lt;script&gt;alert(1)" in text


def test_the_outcome_is_counted(client: FlaskClient, project: Project, loaded_model: Registry) -> None:
    sign_in(client, project)
    write(client, project)
    offer = wait_until_written().offer
    client.post(f"/projects/{project.id}/offers/{offer.id}/outcome", data={"outcome": "sold"})
    page = client.get(f"/projects/{project.id}/offers?outcome=sold").get_data(as_text=True)
    assert f"/offers/{offer.id}" in page
    assert f"/offers/{offer.id}" not in client.get(f"/projects/{project.id}/offers?outcome=negative").get_data(
        as_text=True
    )
    assert offer.outcome is Outcome.SOLD


def test_a_channel_and_client_of_another_project_are_not_found(client: FlaskClient, project: Project) -> None:
    sign_in(client, project)
    other = a_project(product=a_product())
    stranger = a_client(other)
    foreign_channel = a_project_channel(other, a_channel())
    channel, person = parts(project)
    for pair in ((channel.id, stranger.id), (foreign_channel.id, person.id)):
        data = {"channel_id": pair[0], "client_id": pair[1], "text": PROMPT}
        assert client.post(f"/projects/{project.id}/offers/write", data=data).status_code == 404


@pytest.mark.parametrize(
    ("status", "message", "said"),
    [
        (401, "no", "LLM_API_KEY"),
        (404, "no", "настройки модели"),
        (
            400,
            "This model's maximum context length is 64 tokens. However, your request has 200 input tokens.",
            "Сократите",
        ),
    ],
)
def test_a_model_server_that_refuses_is_told_with_what_to_do(
    client: FlaskClient,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    message: str,
    said: str,
) -> None:
    with ScriptedServer(refusing(status, message)) as server:
        registry = Registry()
        registry.start(lambda: RemoteEngine(server.url, "gemma"))
        assert registry.wait(30)
        put_in_place(registry, monkeypatch)
        sign_in(client, project)
        write(client, project)
        draft = wait_until_written(30)
        page = client.get(f"/projects/{project.id}/offers/{draft.offer_id}").get_data(as_text=True)
        registry.close()
    assert draft.state is DraftState.FAILED and said in page


def test_a_model_that_never_answers_ends_the_draft_in_its_time(
    client: FlaskClient, project: Project, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DEADLINE_SECONDS, Priority.PERSON, 0.5)
    answers(silent)
    sign_in(client, project)
    assert write(client, project).status_code == 303
    draft = wait_until_written(20)
    assert (draft.state, draft.failure, draft.offer.state) == (DraftState.FAILED, "too_slow", OfferState.FAILED)
    assert "не был готов вовремя" in client.get(stream_of(project, draft)).get_data(as_text=True)
