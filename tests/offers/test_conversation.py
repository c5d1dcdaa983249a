"""A marketer goes on from any text of an offer's conversation, compares two, and picks the one that counts."""

from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.llm.registry import Registry
from marketing_app.models import Message, MessageRole, Offer, OfferState, Review, Verdict
from marketing_app.offers.requests import REQUESTS
from tests.factories import a_campaign, a_client, a_product, a_project, an_offer, an_opt_out, saved
from tests.offers.test_write_an_offer import wait_until_written

FIRST = "Оформите кредитную карту в приложении."
SECOND = "Закажите кредитную карту в приложении."
WRONG = "Карта с кешбэком 7% ждёт вас. Оформите её."


class Talk(NamedTuple):
    """An offer with two drafts, the second of them its text."""

    offer: Offer
    first: Message
    second: Message

    @property
    def address(self) -> str:
        return f"/projects/{self.offer.project_id}/offers/{self.offer.id}"


@pytest.fixture
def talk(app: Flask, client: FlaskClient) -> Talk:
    project = a_project(product=a_product(name="Кредитная карта"))
    offer = an_offer(a_campaign(project), a_client(project))
    said(offer, MessageRole.PROMPT, "Напиши предложение", is_beginning=True)
    first = said(offer, MessageRole.DRAFT, FIRST, prompt="x", drafts=[[FIRST, 5, -1.0], [WRONG, 5, -2.0]])
    said(offer, MessageRole.PROMPT, "Начни иначе")
    second = said(offer, MessageRole.DRAFT, SECOND, prompt="x")
    offer.text, offer.current_id, offer.written_at = SECOND, second.id, db.func.now()
    offer.state = OfferState.READY
    db.session.commit()
    client.sign_in(project.members[0].user)
    return Talk(offer, first, second)


def said(offer: Offer, role: MessageRole, text: str, **values: object) -> Message:
    message: Message = saved(Message(offer_id=offer.id, role=role, text=text, **values))
    return message


def newest_of(offer: Offer) -> Message:
    newest = db.select(Message).filter_by(offer_id=offer.id).order_by(Message.id.desc()).limit(1)
    return db.session.scalars(newest).one()


def test_a_request_goes_on_from_the_chosen_draft_and_reads_only_its_branch(
    client: FlaskClient, talk: Talk, loaded_model: Registry
) -> None:
    answer = client.post(f"{talk.address}/change", data={"request": "Добавь тепла", "after": talk.first.id})
    assert answer.status_code == 303
    draft = wait_until_written()
    assert FIRST in draft.prompt and "Добавь тепла" in draft.prompt
    assert SECOND not in draft.prompt and "Начни иначе" not in draft.prompt
    asked = db.session.get(Message, draft.parent_id)
    assert asked and asked.parent_id == talk.first.id
    page = client.get(talk.address).get_data(as_text=True)
    assert f'<a href="#message-{talk.first.id}">' in page


def test_a_quick_request_is_asked_in_the_language_of_the_texts(
    client: FlaskClient, talk: Talk, loaded_model: Registry
) -> None:
    opened_before_the_first_draft = {"quick": "shorter", "after": 0}
    assert client.post(f"{talk.address}/change", data=opened_before_the_first_draft).status_code == 303
    draft = wait_until_written()
    assert REQUESTS["ru"]["shorter"] in draft.prompt and SECOND in draft.prompt


@pytest.mark.parametrize("data", [{}, {"request": "  "}, {"quick": "nonsense"}, {"request": "x", "after": 987654}])
def test_a_request_that_says_nothing_is_refused(client: FlaskClient, talk: Talk, data: dict[str, str]) -> None:
    assert client.post(f"{talk.address}/change", data=data).status_code == 422


def test_go_on_from_here_chooses_the_text_in_the_form(client: FlaskClient, talk: Talk) -> None:
    page = client.get(f"{talk.address}?after={talk.first.id}").get_data(as_text=True)
    assert f'<option selected value="{talk.first.id}">' in page
    assert f'<option selected value="{talk.second.id}">' in client.get(talk.address).get_data(as_text=True)


def test_two_drafts_stand_side_by_side_with_the_words_that_differ(client: FlaskClient, talk: Talk) -> None:
    page = client.get(f"{talk.address}/compare").get_data(as_text=True)
    assert '<mark class="mark-differs">Оформите</mark> кредитную' in page
    assert '<mark class="mark-differs">Закажите</mark> кредитную' in page


def test_an_earlier_draft_is_picked_and_checked_and_waits_for_review(client: FlaskClient, talk: Talk) -> None:
    talk.offer.review, talk.offer.reviewed_at = Review.APPROVED, db.func.now()
    db.session.commit()
    assert pick(client, talk, message_id=talk.first.id).status_code == 303
    offer = talk.offer
    assert (offer.text, offer.current_id, offer.verdict) == (FIRST, talk.first.id, Verdict.CLEAN)
    assert (offer.review, offer.revision) == (Review.OPEN, 2)


def test_a_draft_that_was_not_the_best_is_picked_as_the_picker_s_edit(client: FlaskClient, talk: Talk) -> None:
    assert pick(client, talk, message_id=talk.first.id, number=1).status_code == 303
    edit = newest_of(talk.offer)
    assert (edit.role, edit.parent_id, edit.text) == (MessageRole.EDIT, talk.first.id, WRONG)
    assert edit.author and talk.offer.current_id == edit.id and talk.offer.verdict is Verdict.BLOCK
    assert edit.author.name in client.get(talk.address).get_data(as_text=True)


def test_who_picks_from_an_old_page_changes_nothing(client: FlaskClient, talk: Talk) -> None:
    pick(client, talk, message_id=talk.first.id)
    assert pick(client, talk, message_id=talk.second.id, revision=1).status_code == 409
    assert talk.offer.current_id == talk.first.id


def test_what_is_no_text_of_the_offer_is_not_picked(client: FlaskClient, talk: Talk) -> None:
    elsewhere = said(an_offer(a_campaign(talk.offer.project_channel.project)), MessageRole.DRAFT, FIRST)
    request = talk.offer.messages[0]
    for data in ({"message_id": elsewhere.id}, {"message_id": request.id}, {"message_id": talk.first.id, "number": 9}):
        assert pick(client, talk, **data).status_code == 404


def pick(client: FlaskClient, talk: Talk, **data: int) -> Any:
    return client.post(f"{talk.address}/pick", data={"revision": talk.offer.revision} | data)


def test_who_may_review_goes_from_an_offer_to_where_it_is_decided_and_edited(client: FlaskClient, talk: Talk) -> None:
    address = f'href="/projects/{talk.offer.project_id}/review/{talk.offer.id}"'
    assert address in client.get(talk.address).get_data(as_text=True)
    talk.offer.project_channel.project.is_archived = True
    db.session.commit()
    assert address not in client.get(talk.address).get_data(as_text=True)


def test_nothing_goes_on_for_a_client_who_opted_out(client: FlaskClient, talk: Talk) -> None:
    def links() -> int:
        return client.get(talk.address).get_data(as_text=True).count("#ask")

    assert links() == 2
    an_opt_out(talk.offer.project_channel.project, talk.offer.client)
    assert links() == 0, "the form that they lead to is not there either"
