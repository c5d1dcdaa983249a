"""The page of an offer shows what the client gets, and writes an SMS in plain characters at one click."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func

from marketing_app.database import db
from marketing_app.models import Message, MessageRole, Offer, OfferState
from tests.factories import (
    a_campaign,
    a_channel,
    a_client,
    a_product,
    a_project,
    a_project_channel,
    a_user,
    an_ending,
    an_offer,
)

SMILE = "Закажите карту 😀"
"""Sixteen characters, of which an SMS pays for seventeen."""
DEAR = "Order your card “today” " * 3


@pytest.fixture
def offer(app: Flask) -> Offer:
    return offer_of("Закажите «кредитную карту» сегодня.")


def offer_of(text: str, key: str = "SMS", ending: str = "") -> Offer:
    """Of a credit card, in a channel with this key."""
    manager = a_user(language="en")
    project = a_project(manager, product=a_product(name="Кредитная карта"))
    channel = a_channel(key=key, max_length=268)
    project_channel = a_project_channel(project, channel)
    if ending:
        an_ending(channel, ending)
    campaign = a_campaign(project, project_channel_id=project_channel.id)
    return an_offer(campaign, a_client(project), state=OfferState.READY, text=text, written_at=func.now())


def address(offer: Offer) -> str:
    return f"/projects/{offer.project_id}/offers/{offer.id}"


def page(client: FlaskClient, offer: Offer) -> str:
    client.sign_in(offer.project_channel.project.members[0].user)
    return client.get(address(offer)).get_data(as_text=True)


def write_plainly(client: FlaskClient, offer: Offer, **data: Any) -> Any:
    client.sign_in(offer.project_channel.project.members[0].user)
    return client.post(f"{address(offer)}/plain", data={"revision": offer.revision} | data)


@pytest.mark.parametrize(("key", "count"), [("SMS", 17), ("PUSH", 16)])
def test_characters_are_counted_as_the_channel_counts(client: FlaskClient, key: str, count: int) -> None:
    offer = offer_of(SMILE, key)
    message = Message(role=MessageRole.EDIT, text=SMILE, offer_id=offer.id)
    db.session.add(message)
    db.session.commit()
    shown = page(client, offer)
    assert f"{count} characters of 268" in shown
    assert f'<div class="text-secondary small mt-2">{count} characters</div>' in shown
    review = client.get(f"/projects/{offer.project_id}/review/{offer.id}").get_data(as_text=True)
    assert f"{count} of 268 characters with the ending" in review


def test_a_sign_of_the_extended_alphabet_takes_two_places_of_an_sms(client: FlaskClient) -> None:
    assert "16 characters of 268 · 1 SMS part (GSM-7)" in page(client, offer_of("Card [for 9€]"))


def test_the_ending_is_shown_after_the_text_and_counted(client: FlaskClient) -> None:
    shown = page(client, offer_of("Закажите карту.", ending="Оценивайте свои финансовые возможности и риски."))
    assert 'Закажите карту. <span class="text-secondary">Оценивайте свои' in shown
    assert "63 characters of 268 · 1 SMS part (UCS-2) · of them the channel adds 47" in shown
    assert "adds no ending" not in shown


def test_without_an_ending_the_law_is_told_once(client: FlaskClient, offer: Offer) -> None:
    shown = page(client, offer)
    assert shown.count("adds no ending") == 1
    assert "An advertisement of credit says: “Оценивайте" in shown


def test_a_call_is_no_advertisement(client: FlaskClient) -> None:
    assert "adds no ending" not in page(client, offer_of("Закажите карту.", key="TMO"))


def test_an_sms_becomes_plain_as_an_edit(client: FlaskClient, offer: Offer) -> None:
    author = offer.project_channel.project.members[0].user
    assert "Write it in plain characters" in page(client, offer)
    assert write_plainly(client, offer).status_code == 303
    assert offer.text == 'Закажите "кредитную карту" сегодня.'
    message = db.session.get(Message, offer.current_id)
    assert message and (message.role, message.author_id) == (MessageRole.EDIT, author.id)
    assert "Write it in plain characters" not in page(client, offer)


def test_fewer_parts_are_promised(client: FlaskClient) -> None:
    assert "Plain characters: 1 part instead of 2" in page(client, offer_of(DEAR))


def test_what_would_cost_more_parts_is_not_offered(client: FlaskClient) -> None:
    dear = "Лимит 5 ₽. " * 6
    assert len(dear.strip()) < 70 < len(dear.replace("₽", "руб."))
    assert "/plain" not in page(client, offer_of(dear.strip()))


def test_a_text_that_changed_meanwhile_stays(client: FlaskClient, offer: Offer) -> None:
    answer = write_plainly(client, offer, revision=offer.revision - 1)
    assert answer.status_code == 409 and "changed this offer meanwhile" in answer.get_data(as_text=True)
    assert "«" in offer.text


@pytest.mark.parametrize(("text", "key"), [("Закажите «карту».", "PUSH"), ("😀", "SMS")])
def test_only_an_sms_with_words_becomes_plain(client: FlaskClient, text: str, key: str) -> None:
    assert write_plainly(client, offer_of(text, key)).status_code == 400


def test_strangers_do_not_find_it(client: FlaskClient, offer: Offer) -> None:
    client.sign_in(a_user())
    assert client.post(f"{address(offer)}/plain", data={"revision": 1}).status_code == 404
