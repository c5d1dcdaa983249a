"""A marketer asks for one text; the model is asked again while no draft may be sent. Its server says what each test
wants."""

import time

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import DraftState, Message, OfferState, Project, Verdict
from marketing_app.offers import writing as room
from marketing_app.offers.drafting import ROUNDS
from tests.factories import a_client, a_product, a_project, a_user
from tests.llm.model_servers import refusing, silent, writing
from tests.offers.conftest import Answers
from tests.offers.test_write_an_offer import newest_draft, stream_of, wait_until_written, write

RIGHT = "Оформите продукт: Кредитная карта ждёт вас в приложении."
ALSO_RIGHT = "Кредитная карта: оформите её в приложении."
WRONG = "Кредитная карта под 7% ждёт вас, оформите её."


@pytest.fixture
def project(app: Flask, client: FlaskClient) -> Project:
    project = a_project(a_user(language="en"), product=a_product(name="Кредитная карта"))
    a_client(project)
    client.sign_in(project.members[0].user)
    return project


def wait_for_round(draft: Message, number: int) -> None:
    deadline = time.monotonic() + 30
    while room.progress_of(draft).round < number:
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


def test_the_first_draft_that_passes_is_the_text(client: FlaskClient, project: Project, answers: Answers) -> None:
    server = answers(writing(WRONG), writing(RIGHT))
    write(client, project)
    draft = wait_until_written(30)
    assert (draft.text, draft.state) == (RIGHT, DraftState.READY)
    assert (draft.offer.state, draft.offer.verdict) == (OfferState.READY, Verdict.CLEAN)
    assert [text for text, *_rest in draft.drafts] == [WRONG, RIGHT] and draft.round_count == 2
    assert WRONG in draft.prompt and len(server.questions) == 2
    page = client.get(f"/projects/{project.id}/offers/{draft.offer_id}").get_data(as_text=True)
    assert "2 attempts" in page and "2 drafts were made" in page


def test_a_text_that_never_passes_needs_a_person(client: FlaskClient, project: Project, answers: Answers) -> None:
    server = answers(writing(WRONG))
    write(client, project)
    draft = wait_until_written(30)
    assert (draft.offer.state, draft.offer.verdict) == (OfferState.NEEDS_PERSON, Verdict.BLOCK)
    assert (draft.text, draft.offer.text) == (WRONG, WRONG) and len(server.questions) == ROUNDS
    listed = client.get(f"/projects/{project.id}/offers?state=needs_person").get_data(as_text=True)
    assert f"/offers/{draft.offer_id}" in listed


def test_who_watches_is_told_that_the_model_writes_again(
    client: FlaskClient, project: Project, answers: Answers
) -> None:
    answers(writing(WRONG), silent)
    write(client, project)
    draft = newest_draft()
    with client.get(stream_of(project, draft), buffered=False) as response:
        assert any(b"Attempt 2 of 3" in piece for piece in response.response)
    page = client.get(f"/projects/{project.id}/offers/{draft.offer_id}").get_data(as_text=True)
    assert "Attempt 2 of 3" in page and WRONG not in page, "the text starts anew"
    room.stop(draft.id)
    wait_until_written(30)


def test_who_watches_from_another_process_is_told_as_well(
    client: FlaskClient, project: Project, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "KEEPER_SECONDS", 0.1)
    answers(writing(WRONG), silent)
    write(client, project)
    draft = newest_draft()
    wait_for_round(draft, 2)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(room, "live_draft", lambda message_id: None)
        with client.get(stream_of(project, draft), buffered=False) as response:
            assert any(b"Attempt 2 of 3" in piece for piece in response.response)
    room.stop(draft.id)
    wait_until_written(30)


def test_who_stops_a_later_attempt_keeps_the_best_so_far(
    client: FlaskClient, project: Project, answers: Answers
) -> None:
    server = answers(writing(WRONG), silent)
    write(client, project)
    draft = newest_draft()
    wait_for_round(draft, 2)
    client.post(f"/projects/{project.id}/offers/{draft.offer_id}/drafts/{draft.id}/stop")
    stopped = wait_until_written(30)
    assert (stopped.state, stopped.text) == (DraftState.STOPPED, WRONG)
    assert stopped.offer.state is OfferState.NEEDS_PERSON and len(server.questions) == 2


def test_a_model_that_fails_in_a_later_attempt_leaves_the_best_so_far(
    client: FlaskClient, project: Project, answers: Answers
) -> None:
    answers(writing(WRONG), refusing(401))
    write(client, project)
    draft = wait_until_written(30)
    assert (draft.state, draft.failure, draft.text) == (DraftState.READY, "", WRONG)
    assert (draft.offer.state, draft.round_count) == (OfferState.NEEDS_PERSON, 1)


def test_an_answer_in_the_conversation_is_drafted_again_too(
    client: FlaskClient, project: Project, answers: Answers
) -> None:
    answers(writing(RIGHT), writing(WRONG), writing(ALSO_RIGHT))
    write(client, project)
    first = wait_until_written(30)
    client.post(f"/projects/{project.id}/offers/{first.offer_id}/change", data={"request": "Короче"})
    draft = wait_until_written(30)
    assert draft.id != first.id and (draft.text, draft.round_count) == (ALSO_RIGHT, 2)
    assert draft.offer.current_id == draft.id and draft.offer.state is OfferState.READY


def test_the_same_text_again_is_no_change(client: FlaskClient, project: Project, answers: Answers) -> None:
    answers(writing(RIGHT), writing(RIGHT), writing(ALSO_RIGHT))
    write(client, project)
    first = wait_until_written(30)
    client.post(f"/projects/{project.id}/offers/{first.offer_id}/change", data={"request": "Короче"})
    draft = wait_until_written(30)
    assert (draft.text, draft.round_count) == (ALSO_RIGHT, 2)


def test_an_edit_that_mends_the_text_needs_no_person_any_more(
    client: FlaskClient, project: Project, answers: Answers
) -> None:
    answers(writing(WRONG))
    write(client, project)
    offer = wait_until_written(30).offer
    edit = f"/projects/{project.id}/review/{offer.id}/text"
    for text, state in ((RIGHT, OfferState.READY), (WRONG, OfferState.NEEDS_PERSON)):
        client.post(edit, data={"text": text, "revision": offer.revision})
        db.session.refresh(offer)
        assert (offer.text, offer.state) == (text, state)
