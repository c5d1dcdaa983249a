"""Approved offers are the examples of their channel's next prompts."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import (
    Client,
    ClientChange,
    ExampleChoice,
    ExampleUse,
    Offer,
    OfferState,
    Project,
    Review,
    Sensitivity,
    Verdict,
)
from marketing_app.offers.learning import choose_example
from tests.factories import PROMPT, a_campaign, a_client, a_field, a_project, a_user, an_offer
from tests.llm.model_servers import writing
from tests.offers.conftest import Answers
from tests.offers.test_write_an_offer import wait_until_written


@pytest.fixture
def project(client: FlaskClient) -> Project:
    manager = a_user(language="en")
    client.sign_in(manager)
    return a_project(manager)


def approved(project: Project, text: str, person: Client | None = None, **values: Any) -> Offer:
    now = datetime.now(UTC)
    given = {"verdict": Verdict.CLEAN, "review": Review.APPROVED} | values
    campaign = a_campaign(project)
    return an_offer(campaign, person, text=text, state=OfferState.READY, written_at=now, reviewed_at=now, **given)


def preview(client: FlaskClient, project: Project, person: Client | None = None) -> str:
    address = f"/projects/{project.id}/channels/{project.channels[0].id}/preview"
    data = {"text": PROMPT, "client_id": person.id if person else ""}
    return client.post(address, data=data).get_data(as_text=True)


def test_an_approved_text_is_an_example_of_the_next_prompt(client: FlaskClient, project: Project) -> None:
    approved(project, "Оформите карту за чашкой кофе.")
    assert "Текст: Оформите карту за чашкой кофе." in preview(client, project)


@pytest.mark.parametrize("values", [{"review": Review.OPEN, "reviewed_at": None}, {"verdict": Verdict.BLOCK}])
def test_a_text_that_nobody_approved_or_a_rule_blocks_is_none(
    client: FlaskClient, project: Project, values: dict[str, Any]
) -> None:
    offer = approved(project, "Оформите карту за чашкой кофе.")
    for name, value in values.items():
        setattr(offer, name, value)
    db.session.commit()
    assert "за чашкой кофе" not in preview(client, project)


def test_a_clients_own_data_never_stands_in_anothers_prompt(client: FlaskClient, project: Project) -> None:
    a_field(project, "name", label="имя", type="text")
    a_field(project, "sum", label="сумма", type="integer")
    person = a_client(project, name="Светлана", sum=48731)
    approved(project, "Светлане: карта за чашкой кофе.", person)
    approved(project, "Ваши 48 731 и карта ждут.", person)
    approved(project, "Карта ждёт вас.", person)
    text = preview(client, project)
    assert "Светлан" not in text and "48 731" not in text and "48731" not in text
    assert "Карта ждёт вас." in text


@pytest.mark.parametrize(
    ("data", "text", "words"),
    [
        ({"name": "Яна"}, "Яне карта за чашкой кофе.", "Яне"),
        ({"name": "Лев"}, "Льву карта за чашкой кофе.", "Льву"),
        ({"sum": 48731}, "Ваши 48\u00a0731 и карта ждут.", "731"),
        ({"sum": 48731.5}, "Ваши 48,7 тысячи и карта ждут.", "48,7"),
        ({"sum": 48731}, "Ваши сорок восемь тысяч и карта ждут.", "сорок восемь"),
        ({"sum": 7}, "К семи суммам добавьте карту.", "семи суммам"),
        ({"name": "Ольга"}, "Юлия, карта за чашкой кофе.", "Юлия"),
        ({"sum": 1}, "Ваши 99 500 и карта ждут.", "99 500"),
    ],
)
def test_no_spelling_of_a_clients_data_stands_in_anothers_prompt(
    client: FlaskClient, project: Project, data: dict[str, Any], text: str, words: str
) -> None:
    """Nor do names and figures that nobody explains: the client's data may have been others when the text was made."""
    a_field(project, "name", label="имя", type="text")
    a_field(project, "sum", label="сумма", type="decimal", sensitivity=Sensitivity.BEHAVIOUR)
    offer = approved(project, text, a_client(project, **data))
    assert words not in preview(client, project)
    page = client.get(f"/projects/{project.id}/channels/{offer.project_channel_id}/examples").get_data(as_text=True)
    assert "Left out" in page and "In the next prompt" not in page


def test_what_was_known_of_a_client_before_a_load_is_looked_for_as_well(client: FlaskClient, project: Project) -> None:
    a_field(project, "job", label="должность", type="text")
    person = a_client(project, job="врач")
    approved(project, "Учителю карта за чашкой кофе.", person)
    assert "Учителю карта" in preview(client, project)
    change = ClientChange(import_id=person.import_id, client_id=person.id, data={"job": "Учитель"})
    change.updated_at = datetime.now(UTC)
    db.session.add(change)
    db.session.commit()
    assert "Учителю карта" not in preview(client, project)


def test_the_bank_s_id_of_a_client_is_looked_for_as_the_bank_writes_it(client: FlaskClient, project: Project) -> None:
    person = a_client(project, "C2BK")
    person.written_id = "С2ВК"
    approved(project, "Карта для С2ВК ждёт за чашкой кофе.", person)
    assert "за чашкой кофе" not in preview(client, project)


