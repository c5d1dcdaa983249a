"""A draft ends after it was given up, or after somebody decided about its offer: nothing that people did is lost."""

from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db, own_transaction
from marketing_app.models import DraftState, Message, MessageRole, Offer, OfferState, Project, Review
from marketing_app.offers import writing as room
from tests.factories import a_bank_text, a_client, a_product, a_project, a_user
from tests.llm.model_servers import Answer, writing
from tests.offers.conftest import Answers
from tests.offers.test_write_an_offer import newest_draft, wait_until_written, write

RIGHT = "Оформите продукт: Кредитная карта ждёт вас в приложении."
LATE = "Кредитная карта: оформите её в приложении."
BY_HAND = "Закажите кредитную карту в приложении."


@pytest.fixture
def project(app: Flask, client: FlaskClient) -> Project:
    project = a_project(a_user(language="en"), product=a_product(name="Кредитная карта"))
    a_client(project)
    client.sign_in(project.members[0].user)
    return project


@pytest.fixture
def gate() -> Iterator[Event]:
    """The model answers what is `held` once this is set."""
    gate = Event()
    yield gate
    gate.set()


def held(gate: Event, answer: Answer) -> Answer:
    def late(*asked: Any) -> None:
        gate.wait(30)
        answer(*asked)

    return late


def address(offer: Offer) -> str:
    return f"/projects/{offer.project_id}/offers/{offer.id}"


def page(client: FlaskClient, offer: Offer) -> str:
    return client.get(address(offer)).get_data(as_text=True)


def review(client: FlaskClient, offer: Offer, what: str, **data: Any) -> None:
    where = f"/projects/{offer.project_id}/review/{offer.id}/{what}"
    assert client.post(where, data={"revision": offer.revision} | data).status_code == 303


def an_approved_offer(client: FlaskClient, project: Project) -> Offer:
    write(client, project)
    offer = wait_until_written(30).offer
    review(client, offer, "approve")
    return offer


def leave_alone(draft: Message) -> None:
    """As when its process could not reach the database for a while."""
    long_ago = db.text("now() - interval '1 hour'")
    db.session.execute(db.update(Message).filter_by(id=draft.id).values(touched_at=long_ago))
    db.session.commit()


def give_up(client: FlaskClient, draft: Message) -> None:
    """Whoever opens the page finds a draft without a sign of life."""
    leave_alone(draft)
    page(client, draft.offer)
    assert draft.state is DraftState.FAILED and room.live_draft(draft.id)


def decided(offer: Offer) -> tuple[Any, ...]:
    return offer.text, offer.current_id, offer.state, offer.review, offer.reviewer_id, offer.revision


def test_a_late_draft_leaves_an_approved_text_alone(
    client: FlaskClient, project: Project, answers: Answers, gate: Event
) -> None:
    answers(writing(RIGHT), held(gate, writing(LATE)))
    offer = an_approved_offer(client, project)
    client.post(f"{address(offer)}/change", data={"request": "Короче"})
    give_up(client, newest_draft())
    before = decided(offer)
    gate.set()
    late = wait_until_written(30)
    assert decided(offer) == before and (offer.text, offer.review) == (RIGHT, Review.APPROVED)
    assert (late.text, late.state, late.failure) == (LATE, DraftState.READY, "")
    assert LATE in page(client, offer), "it is a turn of the conversation"


def test_a_late_draft_leaves_alone_what_a_person_wrote_meanwhile(
    client: FlaskClient, project: Project, answers: Answers, gate: Event
) -> None:
    answers(writing(RIGHT), held(gate, writing(LATE)))
    offer = an_approved_offer(client, project)
    client.post(f"{address(offer)}/change", data={"request": "Короче"})
    give_up(client, newest_draft())
    review(client, offer, "text", text=BY_HAND)
    review(client, offer, "approve")
    before = decided(offer)
    gate.set()
    wait_until_written(30)
    assert decided(offer) == before and (offer.text, offer.review) == (BY_HAND, Review.APPROVED)


