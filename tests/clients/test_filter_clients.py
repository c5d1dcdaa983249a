"""A marketer narrows the list of clients by what is known of them."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import Client, ClientField, FieldType, Project
from tests.factories import a_client, a_field, a_project, a_user, an_opt_out, many_clients

PEOPLE: dict[str, dict[str, Any]] = {
    "A1": {"age": 30, "car": "1", "region": "Город Москва", "since": "2024-01-31T10:00:00"},
    "A2": {"age": 45.5, "car": "0", "region": "Ивановская область", "deposits": 5.5},
    "A3": {"age": 9, "region": "100% ивановский", "since": "2023-12-31"},
    "B1": {"car": "1", "deposits": 0},
}


@pytest.fixture
def project(app: Flask, client: FlaskClient) -> Project:
    performer = a_user(language="en")
    client.sign_in(performer)
    project = a_project(performer=performer)
    a_field(project, "age", label="age")
    a_field(project, "car", label="owns a car", type=FieldType.CODE, codes={"0": "no", "1": "yes"})
    a_field(project, "region", label="region", type=FieldType.TEXT)
    a_field(project, "since", label="client since", type=FieldType.DATE)
    a_field(project, "deposits", label="deposits")
    for name, data in PEOPLE.items():
        a_client(project, name, **data)
    return project


def page(client: FlaskClient, project: Project, path: str = "clients", **asked: Any) -> str:
    answer = client.get(f"/projects/{project.id}/{path}?{urlencode(asked, doseq=True)}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def shown(text: str) -> list[str]:
    return re.findall(r"<td class=\"text-nowrap\"><a [^>]*>([^<]+)</a>", text)


def counted(text: str) -> int:
    found = re.search(r'data-count="(\d+)"', text)
    assert found, text
    return int(found[1])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"how.data.age": "between", "from.data.age": "10", "to.data.age": "45,5"}, ["A1", "A2"]),
        ({"how.data.age": "between", "from.data.age": "31"}, ["A2"]),
        ({"how.data.age": "between", "to.data.age": "30"}, ["A1", "A3"]),
        ({"how.data.age": "empty"}, ["B1"]),
        ({"how.data.age": "filled"}, ["A1", "A2", "A3"]),
        ({"how.data.deposits": "between_or_empty", "to.data.deposits": "0"}, ["A1", "A3", "B1"]),
        ({"how.data.car": "one_of", "is.data.car": ["1"]}, ["A1", "B1"]),
        ({"how.data.car": "one_of", "is.data.car": ["0", "1"]}, ["A1", "A2", "B1"]),
        ({"how.data.car": "one_of_or_empty", "is.data.car": ["0"]}, ["A2", "A3"]),
        ({"how.data.region": "one_of", "lines.data.region": "город москва\r\n\r\nнигде"}, ["A1"]),
        ({"how.data.region": "contains", "lines.data.region": "ИВАНОВСК"}, ["A2", "A3"]),
        ({"how.data.region": "contains", "lines.data.region": "0%"}, ["A3"]),
        ({"how.data.since": "between", "from.data.since": "2024-01-01", "to.data.since": "2024-01-31"}, ["A1"]),
        ({"how.data.since": "between", "to.data.since": "31.12.2023"}, ["A3"]),
        ({"how.data.since": "between_or_empty", "from.data.since": "2024-02-01"}, ["A2", "B1"]),
        ({"search": "A"}, ["A1", "A2", "A3"]),
        ({"search": "A", "how.data.age": "between", "from.data.age": "30", "how.data.car": "filled"}, ["A1", "A2"]),
        ({"how.data.age": "between"}, ["A1", "A2", "A3", "B1"]),
    ],
)
def test_a_filter_shows_who_matches(
    client: FlaskClient, project: Project, asked: dict[str, Any], expected: list[str]
) -> None:
    assert shown(page(client, project, **asked)) == expected
    assert counted(page(client, project, "clients/count", **asked)) == len(expected)


def test_clients_are_found_by_contacts_load_and_opt_out(client: FlaskClient, project: Project) -> None:
    people = {each.outside_id: each for each in db.session.scalars(db.select(Client))}
    people["A1"].email, people["A2"].phone = "anna@bank.example", "79001234567"
    db.session.commit()
    an_opt_out(project, people["A3"])
    an_opt_out(None, people["B1"])
    an_opt_out(a_project(), people["A1"])
    assert shown(page(client, project, **{"how.email": "contains", "lines.email": "ANNA@"})) == ["A1"]
    assert shown(page(client, project, **{"how.phone": "contains", "lines.phone": "4567"})) == ["A2"]
    assert shown(page(client, project, **{"how.phone": "empty"})) == ["A1", "A3", "B1"]
    load = people["A2"].import_id
    assert shown(page(client, project, **{"how.load": "one_of", "is.load": [str(load)]})) == ["A2"]
    assert shown(page(client, project, **{"how.opted_out": "yes"})) == ["A3", "B1"]
    assert shown(page(client, project, **{"how.opted_out": "no"})) == ["A1", "A2"]
    assert page(client, project).count("Opted out</span>") == 2


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"how.data.age": "between", "from.data.age": "old"}, "Type numbers"),
        ({"how.data.age": "between", "to.data.age": "1e999"}, "Type numbers"),
        ({"how.data.age": "between", "from.data.age": "45", "to.data.age": "30"}, "above the second one"),
        ({"how.data.since": "between", "from.data.since": "31.31.2024"}, "Type days"),
        ({"how.data.region": "one_of", "lines.data.region": "\n".join(map(str, range(31)))}, "At most 30 values"),
        ({"how.data.region": "one_of", "lines.data.region": "x" * 121}, "At most 120 characters"),
        ({"how.data.gone": "filled"}, "no longer in the dictionary"),
        ({"how.data.age": "contains", "lines.data.age": "3"}, "of another type now"),
        ({"how.data.age": "drop table"}, "of another type now"),
        ({f"how.data.gone{number}": "filled" for number in range(21)}, "At most 20 conditions"),
    ],
)
def test_a_condition_with_a_problem_says_so_and_matches_nobody(
    client: FlaskClient, project: Project, asked: dict[str, Any], said: str
) -> None:
    if "drop table" in asked.values():
        asked = asked | {"is.data.age": "1"}
    text = page(client, project, **asked)
    assert said in text and shown(text) == []
    if "from.data.age" in asked:
        assert f'value="{asked["from.data.age"]}"' in text
    assert said in page(client, project, "clients/count", **asked)


def test_a_condition_on_a_field_that_is_gone_stays_until_it_is_removed(client: FlaskClient, project: Project) -> None:
    asked = {"how.data.gone": "between", "from.data.gone": "1", "to.data.gone": "9"}
    boxes = page(client, project, "clients/filter", **asked)
    assert dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', boxes)) == asked
    assert counted(page(client, project, "clients/filter", **asked, without="data.gone")) == 4


def test_values_from_before_a_change_of_type_do_not_match(client: FlaskClient, project: Project) -> None:
    a_client(project, "T1", age="forty", since=45000, car=1)
    assert "T1" not in shown(page(client, project, **{"how.data.age": "between", "to.data.age": "1000"}))
    assert "T1" not in shown(page(client, project, **{"how.data.age": "between", "from.data.age": "1"}))
    assert "T1" not in shown(page(client, project, **{"how.data.since": "between", "from.data.since": "2020-01-01"}))
    assert "T1" in shown(page(client, project, **{"how.data.car": "one_of", "is.data.car": "1"}))


def test_a_filter_is_added_and_taken_away(client: FlaskClient, project: Project) -> None:
    asked = {"how.data.age": "between", "from.data.age": "31"}
    text = page(client, project, "clients/filter", **asked, add="data.car")
    assert 'name="is.data.car" value="1"' in text and 'name="from.data.age" value="31"' in text
    assert counted(text) == 1, "a filter that asks nothing yet changes nothing"
    assert '<option value="data.car"' not in text, "a field has one filter"
    assert re.findall(r'name="(how[^"]+)"[^>]* autofocus', text) == ["how.data.car"]
    text = page(client, project, "clients/filter", **asked, without="data.age")
    assert 'name="from.data.age"' not in text and counted(text) == 4


def test_a_text_filter_offers_values_that_there_are(client: FlaskClient, project: Project) -> None:
    text = page(client, project, "clients/filter", add="data.region")
    assert 'data-insert="Город Москва\n"' in text


def test_a_list_offers_the_codes_that_no_dictionary_knows(client: FlaskClient, project: Project) -> None:
    a_client(project, "C1", car="hired")
    text = page(client, project, "clients/filter", add="data.car")
    assert re.findall(r'name="is.data.car" value="(\w+)"', text) == ["0", "1", "hired"]
    chosen = page(client, project, **{"how.data.car": "one_of", "is.data.car": ["hired"]})
    assert shown(chosen) == ["C1"] and chosen.count('value="hired" checked') == 1


def test_codes_of_one_word_are_one_box(client: FlaskClient, project: Project) -> None:
    field = db.session.scalars(db.select(ClientField).filter_by(key="car")).one()
    field.codes = {"0": "no", "1": "yes", "да": "yes"}
    a_client(project, "C1", car="да")
    text = page(client, project, **{"how.data.car": "one_of", "is.data.car": ["1"]})
    assert shown(text) == ["A1", "B1", "C1"]
    assert re.findall(r'name="is.data.car" value="(\w+)" (\w*)>', text) == [("0", ""), ("1", "checked")]
    assert shown(page(client, project, **{"how.data.car": "one_of", "is.data.car": ["да"]})) == ["A1", "B1", "C1"]


def test_columns_and_order_live_in_the_address(client: FlaskClient, project: Project) -> None:
    a_client(project, "A0", age=31)
    text = page(client, project, column=["car", "since"], order="client_id", search="A")
    assert shown(text) == ["A0", "A1", "A2", "A3"]
    assert re.findall(r"<th>([^<]+)</th>", text)[:3] == ["Client", "owns a car", "client since"]
    assert "<td>yes</td>" in text and "Jan 31, 2024" in text
    assert shown(page(client, project, search="A", order="anything")) == ["A1", "A2", "A3", "A0"]


def test_columns_that_nobody_chose_are_those_with_values(client: FlaskClient, project: Project) -> None:
    for number in range(8):
        a_field(project, f"empty_{number}", label=f"empty {number}")
    a_field(project, "pets", label="pets at home", type=FieldType.TEXT)
    a_client(project, "P1", pets="cat")
    header = re.findall(r"<th>([^<]+)</th>", page(client, project, search="P"))
    assert header[:2] == ["Client", "pets at home"] and "age" not in header


def test_the_pages_of_a_filter(client: FlaskClient, project: Project) -> None:
    many_clients(project, 200)
    asked = {"how.data.age": "between", "from.data.age": "20", "to.data.age": "49", "search": "M"}
    first, last = page(client, project, **asked), page(client, project, **asked, page=99)
    assert "1 to 25 of 110" in first and "101 to 110 of 110" in last
    assert len(shown(last)) == 10 and not set(shown(first)) & set(shown(last))
    link = re.search(r'page-link" href="([^"]+)">Next', first)
    assert link and "from.data.age=20" in link[1] and "is.client_id=M" in link[1]
    everybody = page(client, project, page=999)
    assert "201 to 204 of 204" in everybody and len(shown(everybody)) == 4


def test_clients_of_other_projects_never_match(client: FlaskClient, project: Project) -> None:
    other = a_project()
    a_client(other, "A9", age=40)
    assert "A9" not in shown(page(client, project, **{"how.data.age": "filled"}))
    load = db.session.scalar(db.select(Client.import_id).filter_by(outside_id="A9"))
    assert shown(page(client, project, **{"how.load": "one_of", "is.load": str(load)})) == []


def test_an_empty_project_says_what_to_do_first(client: FlaskClient, project: Project) -> None:
    db.session.execute(db.delete(Client))
    db.session.execute(db.delete(ClientField))
    db.session.commit()
    text = page(client, project)
    assert "No clients yet" in text and 'id="filter"' not in text


def test_a_filter_that_nobody_matches_says_what_to_do(client: FlaskClient, project: Project) -> None:
    assert "Widen the filter" in page(client, project, search="nobody")


def test_the_list_takes_the_same_queries_for_few_and_many(
    client: FlaskClient, project: Project, count_queries: Any
) -> None:
    asked = {"how.data.age": "between", "from.data.age": "20", "how.data.region": "empty"}
    a_client(project, age=30)
    few = count_queries(lambda: page(client, project, **asked))
    many_clients(project, 300)
    assert count_queries(lambda: page(client, project, **asked)) == few <= 12
