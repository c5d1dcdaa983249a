"""Values outside of what is likely for a field are doubted before the load, and loaded as they are."""

import html
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import Client, ClientField, FieldType, Project
from tests.client_imports.wizard import begun, carried_out, chosen, page
from tests.factories import a_field

LAST_ZONE = ZoneInfo("Pacific/Kiritimati")
TOMORROW = (datetime.now(LAST_ZONE) + timedelta(days=1)).date()
"""Wherever the bank is."""


def doubted(client: FlaskClient, project: Project, content: str) -> str:
    return html.unescape(page(client, chosen(client, project, content.encode()) + "/columns"))


@pytest.mark.parametrize("age", ["-5", "350", "13.9", "110,5"])
def test_an_unlikely_age_is_doubted_with_its_row(client: FlaskClient, project: Project, age: str) -> None:
    text = doubted(client, project, f"id;age\nK-1;30\nK-2;{age}\nK-3;52.688\n")
    assert f"Row 3, “{age}”: likely values are from 14 to 110." in text


def test_both_ends_of_a_range_are_doubted(client: FlaskClient, project: Project) -> None:
    text = doubted(client, project, "id;age\nK-1;350\nK-2;30\nK-3;-5\n")
    assert "Row 2, “350”" in text and "Row 4, “-5”" in text


def test_likely_values_raise_no_doubt(client: FlaskClient, project: Project) -> None:
    text = doubted(client, project, "id;age;cnt_tr_all_3m;дата рождения\nK-1;14;0;01.01.1900\nK-2;110;666;29.02.2000\n")
    assert "likely values" not in text


def test_an_unlikely_value_is_loaded_as_it_is(app: Flask, client: FlaskClient, project: Project) -> None:
    begun(client, chosen(client, project, b"id;age\nK-1;350\n"))
    assert carried_out(app).added_count == 1
    assert db.session.scalars(db.select(Client)).one().data == {"age": 350}


def test_a_birthday_to_come_is_doubted(app: Flask, client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, f"id;дата рождения\nK-1;1985-03-04\nK-2;{TOMORROW:%d.%m.%Y}\n".encode())
    text = html.unescape(page(client, f"{address}/columns"))
    assert f"Row 3, “{TOMORROW:%d.%m.%Y}”: likely values are from 1900-01-01 to today." in text
    begun(client, address)
    carried_out(app)
    field = db.session.scalars(db.select(ClientField).filter_by(key="дата рождения")).one()
    assert (field.lowest, field.highest) == ("1900-01-01", "today")


@pytest.mark.parametrize(("zone", "is_doubted"), [("Pacific/Midway", True), ("Pacific/Kiritimati", False)])
def test_today_is_the_bank_s_day(
    app: Flask, client: FlaskClient, project: Project, monkeypatch: pytest.MonkeyPatch, zone: str, is_doubted: bool
) -> None:
    """When it is today in the second zone, it is tomorrow in the first."""
    monkeypatch.setitem(app.config, "STUDIO", app.config["STUDIO"].model_copy(update={"time_zone": zone}))
    born = datetime.now(LAST_ZONE)
    text = doubted(client, project, f"id;дата рождения\nK-1;1985-03-04\nK-2;{born:%d.%m.%Y}\n")
    assert ("likely values" in text) is is_doubted


def test_the_projects_own_range_is_asked(client: FlaskClient, project: Project) -> None:
    a_field(project, "visits", type=FieldType.INTEGER, lowest="0", highest="")
    assert "Row 2, “-1”: likely values are from 0." in doubted(client, project, "id;visits\nK-1;-1\nK-2;7000\n")


def test_the_age_of_something_else_has_no_range(client: FlaskClient, project: Project) -> None:
    assert "likely values" not in doubted(client, project, "id;возраст автомобиля\nK-1;3\nK-2;5\n")


@pytest.mark.parametrize("phone", ["+7 000 000-00-00", "80000000000", "71111111111"])
def test_a_telephone_of_one_digit_is_doubted(client: FlaskClient, project: Project, phone: str) -> None:
    rows = "".join(f"K-{n};+7999000000{n}\n" for n in range(9))
    text = doubted(client, project, f"id;phone\n{rows}K-9;{phone}\n")
    assert f"such as “{phone}” in row 11. Are they real?" in text


def test_ten_zeros_are_no_telephone(client: FlaskClient, project: Project) -> None:
    rows = "".join(f"K-{n};+7999000000{n}\n" for n in range(9))
    text = doubted(client, project, f"id;phone\n{rows}K-9;0000000000\n")
    assert "Row 11, “0000000000”: not a phone number." in text