def test_the_products_own_figures_and_names_may_be_shown(client: FlaskClient, project: Project) -> None:
    a_field(project, "sum", label="сумма", type="decimal", sensitivity=Sensitivity.BEHAVIOUR)
    approved(project, "Лимит до 1 000 000 рублей: закажите карту.", a_client(project, sum=1_000_000))
    assert "Текст: Лимит до 1 000 000 рублей: закажите карту." in preview(client, project)


def test_an_example_is_pinned_and_switched_off(client: FlaskClient, project: Project) -> None:
    first = approved(project, "Самый первый текст.")
    for place in ("второй", "третий", "четвёртый", "пятый", "шестой"):
        approved(project, f"Текст уже {place}.")
    assert "Самый первый текст." not in preview(client, project)
    choose_example(first, ExampleUse.PINNED)
    db.session.commit()
    assert "Самый первый текст." in preview(client, project)
    choose_example(first, ExampleUse.OFF)
    db.session.commit()
    assert "Самый первый текст." not in preview(client, project)
    choose_example(first, None)
    db.session.commit()
    assert db.session.get(ExampleChoice, first.id) is None


def test_by_hand_the_clients_most_alike_give_the_examples(client: FlaskClient, project: Project) -> None:
    a_field(project, "region", label="регион", type="text", sensitivity=Sensitivity.OPEN)
    a_field(project, "age", label="возраст", type="integer", sensitivity=Sensitivity.OPEN)
    here, there = {"region": "Тверская", "age": 40}, {"region": "Томская", "age": 70}
    for place in ("первый", "второй", "третий", "последний"):
        approved(project, f"Рядом, {place}.", a_client(project, **here))
        approved(project, f"Вдали, {place}.", a_client(project, **there))
    near = preview(client, project, a_client(project, region="Тверская", age=44))
    assert near.count("Рядом, ") == 4 and "Вдали" not in near
    far = preview(client, project, a_client(project, region="Омская", age=66))
    assert far.count("Вдали, ") == 4 and "Рядом" not in far


def test_another_channel_learns_nothing_of_it(client: FlaskClient, project: Project) -> None:
    approved(a_project(), "Оформите карту за чашкой кофе.")
    assert "за чашкой кофе" not in preview(client, project)


def test_examples_are_seen_and_chosen_on_their_page(client: FlaskClient, project: Project) -> None:
    offer = approved(project, "Карта ждёт вас.")
    address = f"/projects/{project.id}/channels/{offer.project_channel_id}/examples"
    assert "In the next prompt" in client.get(address).get_data(as_text=True)
    assert client.post(f"/projects/{project.id}/offers/{offer.id}/example", data={"use": "off"}).status_code == 303
    text = client.get(address).get_data(as_text=True)
    assert "Switched off" in text and "In the next prompt" not in text


def test_a_draft_keeps_which_offers_were_its_examples_and_not_their_words(
    client: FlaskClient, project: Project, answers: Answers
) -> None:
    a_field(project, "hobby", label="увлечение", type="text", sensitivity=Sensitivity.OPEN)
    example = approved(project, "Оформите карту за чашкой кофе.", a_client(project, hobby="шахматы"))
    server = answers(writing("Оформите карту в приложении за чашкой кофе, как и все другие наши клиенты теперь."))
    person = a_client(project, hobby="театр")
    data = {"channel_id": project.channels[0].id, "client_id": person.id, "text": PROMPT}
    client.post(f"/projects/{project.id}/offers/write", data=data)
    draft = wait_until_written(30)
    assert "шахматы" in str(server.questions[0]) and "за чашкой кофе" in str(server.questions[0])
    assert draft.example_ids == [example.id] and draft.prompt.count(f"⟦{example.id}⟧") == 2
    assert "шахматы" not in draft.prompt and "за чашкой кофе" not in draft.prompt and "театр" in draft.prompt
    page = client.get(f"/projects/{project.id}/offers/{draft.offer_id}").get_data(as_text=True)
    assert re.search(rf'/offers/{example.id}">⟦{example.id}⟧', page)


def test_an_echo_of_an_example_is_found_as_long_as_the_example_is_there(
    client: FlaskClient, project: Project, answers: Answers
) -> None:
    echo = "Оформите нашу карту за чашкой кофе по дороге на работу сегодня утром."
    example = approved(project, echo)
    answers(writing(echo))
    data = {"channel_id": project.channels[0].id, "client_id": a_client(project).id, "text": PROMPT}
    client.post(f"/projects/{project.id}/offers/write", data=data)
    offer = wait_until_written(30).offer
    addresses = [f"/projects/{project.id}/{room}/{offer.id}" for room in ("offers", "review")]
    assert all("copied from the prompt" in client.get(each).get_data(as_text=True) for each in addresses)
    client.post(f"/projects/{project.id}/clients/{example.client_id}/erase")
    assert not any("copied from the prompt" in client.get(each).get_data(as_text=True) for each in addresses)
