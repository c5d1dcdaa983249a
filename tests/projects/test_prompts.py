"""Editing the prompt of a channel: versions, refusals, the preview."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from marketing_app.database import db
from marketing_app.models import Project, PromptVersion, Sensitivity
from tests.factories import PROMPT, a_client, a_field, a_project, a_user


@pytest.fixture
def project(client: FlaskClient) -> Project:
    manager = a_user(language="en")
    client.sign_in(manager)
    return a_project(manager)


def address(project: Project) -> str:
    return f"/projects/{project.id}/channels/{project.channels[0].id}"


def save(client: FlaskClient, project: Project, text: str, based_on: int = 1) -> int:
    return client.post(address(project), data={"text": text, "based_on": based_on}).status_code


def numbers(project: Project) -> list[int]:
    return [version.number for version in project.channels[0].versions]


def test_every_save_is_a_new_version(client: FlaskClient, project: Project) -> None:
    assert save(client, project, PROMPT + " Коротко.") == 303
    assert numbers(project) == [2, 1]
    assert "Коротко." in client.get(address(project)).get_data(as_text=True)


def test_the_same_text_makes_no_version(client: FlaskClient, project: Project) -> None:
    assert save(client, project, PROMPT) == 303
    assert numbers(project) == [1]


def test_two_editors_do_not_overwrite_each_other(client: FlaskClient, project: Project) -> None:
    save(client, project, "Первый {client}")
    answer = client.post(address(project), data={"text": "Второй {client}", "based_on": 1})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "Первый {client}" in text and "Второй {client}" in text
    assert save(client, project, "Второй {client}", based_on=2) == 303


@pytest.mark.parametrize(
    ("text", "said"), [("", "empty"), ("  \n", "empty"), ("{salary}", "{salary}"), ("я" * 20_001, "20000")]
)
def test_a_prompt_that_cannot_work_is_refused_at_once(
    client: FlaskClient, project: Project, text: str, said: str
) -> None:
    for path in ("", "/preview"):
        answer = client.post(address(project) + path, data={"text": text, "based_on": 1})
        assert answer.status_code == 422 and said in answer.get_data(as_text=True)
    assert numbers(project) == [1]


def test_an_older_version_is_opened_and_restored_by_saving(client: FlaskClient, project: Project) -> None:
    save(client, project, "Новый {client}")
    assert PROMPT in client.get(address(project) + "?version=1").get_data(as_text=True)
    save(client, project, PROMPT, based_on=2)
    assert numbers(project) == [3, 2, 1]


def test_a_version_cannot_be_changed(project: Project) -> None:
    with pytest.raises(IntegrityError):
        db.session.execute(db.update(PromptVersion).values(text="иначе"))


def test_the_preview_says_what_is_wrong_beside_the_text(client: FlaskClient, project: Project) -> None:
    answer = client.post(address(project) + "/preview", data={"text": PROMPT, "note": "x" * 301})
    assert answer.status_code == 422 and "At most 300 characters." in answer.get_data(as_text=True)
    assert client.post(address(project) + "/preview", data={"text": PROMPT, "based_on": "two"}).status_code == 422


def test_the_preview_shows_the_clients_words_and_no_secret(client: FlaskClient, project: Project) -> None:
    a_field(project)
    a_field(project, "sum_zp_12m", label="зарплата", sensitivity=Sensitivity.SECRET, is_in_prompt=False)
    person = a_client(project, age=52.68817204301075, sum_zp_12m=4174841.84)
    data = {"text": PROMPT, "client_id": person.id}
    text = client.post(address(project) + "/preview", data=data).get_data(as_text=True)
    assert "52 года" in text and project.product.description in text
    assert "52.68" not in text and "4174841" not in text and "зарплата" not in text


def test_the_preview_says_what_shorter_words_save(client: FlaskClient, project: Project, loaded_model: object) -> None:
    behaviour = {"type": "integer", "sensitivity": Sensitivity.BEHAVIOUR}
    for name in ("операций", "покупок", "переводов"):
        a_field(project, name, label=f"{name} за 3 месяца", **behaviour)
    busy, quiet = a_client(project, операций=40, покупок=40, переводов=40), a_client(project, операций=40)
    previews = [
        client.post(address(project) + "/preview", data={"text": PROMPT, "client_id": person.id}).get_data(as_text=True)
        for person in (busy, quiet)
    ]
    assert re.search(r"−\d+ tokens by shorter words", previews[0])
    assert "by shorter words" not in previews[1] and " tokens of " in previews[1]


def test_a_client_of_another_project_is_not_previewed(client: FlaskClient, project: Project) -> None:
    stranger = a_client(a_project())
    data = {"text": PROMPT, "client_id": stranger.id}
    assert client.post(address(project) + "/preview", data=data).status_code == 404
