"""The clients page and a client's page say which benefit of the product suits, and why."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.models import FieldType, Project, Sensitivity
from tests.factories import (
    a_benefit,
    a_channel,
    a_client,
    a_field,
    a_project,
    a_project_channel,
    a_rule_setting,
    a_user,
    between,
)

CAR = {"subject": "data.car", "operator": "one_of", "values": ["1"]}


@pytest.fixture
def project(app: Flask, client: FlaskClient) -> Project:
    performer = a_user(language="en")
    client.sign_in(performer)
    project = a_project(performer=performer)
    a_field(project, "age", label="age")
    a_field(project, "car", label="owns a car", type=FieldType.CODE, codes={"0": "no", "1": "yes indeed"})
    return project


def page(client: FlaskClient, project: Project, path: str = "") -> str:
    answer = client.get(f"/projects/{project.id}/clients{path}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_the_list_says_for_each_client_which_benefit_and_why(client: FlaskClient, project: Project) -> None:
    a_benefit(project, "удобное приложение", between("age", high="35"))
    a_benefit(project, "обслуживание бесплатно", between("age", "50"), CAR)
    for outside_id, data in {"young": {"age": 20}, "driver": {"age": 60, "car": "1"}, "other": {"age": 40}}.items():
        a_client(project, outside_id, **data)
    text = page(client, project)
    assert "Benefit to say" in text
    assert "удобное приложение Whom it suits: age up to 35" in text
    assert "обслуживание бесплатно Whom it suits: age from 50; owns a car: yes indeed" in text
    assert "none suits" in text


def test_a_benefit_without_conditions_is_for_everybody(client: FlaskClient, project: Project) -> None:
    a_benefit(project, "удобное приложение")
    person = a_client(project)
    assert "удобное приложение Whom it suits: everybody" in page(client, project)
    assert "удобное приложение Whom it suits: everybody" in page(client, project, f"/{person.id}")


def test_a_product_without_benefits_has_no_column(client: FlaskClient, project: Project) -> None:
    person = a_client(project)
    assert "Benefit" not in page(client, project)
    assert "Benefit" not in page(client, project, f"/{person.id}")


def test_a_secret_field_tells_nothing(client: FlaskClient, project: Project) -> None:
    a_field(project, "salary", label="salary", sensitivity=Sensitivity.SECRET, is_in_prompt=False)
    a_benefit(project, "удобное приложение", between("salary", "100"))
    person = a_client(project, salary=500)
    assert "none suits" in page(client, project)
    assert "none suits" in page(client, project, f"/{person.id}")


def test_a_benefit_that_every_channel_blocks_is_left_out(client: FlaskClient, project: Project) -> None:
    a_benefit(project, "кешбэк 77% на всё")
    a_client(project)
    assert "кешбэк 77%" not in page(client, project)


def test_channels_that_may_say_different_benefits_are_told_apart(client: FlaskClient, project: Project) -> None:
    free = a_channel(name="Free talk")
    a_rule_setting(free, "fact.number", is_on=False)
    a_rule_setting(free, "fact.claim", is_on=False)
    a_project_channel(project, free)
    a_benefit(project, "кешбэк 77% на всё")
    person = a_client(project)
    assert "кешбэк 77% на всё" in page(client, project)
    text = page(client, project, f"/{person.id}")
    assert re.search(r"Benefit to say СМС \d+ none suits Free talk кешбэк 77% на всё Whom it suits: everybody", text)


def test_the_list_takes_as_many_queries_for_many_clients_as_for_one(
    client: FlaskClient, project: Project, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    a_benefit(project, "удобное приложение", between("age", high="35"))
    a_benefit(project, "обслуживание бесплатно", between("age", high="35"))
    a_client(project)
    for_one = count_queries(lambda: page(client, project))
    for _client in range(20):
        a_client(project)
    for _channel in range(3):
        a_project_channel(project)
    assert count_queries(lambda: page(client, project)) == for_one
