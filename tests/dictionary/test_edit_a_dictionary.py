"""Editing the fields of a project's dictionary: add, change, move, remove, and what a prompt then says."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.dictionary.queries import LOOKED_THROUGH
from marketing_app.models import (
    AuditEntry,
    Client,
    ClientChange,
    ClientField,
    ClientImport,
    FieldType,
    ImportState,
    Project,
    Sensitivity,
)
from tests.factories import PROMPT, a_client, a_field, a_product, a_project, a_user, many_clients, saved


@pytest.fixture(params=["manager", "performer"])
def project(client: FlaskClient, request: pytest.FixtureRequest) -> Project:
    people = {"manager": a_user(language="en"), "performer": a_user(language="en")}
    client.sign_in(people[request.param])
    return a_project(people["manager"], people["performer"])


def address(project: Project, *parts: object) -> str:
    return "/".join(map(str, [f"/projects/{project.id}/dictionary", *parts]))


def sent(**values: Any) -> dict[str, Any]:
    """A form that is right, with some values of it otherwise."""
    return {"label": "salary", "type": "decimal", "sensitivity": "personal", "is_in_prompt": "y"} | values


def state(client: FlaskClient, field: ClientField) -> str:
    page = client.get(f"/projects/{field.project_id}/dictionary/{field.id}").get_data(as_text=True)
    found = re.search(r'name="state"[^>]* value="(\w+)"', page)
    assert found
    return found[1]


def save(client: FlaskClient, field: ClientField, **values: Any) -> Any:
    values.setdefault("state", state(client, field))
    return client.post(f"/projects/{field.project_id}/dictionary/{field.id}", data=sent(**values))


def keys(project: Project) -> list[str]:
    query = db.select(ClientField.key).filter_by(project_id=project.id)
    return list(db.session.scalars(query.order_by(ClientField.position, ClientField.id)))


def test_a_new_project_starts_from_the_banks_dictionary(client: FlaskClient) -> None:
    client.sign_in(a_user(language="en"))
    form = {"name": "Весна", "product_id": a_product().id, "occasion": "", "language": "ru", "retention_days": 30}
    answer = client.post("/projects/new", data=form)
    page = client.get(answer.location + "/dictionary").get_data(as_text=True)
    assert "оплат на АЗС за 3 месяца" in page and "0 = мужской; 1 = женский" in page and "and 9 more" in page
    assert db.session.query(ClientField).count() == 25


def test_likely_values_are_set_shown_and_changed(client: FlaskClient, project: Project) -> None:
    client.post(address(project, "new"), data=sent(key="salary", lowest="0", highest="1 000 000,5"))
    field = db.session.scalars(db.select(ClientField)).one()
    assert (field.lowest, field.highest) == ("0", "1000000.5")
    text = client.get(address(project, field.id)).get_data(as_text=True)
    assert "from 0 to 1000000.5" in client.get(address(project)).get_data(as_text=True)
    assert 'name="lowest" type="text" value="0"' in text and 'value="1000000.5"' in text
    save(client, field, lowest="", highest="5")
    assert (field.lowest, field.highest) == ("", "5")


def test_likely_dates_may_end_today(client: FlaskClient, project: Project) -> None:
    dates = {"type": "date", "lowest": "01.01.1900", "highest": "Сегодня"}
    client.post(address(project, "new"), data=sent(key="born", **dates))
    field = db.session.scalars(db.select(ClientField)).one()
    assert (field.lowest, field.highest) == ("1900-01-01", "today")
    assert 'value="today"' in client.get(address(project, field.id)).get_data(as_text=True)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"lowest": "few"}, "“few” is not a value of the field’s type"),
        ({"type": "date", "highest": "31.02.2026"}, "“31.02.2026” is not a value of the field’s type"),
        ({"highest": "today"}, "“today” is not a value of the field’s type"),
        ({"lowest": "9", "highest": "5"}, "The likely values end before they begin: “5”"),
        ({"type": "date", "lowest": "today", "highest": "1990-01-01"}, "The likely values end before they begin"),
    ],
)
def test_likely_values_that_cannot_be(client: FlaskClient, project: Project, values: dict[str, str], said: str) -> None:
    answer = client.post(address(project, "new"), data=sent(key="salary", **values))
    assert answer.status_code == 422 and said in answer.get_data(as_text=True)
    assert keys(project) == []


def test_a_field_of_words_has_no_likely_values(client: FlaskClient, project: Project) -> None:
    client.post(address(project, "new"), data=sent(key="town", type="text", lowest="0", highest="9"))
    field = db.session.scalars(db.select(ClientField)).one()
    assert (field.lowest, field.highest) == ("", "")


def test_a_field_is_added_at_the_end(client: FlaskClient, project: Project) -> None:
    a_field(project, "age", position=7)
    assert client.get(address(project, "new")).status_code == 200
    assert client.post(address(project, "new"), data=sent(key="salary")).status_code == 303
    assert keys(project) == ["age", "salary"]


def test_two_fields_have_no_key_in_common(client: FlaskClient, project: Project) -> None:
    a_field(project, "age")
    answer = client.post(address(project, "new"), data=sent(key=" age "))
    assert answer.status_code == 422 and "has a field of this key" in answer.get_data(as_text=True)


def test_a_change_is_in_the_prompts_preview_at_once(client: FlaskClient, project: Project) -> None:
    field = a_field(project, "salary", label="оклад", type=FieldType.DECIMAL)
    person = a_client(project, salary=90_000)
    bands = {"bands-left": ["50000", "150 000"], "bands-right": ["low", "usual"], "rest": "high"}
    assert save(client, field, **bands).status_code == 303
    channel = f"/projects/{project.id}/channels/{project.channels[0].id}"
    preview = client.post(f"{channel}/preview", data={"text": PROMPT, "client_id": person.id}).get_data(as_text=True)
    assert "salary: usual" in preview and "90000" not in preview


def test_codes_decode_values(client: FlaskClient, project: Project) -> None:
    field = a_field(project, "gender")
    codes = {"codes-left": ["0", "1", ""], "codes-right": ["male", "female", " "]}
    assert save(client, field, label="gender", type="code", **codes).status_code == 303
    assert field.codes == {"0": "male", "1": "female"}
    person = a_client(project, gender="1")
    page = client.get(f"/projects/{project.id}/clients/{person.id}").get_data(as_text=True)
    assert "gender: female" in page


def test_a_secret_field_is_out_of_prompts(client: FlaskClient, project: Project) -> None:
    field = a_field(project, "salary")
    assert save(client, field, sensitivity="secret", is_in_prompt="y").status_code == 303
    assert field.sensitivity is Sensitivity.SECRET and not field.is_in_prompt
    assert "no prompt says anything of it" in client.get(address(project)).get_data(as_text=True)
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.object_type != "user")).one()
    assert entry.changes["sensitivity"] == ["personal", "secret"] and entry.changes["is_in_prompt"] == [True, False]


def test_another_type_leaves_out_what_only_the_old_one_has(client: FlaskClient, project: Project) -> None:
    field = a_field(project, "salary", bands=[{"upto": 5, "words": "low"}, {"upto": None, "words": "high"}])
    rows = {"bands-left": "5", "bands-right": "low", "rest": "high", "codes-left": "x", "codes-right": ""}
    assert save(client, field, type="text", **rows).status_code == 303
    assert (field.type, field.bands, field.codes) == (FieldType.TEXT, [], {})


WRONG_BANDS = [
    ({"bands-left": ["5", "5"], "bands-right": ["a", "b"]}, "do not rise"),
    ({"bands-left": ["a lot"], "bands-right": ["a"]}, "“a lot” is none"),
    ({"bands-left": [""], "bands-right": ["a"]}, "“a” is none"),
    ({"bands-left": ["nan"], "bands-right": ["a"]}, "“nan” is none"),
    ({"bands-left": ["1" + "0" * 15], "bands-right": ["a"]}, "at most 15 digits"),
    ({"bands-left": ["5"], "bands-right": ["w" * 101]}, "at most 100 characters"),
    ({"bands-left": ["5"], "bands-right": ["low; rich"]}, "semicolon"),
    ({"rest": "high"}, "Add a band"),
    ({"bands-left": [str(n) for n in range(51)], "bands-right": ["a"] * 51}, "at most 50 rows"),
]
WRONG_CODES = [
    ({"codes-left": ["0"], "codes-right": [""]}, "both a value and a meaning"),
    ({"codes-left": ["0", "0"], "codes-right": ["no", "yes"]}, "comes twice"),
    ({"codes-left": ["a=b"], "codes-right": ["no"]}, "equals sign"),
    ({"codes-left": [str(n) for n in range(201)], "codes-right": ["no"] * 201}, "at most 200 rows"),
]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"label": " \n "}, "is empty"),
        ({"label": "ж" * 201}, "at most 200 characters"),
        ({"sensitivity": "public"}, "Not a valid choice"),
        *WRONG_BANDS,
        *(({"type": "code"} | values, said) for values, said in WRONG_CODES),
    ],
)
def test_what_cannot_be_is_refused_and_said(
    client: FlaskClient, project: Project, values: dict[str, Any], said: str
) -> None:
    field = a_field(project, "salary", label="before")
    for answer in (
        save(client, field, **values),
        client.post(address(project, field.id, "preview"), data=sent(**values)),
    ):
        assert answer.status_code == 422 and said in answer.get_data(as_text=True)
    assert field.label == "before"


@pytest.mark.parametrize("key", ["", " ", "k" * 121])
def test_a_key_is_needed_and_has_a_length(client: FlaskClient, project: Project, key: str) -> None:
    assert client.post(address(project, "new"), data=sent(key=key)).status_code == 422
    assert keys(project) == []


def test_a_key_is_not_changed(client: FlaskClient, project: Project) -> None:
    field = a_field(project, "salary")
    assert save(client, field, key="wages").status_code == 303
    assert keys(project) == ["salary"]


def test_two_people_do_not_overwrite_each_other(client: FlaskClient, project: Project) -> None:
    field = a_field(project, "salary", label="before")
    opened = state(client, field)
    save(client, field, label="theirs")
    answer = save(client, field, label="mine", state=opened)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "Theirs: theirs. Yours: mine." in page and 'value="mine"' in page
    assert field.label == "theirs"
    newest = re.search(r'name="state"[^>]* value="(\w+)"', page)
    assert newest and save(client, field, label="both", state=newest[1]).status_code == 303
    assert field.label == "both"


def test_saving_what_is_there_already_is_no_quarrel(client: FlaskClient, project: Project) -> None:
    field = a_field(project, "salary", label="before")
    opened = state(client, field)
    save(client, field, label="same")
    assert save(client, field, label="same", state=opened).status_code == 303
    assert db.session.query(AuditEntry).where(AuditEntry.object_type != "user").count() == 1


def test_the_preview_says_what_the_unsaved_form_would(client: FlaskClient, project: Project) -> None:
    field = a_field(project, "salary", label="before")
    a_field(project, "region", label="region", type=FieldType.TEXT, position=1)
    person = a_client(project, salary=90_000, region="Омск")
    values = sent(client_id=person.id, **{"bands-left": "50000", "bands-right": "low", "rest": "high"})
    page = client.post(address(project, field.id, "preview"), data=values).get_data(as_text=True)
    assert "salary: high; region: Омск" in page and "90000" in page
    hidden = client.post(address(project, field.id, "preview"), data=values | {"sensitivity": "secret"})
    assert "high" not in hidden.get_data(as_text=True) and "region: Омск" in hidden.get_data(as_text=True)
    assert field.label == "before"


def test_the_preview_offers_first_who_has_a_value(client: FlaskClient, project: Project) -> None:
    field = a_field(project, "salary")
    without, having = a_client(project, "C-without", age=5), a_client(project, "C-having", salary=1)
    page = client.get(address(project, field.id)).get_data(as_text=True)
    assert page.index(having.outside_id) < page.index(f"{without.outside_id} · without a value")


def test_the_preview_finds_who_has_a_value_among_those_loaded_last(client: FlaskClient, project: Project) -> None:
    field = a_field(project, "salary")
    many_clients(project, LOOKED_THROUGH)
    having = a_client(project, "C-having", salary=1)
    page = client.get(address(project, field.id)).get_data(as_text=True)
    assert page.index(having.outside_id) < page.index("without a value")


def test_a_stranger_is_not_previewed(client: FlaskClient, project: Project) -> None:
    stranger = a_client(a_project())
    field = a_field(project, "salary")
    values = sent(client_id=stranger.id)
    assert client.post(address(project, field.id, "preview"), data=values).status_code == 404


def test_rows_come_and_go_without_saving(client: FlaskClient, project: Project) -> None:
    rows = {"bands-left": ["5", "9"], "bands-right": ["low", "middle"], "type": "decimal"}
    more = client.post(address(project, "rows"), data=rows | {"add": "bands"}).get_data(as_text=True)
    assert more.count('name="bands-left"') == 3 and more.count("autofocus") == 1
    less = client.post(address(project, "rows"), data=rows | {"remove": "bands-0"})
    assert 'value="5"' not in less.get_data(as_text=True) and 'value="9"' in less.get_data(as_text=True)
    assert "rows-changed" in less.headers["HX-Trigger"]


def test_thousands_of_rows_are_refused_on_a_page_of_the_usual_size(client: FlaskClient, project: Project) -> None:
    field = a_field(project, "sex", type=FieldType.CODE)
    many = [str(number) for number in range(20_000)]
    rows = {"type": "code", "codes-left": many, "codes-right": many}
    answer = save(client, field, **rows)
    assert answer.status_code == 422 and "at most 200 rows" in answer.text
    pages = [answer, client.post(address(project, "rows"), data=rows | {"add": "codes"})]
    assert all(len(each.data) < 300_000 for each in pages)


def test_empty_rows_do_not_count(client: FlaskClient, project: Project) -> None:
    field = a_field(project, "sex", type=FieldType.CODE)
    filled = [str(number) for number in range(200)]
    rows = {"codes-left": ["", *filled], "codes-right": [" ", *filled]}
    assert save(client, field, type="code", **rows).status_code == 303
    assert len(field.codes) == 200


def test_fields_are_put_in_another_order(client: FlaskClient, project: Project) -> None:
    first, second, third = (a_field(project, key) for key in "abc")  # all of one position, as after a bad start
    assert client.post(address(project, third.id, "move"), data={"way": "up"}).status_code == 200
    assert keys(project) == ["a", "c", "b"]
    client.post(address(project, first.id, "move"), data={"way": "down"})
    assert keys(project) == ["c", "a", "b"]
    client.post(address(project, third.id, "move"), data={"way": "up"})
    client.post(address(project, second.id, "move"), data={"way": "down"})
    assert keys(project) == ["c", "a", "b"]
    fragment = client.post(address(project, second.id, "move"), data={"way": "up"}, headers={"HX-Request": "true"})
    assert fragment.get_data(as_text=True).lstrip().startswith('<div id="fields">')


def test_a_field_is_removed_with_its_values(client: FlaskClient, project: Project) -> None:
    field = a_field(project, "salary")
    a_field(project, "age")
    person, other = a_client(project, salary=5, age=1), a_client(project, age=2)
    stranger = a_client(a_project(), salary=7)
    load = saved(ClientImport(project_id=project.id, source="later.xlsx"))
    earlier = {"import_id": load.id, "client_id": person.id, "updated_at": person.updated_at}
    saved(ClientChange(**earlier, data={"salary": 4, "age": 1}))
    kept_since = person.updated_at
    question = client.get(address(project, field.id, "remove")).get_data(as_text=True)
    assert "of 1 client" in question and "cannot be undone" in question
    assert client.post(address(project, field.id, "remove")).status_code == 303
    assert "value of 1 client" in client.get(address(project)).get_data(as_text=True)
    assert keys(project) == ["age"]
    assert (person.data, other.data, stranger.data) == ({"age": 1}, {"age": 2}, {"salary": 7})
    assert db.session.scalars(db.select(ClientChange.data)).one() == {"age": 1}
    assert person.updated_at == kept_since


@pytest.mark.parametrize("is_open", [True, False])
def test_a_field_that_a_load_fills_is_not_removed(client: FlaskClient, project: Project, is_open: bool) -> None:
    field = a_field(project, "salary")
    state = ImportState.READING if is_open else ImportState.FINISHED
    saved(ClientImport(project_id=project.id, source="now.xlsx", state=state))
    assert client.post(address(project, field.id, "remove")).status_code == (409 if is_open else 303)
    assert keys(project) == (["salary"] if is_open else [])


def test_an_archived_project_is_read_and_not_changed(client: FlaskClient, project: Project) -> None:
    field = a_field(project, "salary", label="before")
    opened = state(client, field)
    assert "Save</button>" in client.get(address(project, field.id)).get_data(as_text=True)
    project.is_archived = True
    db.session.commit()
    assert "Save</button>" not in client.get(address(project, field.id)).get_data(as_text=True)
    posts = {
        f"{field.id}": sent(state=opened),
        "new": sent(key="wages"),
        f"{field.id}/move": {"way": "up"},
        f"{field.id}/remove": {},
    }
    for path, values in posts.items():
        assert client.post(address(project, path), data=values).status_code == 409, path
    assert keys(project) == ["salary"] and field.label == "before"


def test_a_field_of_another_project_is_not_found(client: FlaskClient, project: Project) -> None:
    foreign = a_field(a_project(), "salary")
    assert client.get(address(project, foreign.id)).status_code == 404
    assert client.post(address(project, foreign.id), data=sent()).status_code == 404
    assert client.post(address(project, foreign.id, "remove")).status_code == 404
    assert db.session.query(Client).count() == 0 and foreign.label == "возраст"
