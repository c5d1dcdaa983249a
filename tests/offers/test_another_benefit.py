"""On an offer's page a marketer has it written for another benefit."""

from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.llm.registry import Registry
from marketing_app.models import Benefit, Message, MessageRole, Offer, OfferState, Project
from marketing_app.offers.angles import NONE
from tests.factories import a_benefit, a_campaign, a_client, a_field, a_project, a_user, an_offer, between, saved
from tests.offers.test_angle_of_an_offer import YOUNG
from tests.offers.test_write_an_offer import wait_until_written

TEXT = "Оформите карту с быстрым решением."
BEGINNING = "Напиши {channel} о продукте {product}. Клиент: {client}"
BUTTON = 'value="benefit"'


class Case(NamedTuple):
    """An offer for a young client that says the benefit for the young; two others may be said too."""

    project: Project
    offer: Offer
    young: Benefit
    first: Benefit
    second: Benefit

    @property
    def address(self) -> str:
        return f"/projects/{self.project.id}/offers/{self.offer.id}"


@pytest.fixture
def case(app: Flask, client: FlaskClient) -> Case:
    performer = a_user(language="en")
    client.sign_in(performer)
    project = a_project(performer=performer)
    a_field(project)
    young = a_benefit(project, "быстрое решение", YOUNG)
    first = a_benefit(project, "удобное приложение", position=1)
    second = a_benefit(project, "обслуживание бесплатно", between("age", "60"), position=2)
    return Case(project, written(project, young), young, first, second)


def written(project: Project, benefit: Benefit) -> Offer:
    offer = an_offer(
        a_campaign(project), a_client(project, age=30), benefit_id=benefit.id, angle=benefit.text, text=TEXT,
        state=OfferState.READY, written_at=db.func.now(),
    )  # fmt: skip
    saved(Message(offer_id=offer.id, role=MessageRole.PROMPT, text=BEGINNING, is_beginning=True))
    draft = saved(Message(offer_id=offer.id, role=MessageRole.DRAFT, text=TEXT, prompt="x"))
    offer.current_id = draft.id
    db.session.commit()
    return offer


def shown(client: FlaskClient, case: Case) -> str:
    return str(client.get(case.address).get_data(as_text=True))


def ask(client: FlaskClient, case: Case, **sent: Any) -> Message:
    assert client.post(f"{case.address}/change", data=sent).status_code == 303
    return wait_until_written()


def test_the_page_says_whom_the_benefit_suits(client: FlaskClient, case: Case) -> None:
    page = shown(client, case)
    assert "быстрое решение" in page and "возраст up to 35" in page
    assert "удобное приложение (suits the client)" in page and BUTTON in page


def test_another_benefit_is_the_next_in_turn_and_asked_for_anew(
    client: FlaskClient, case: Case, loaded_model: Registry
) -> None:
    draft = ask(client, case, request="", quick="benefit")
    assert draft.prompt.rpartition("Продукт:")[2].count("Главное: удобное приложение") == 1
    assert TEXT not in draft.prompt
    assert (case.offer.benefit_id, case.offer.angle) == (case.first.id, "удобное приложение")
    asked = db.session.get(Message, draft.parent_id)
    assert asked and asked.text == "Напиши заново. Главное: удобное приложение."


def test_the_turn_comes_round_to_every_benefit(client: FlaskClient, case: Case, loaded_model: Registry) -> None:
    said = [ask(client, case, request="", quick="benefit").offer.angle for _turn in range(3)]
    assert said == ["удобное приложение", "обслуживание бесплатно", "быстрое решение"]


def test_one_chosen_from_the_list_is_asked_for_without_a_word(
    client: FlaskClient, case: Case, loaded_model: Registry
) -> None:
    draft = ask(client, case, request="", benefit_id=case.second.id)
    assert case.offer.angle == "обслуживание бесплатно" and TEXT not in draft.prompt


def test_a_request_in_words_goes_on_from_the_text_with_the_benefit(
    client: FlaskClient, case: Case, loaded_model: Registry
) -> None:
    draft = ask(client, case, request="Добавь тепла", benefit_id=case.second.id)
    assert "Главное: обслуживание бесплатно" in draft.prompt
    assert TEXT in draft.prompt and "Добавь тепла" in draft.prompt


def test_a_request_alone_leaves_the_benefit_and_its_words_of_then(
    client: FlaskClient, case: Case, loaded_model: Registry
) -> None:
    case.young.text = "решение за минуту"
    db.session.commit()
    draft = ask(client, case, request="Добавь тепла")
    assert "Главное: быстрое решение" in draft.prompt
    assert (case.offer.benefit_id, case.offer.angle) == (case.young.id, "быстрое решение")


def test_an_offer_may_give_up_its_benefit(client: FlaskClient, case: Case, loaded_model: Registry) -> None:
    ask(client, case, request="", benefit_id=NONE)
    assert (case.offer.benefit_id, case.offer.angle) == (None, "")


def test_with_no_benefit_left_there_is_no_button(client: FlaskClient, case: Case) -> None:
    for benefit in (case.first, case.second):
        db.session.delete(benefit)
    db.session.commit()
    assert BUTTON not in shown(client, case)
    sent = {"request": "", "quick": "benefit"}
    assert client.post(f"{case.address}/change", data=sent).status_code == 422


def test_while_a_draft_is_written_the_benefit_stays(client: FlaskClient, case: Case) -> None:
    saved(Message(offer_id=case.offer.id, role=MessageRole.DRAFT, state="writing"))
    sent = {"request": "", "quick": "benefit"}
    assert client.post(f"{case.address}/change", data=sent).status_code == 409
    assert case.offer.angle == "быстрое решение"


def test_an_offer_keeps_the_words_of_a_benefit_that_is_gone(
    client: FlaskClient, case: Case, loaded_model: Registry
) -> None:
    db.session.delete(case.young)
    db.session.commit()
    assert (case.offer.benefit_id, case.offer.angle) == (None, "быстрое решение")
    assert "быстрое решение" in shown(client, case)
    assert "Главное: быстрое решение" in ask(client, case, request="Добавь тепла").prompt
