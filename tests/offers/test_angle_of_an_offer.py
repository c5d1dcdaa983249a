"""An offer by hand says the benefit that suits its client, or the one that a person chose."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.llm.registry import Registry
from marketing_app.models import Client, Project
from marketing_app.offers.angles import NONE
from marketing_app.offers.checking import facts_of_offer
from marketing_app.offers.prompting import exact_prompt
from marketing_app.offers.services import begin_offer
from tests.factories import PROMPT, a_benefit, a_client, a_field, a_project, a_rule_setting, a_user, between
from tests.offers.test_write_an_offer import wait_until_written

YOUNG = between("age", high="35")


@pytest.fixture
def project(app: Flask, client: FlaskClient) -> Project:
    performer = a_user(language="en")
    client.sign_in(performer)
    project = a_project(performer=performer)
    a_field(project)
    return project


def preview(client: FlaskClient, project: Project, person: Client, **sent: Any) -> str:
    address = f"/projects/{project.id}/channels/{project.channels[0].id}/preview"
    return str(client.post(address, data={"text": PROMPT, "client_id": person.id} | sent).get_data(as_text=True))


def test_the_model_reads_the_benefit_and_the_checks_look_for_it(app: Flask, loaded_model: Registry) -> None:
    project = a_project()
    a_benefit(project, "удобное приложение", signs=["приложени*"])
    draft, prompt = begin_offer(project.channels[0], a_client(project), "Напиши", project.members[0].user)
    assert "Главное: удобное приложение" in prompt.text
    assert draft.offer.angle == "удобное приложение"
    assert facts_of_offer(draft.offer).angle.signs == ("приложени*",)


def test_the_client_s_data_that_the_benefit_is_about_is_read_first(
    client: FlaskClient, project: Project, loaded_model: Registry
) -> None:
    a_field(project, "income", label="доход")
    a_benefit(project, "удобное приложение")
    a_benefit(project, "быстрое решение", between("income", low="1"))
    person = a_client(project, age=30, income=70)
    assert "Клиент: возраст: 30 лет; доход: 70\n" in preview(client, project, person, benefit_id=NONE)
    assert "Клиент: доход: 70; возраст: 30 лет\n" in preview(client, project, person)


def test_a_channel_that_says_ty_begins_no_text_with_vy(app: Flask, loaded_model: Registry) -> None:
    project = a_project()
    channel = project.channels[0]
    usual = exact_prompt(channel, "Напиши", a_client(project), angle="удобное приложение").openings
    a_rule_setting(channel.channel, "person.familiar", is_on=False)
    familiar = exact_prompt(channel, "Напиши", a_client(project), angle="удобное приложение").openings
    assert any("Вам" in text or "вас" in text for text in usual)
    assert familiar and not any("Вам" in text or "вас" in text for text in familiar)


def test_the_preview_shows_the_benefit_that_will_be_said(
    client: FlaskClient, project: Project, loaded_model: Registry
) -> None:
    a_benefit(project, "удобное приложение")
    other = a_benefit(project, "быстрое решение", YOUNG)
    person = a_client(project, age=50)
    assert "Главное: удобное приложение" in preview(client, project, person)
    assert "Главное: быстрое решение" in preview(client, project, person, benefit_id=other.id)
    assert "Главное: " not in preview(client, project, person, benefit_id=NONE).rpartition("Продукт:")[2]


def test_the_page_says_which_benefit_is_best_and_why(client: FlaskClient, project: Project) -> None:
    a_benefit(project, "удобное приложение")
    a_benefit(project, "быстрое решение", YOUNG)
    person = a_client(project, age=30)
    page = client.get(
        f"/projects/{project.id}/offers/write?channel_id={project.channels[0].id}&client_id={person.id}"
    ).get_data(as_text=True)
    assert "The best for the client: быстрое решение" in page
    assert "The best is for: возраст up to 35." in page
    assert "удобное приложение (suits the client)" in page


def test_a_product_without_benefits_asks_for_none(client: FlaskClient, project: Project) -> None:
    person = a_client(project, age=30)
    page = client.get(
        f"/projects/{project.id}/offers/write?channel_id={project.channels[0].id}&client_id={person.id}"
    ).get_data(as_text=True)
    assert "Benefit to say" not in page and "benefit_id" not in page


def write(client: FlaskClient, project: Project, benefit_id: int | str) -> int:
    person = a_client(project, age=30)
    sent = {"channel_id": project.channels[0].id, "client_id": person.id, "text": PROMPT, "benefit_id": benefit_id}
    return client.post(f"/projects/{project.id}/offers/write", data=sent).status_code


def test_a_chosen_benefit_is_written_though_another_suits_better(
    client: FlaskClient, project: Project, loaded_model: Registry
) -> None:
    chosen = a_benefit(project, "удобное приложение")
    a_benefit(project, "быстрое решение", YOUNG)
    assert write(client, project, chosen.id) == 303
    draft = wait_until_written()
    assert "Главное: удобное приложение" in draft.prompt
    assert (draft.offer.benefit_id, draft.offer.angle) == (chosen.id, "удобное приложение")


def test_an_offer_may_say_no_benefit(client: FlaskClient, project: Project, loaded_model: Registry) -> None:
    a_benefit(project, "удобное приложение")
    assert write(client, project, NONE) == 303
    assert (wait_until_written().offer.benefit_id, wait_until_written().offer.angle) == (None, "")


def test_a_benefit_of_another_product_is_refused(client: FlaskClient, project: Project) -> None:
    a_benefit(project, "удобное приложение")
    assert write(client, project, a_benefit(a_project(), "быстрое решение").id) == 422