def test_the_late_first_draft_of_an_offer_is_picked_by_a_person(
    client: FlaskClient, project: Project, answers: Answers, gate: Event
) -> None:
    answers(held(gate, writing(LATE)))
    write(client, project)
    offer = newest_draft().offer
    give_up(client, newest_draft())
    gate.set()
    late = wait_until_written(30)
    assert (offer.state, offer.failure, offer.text) == (OfferState.FAILED, "interrupted", "")
    shown = page(client, offer)
    assert LATE in shown and f'name="message_id" value="{late.id}"' in shown
    client.post(f"{address(offer)}/pick", data={"message_id": late.id, "revision": offer.revision})
    assert (offer.state, offer.failure, offer.text) == (OfferState.READY, "", LATE)


def test_a_late_draft_that_is_not_good_is_not_finished_with_the_text_bank(
    client: FlaskClient, project: Project, answers: Answers, gate: Event
) -> None:
    a_bank_text("Закажите карту в приложении.")
    answers(held(gate, writing("Кредитная карта под 7% ждёт вас, оформите её.")))
    write(client, project)
    offer = newest_draft().offer
    give_up(client, newest_draft())
    gate.set()
    wait_until_written(30)
    assert offer.text == "" and all(message.role is not MessageRole.BANK for message in offer.messages)


def test_the_next_draft_is_the_text_however_late_the_one_before_it_ends(
    client: FlaskClient, project: Project, answers: Answers, gate: Event
) -> None:
    answers(held(gate, writing(LATE)), writing(RIGHT))
    write(client, project)
    first = newest_draft()
    give_up(client, first)
    write(client, project)
    offer = wait_until_written(30).offer
    assert offer.text == RIGHT
    gate.set()
    while room.live_draft(first.id):
        gate.wait(0.05)
    db.session.rollback()
    assert (first.text, offer.text) == (LATE, RIGHT)


def test_a_draft_leaves_alone_what_was_decided_while_it_was_written(
    client: FlaskClient, project: Project, answers: Answers, gate: Event
) -> None:
    """Taking back an own decision is possible at any time."""
    answers(writing(RIGHT), held(gate, writing(LATE)))
    offer = an_approved_offer(client, project)
    review(client, offer, "reopen")
    client.post(f"{address(offer)}/change", data={"request": "Короче"})
    client.post(f"/projects/{project.id}/review/undo")
    assert offer.review is Review.APPROVED
    gate.set()
    late = wait_until_written(30)
    assert (offer.text, offer.review) == (RIGHT, Review.APPROVED) and late.text == LATE


def test_a_draft_is_not_given_up_while_somebody_else_holds_its_offer(
    app: Flask, client: FlaskClient, project: Project, answers: Answers, gate: Event
) -> None:
    """Who gives up waits for nobody, so that no two of them wait for each other."""
    answers(held(gate, writing(LATE)))
    write(client, project)
    draft = newest_draft()
    leave_alone(draft)
    db.session.execute(db.select(Offer.id).filter_by(id=draft.offer_id).with_for_update())
    closed = list[bool]()

    def close() -> None:
        with app.app_context(), own_transaction():
            closed.append(room.close_abandoned())

    other = Thread(target=close)
    other.start()
    other.join(10)
    assert closed == [False]
    assert room.close_abandoned(), "who holds it gives it up"
    db.session.commit()
    gate.set()
    wait_until_written(30)


@pytest.mark.parametrize("has_text", [False, True])
def test_a_draft_that_ends_after_its_client_opted_out_keeps_no_text(
    client: FlaskClient, project: Project, answers: Answers, gate: Event, has_text: bool
) -> None:
    if has_text:
        answers(writing(RIGHT), held(gate, writing(LATE)))
        before = decided(an_approved_offer(client, project))
        client.post(f"{address(newest_draft().offer)}/change", data={"request": "Короче"})
    else:
        answers(held(gate, writing(LATE)))
        write(client, project)
    draft = newest_draft()
    client.post(f"/projects/{project.id}/clients/{draft.offer.client_id}/opt-out", data={"reach": "project"})
    gate.set()
    late = wait_until_written(30)
    assert (late.text, late.drafts, late.state, late.failure) == ("", [], DraftState.FAILED, "opted_out")
    assert "The client opted out while this draft was being written" in page(client, late.offer)
    if has_text:
        assert (late.offer.text, late.offer.current_id, late.offer.state) == before[:3]
        assert late.offer.review is Review.OPEN
    else:
        assert (late.offer.text, late.offer.state) == ("", OfferState.OPTED_OUT)
