"""Saying what the columns mean, and beginning the load."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.client_imports.columns import ColumnPlan, Target
from marketing_app.client_imports.services import FieldGone, SourceGone, start_import
from marketing_app.client_imports.sources import profile_of
from marketing_app.database import db, own_transaction
from marketing_app.models import (
    Client,
    ClientField,
    ClientImport,
    ClientSource,
    ClientSourcePart,
    Duplicates,
    FieldType,
    ImportState,
    OptOut,
    Project,
)
from tests.client_imports.wizard import begun, carried_out, chosen, meanings, only_source, page, send
from tests.factories import a_field, a_source

HEADER = b"client_id,age,gender\n"
PETS = b"client_id,age,pets\nA1,30,cat\n"
DESCRIBED = {"target-2": "new", "label-2": "pets at home", "type-2": "text", "sensitivity-2": "open", "prompt-2": "y"}


def test_known_columns_need_no_work(app: Flask, client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, HEADER + b"A1,52.5,1\nA2,30,0\n")
    answer = begun(client, address)
    assert answer.status_code == 303 and "/clients/imports/" in answer.location
    load = carried_out(app)
    assert load.state is ImportState.FINISHED and load.added_count == 2
    people = {person.outside_id: person.data for person in db.session.scalars(db.select(Client))}
    assert people["A1"] == {"age": 52.5, "gender": "1"}
    assert db.session.scalar(db.select(ClientSourcePart)) is None


def test_the_invented_bank_loads_whole(app: Flask, client: FlaskClient, project: Project, root: Path) -> None:
    address = chosen(client, project, (root / "docs" / "clients.xlsx").read_bytes(), "clients.xlsx")
    assert "new" not in meanings(client, address).values()
    begun(client, address)
    load = carried_out(app)
    assert (load.row_count, load.added_count, load.rejected_count) == (1000, 1000, 0)


@pytest.mark.parametrize(
    ("name", "values", "meant"),
    [
        ("age", (30, 31), "field:age"),
        ("Age", (30, 31), "field:age"),
        ("client id", ("A1", "A2"), "client_id"),
        ("mail", ("a@b.example", "c@d.example"), "email"),
        ("mobile", ("+7 912 000-00-00", "+7 912 000-00-01"), "phone"),
        ("opt out", ("yes", "no"), "opt_out"),
        ("favourite colour", ("red", "blue"), "new"),
        ("nothing here", ("", ""), "none"),
    ],
)
def test_a_column_is_matched_by_its_name_and_values(
    client: FlaskClient,
    project: Project,
    name: str,
    values: tuple[object, object],
    meant: str,
) -> None:
    content = f"{name},town\n" + "".join(f"{value},Omsk\n" for value in values)
    assert meanings(client, chosen(client, project, content.encode()))[name] == meant


def test_a_column_is_matched_by_the_likeness_of_its_name(client: FlaskClient, project: Project) -> None:
    a_field(project, "fav_colour", label="favourite colour")
    address = chosen(client, project, b"client_id,Favorite colour\nA1,red\n")
    assert meanings(client, address)["Favorite colour"] == "field:fav_colour"


MANY = [f"A{n},{30 + n},1" for n in range(9)]


@pytest.mark.parametrize(
    ("header", "rows", "said"),
    [
        ("client_id,age,gender", ["A1,30,1", ",31,0"], "50% of the rows have no id: they will be rejected."),
        (
            "client_id,age,gender",
            [*MANY, *(f"B{n},3,1" for n in range(20)), "A1,3,1", "B1,3,1"],
            "2 rows have an id that came before",
        ),
        ("client_id,age,gender", [*MANY, "A9,old,1"], "10% of the values will be rejected with their rows."),
        ("client_id,age,gender", [*MANY, "A9,old,1"], "Row 11, “old”: not a number."),
        ("client_id,age,gender", ["A1,30,м", "A2,31,ж", "A3,31,1"], "Not among the codes of “gender”: м, ж."),
        ("client_id,mail", [*(f"A{n},a{n}@b.example" for n in range(9)), "A9,nobody"], "“nobody”: not an e-mail"),
        ("client_id,opt out", [*(f"A{n},no" for n in range(9)), "A9,maybe"], "such as “maybe” in row 11"),
        ("client_id,phone", [*(f"A{n},8912000000{n}" for n in range(9)), "A9,123"], "“123”: not a phone number"),
    ],
)
def test_what_will_be_rejected_is_said_before_the_load(
    client: FlaskClient, project: Project, header: str, rows: list[str], said: str
) -> None:
    a_field(project, "gender", label="gender", type=FieldType.CODE, codes={"0": "woman", "1": "man"})
    address = chosen(client, project, "\n".join([header, *rows]).encode())
    assert said in page(client, f"{address}/columns").replace("&#34;", '"')


def test_columns_without_a_doubt_raise_none(client: FlaskClient, project: Project) -> None:
    text = page(client, chosen(client, project, HEADER + b"A1,52.5,1\nA2,30,0\n") + "/columns")
    assert "alert-warning" not in text.partition("<form")[2].partition('id="duplicates"')[0]


def test_what_will_be_rejected_follows_the_choice(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, b"client_id,pets\nA1,cat\nA2,7\n")
    said = DESCRIBED | {"name-1": "pets", "target-1": "new", "label-1": "pets", "type-1": "integer"}
    answer = client.post(f"{address}/answers", data=said, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert 'hx-target="#doubts-1"' in answer and "Row 2, “cat”: not a whole number." in answer
    said["type-1"] = "text"
    answer = client.post(f"{address}/answers", data=said, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert 'hx-target="#doubts-1"' in answer and "not a whole number" not in answer


def test_a_source_that_is_forgotten_meanwhile(app: Flask, project: Project) -> None:
    source = a_source(project, b"client_id,age\nA1,30\n")
    plan = [ColumnPlan(0, "client_id", Target.CLIENT_ID), ColumnPlan(1, "age", "field:age")]
    db.session.refresh(source)
    with app.app_context(), own_transaction():
        db.session.execute(db.delete(ClientSource))
    with pytest.raises(SourceGone):
        start_import(source, plan, Duplicates.SKIP, project.members[0].user)


def test_a_field_that_is_taken_out_of_the_dictionary_meanwhile(project: Project) -> None:
    source = a_source(project, b"client_id,pets\nA1,cat\n")
    plan = [ColumnPlan(0, "client_id", Target.CLIENT_ID), ColumnPlan(1, "pets", "field:pets")]
    with pytest.raises(FieldGone):
        start_import(source, plan, Duplicates.SKIP, project.members[0].user)


def test_an_unknown_column_asks_what_it_means(app: Flask, client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, PETS)
    refused = begun(client, address)
    assert refused.status_code == 422 and "Say what the column means" in refused.get_data(as_text=True)
    assert db.session.scalar(db.select(ClientImport)) is None
    assert client.post(f"{address}/columns", data=DESCRIBED).status_code == 303
    carried_out(app)
    assert db.session.scalars(db.select(Client)).one().data == {"age": 30, "pets": "cat"}
    field = db.session.scalars(db.select(ClientField).filter_by(key="pets")).one()
    assert (field.label, field.is_in_prompt, field.sensitivity.value) == ("pets at home", True, "open")


def test_a_new_field_is_personal_and_stays_out_of_prompts_unless_said_otherwise(
    app: Flask,
    client: FlaskClient,
    project: Project,
) -> None:
    begun(client, chosen(client, project, PETS), target_2="new", label_2="pets")
    field = db.session.scalars(db.select(ClientField).filter_by(key="pets")).one()
    assert field.sensitivity.value == "personal" and not field.is_in_prompt


@pytest.mark.parametrize("duplicates", list(Duplicates))
def test_a_list_of_refusals_needs_no_field(
    app: Flask, client: FlaskClient, project: Project, duplicates: Duplicates
) -> None:
    address = chosen(client, project, b"client_id,opt out\nA1,yes\nA2,no\n")
    assert meanings(client, address) == {"client_id": "client_id", "opt out": "opt_out"}
    assert begun(client, address, duplicates=duplicates).status_code == 303
    assert carried_out(app).state is ImportState.FINISHED
    assert db.session.scalars(db.select(OptOut.identity)).all() == ["A1"]


def test_ids_alone_are_no_load(client: FlaskClient, project: Project) -> None:
    refused = begun(client, chosen(client, project, b"client_id,age\nA1,30\n"), target_1="none")
    assert refused.status_code == 422 and "No column is chosen" in refused.get_data(as_text=True)


def test_two_columns_do_not_fill_one_field(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, b"age,years\n30,31\n")
    refused = begun(client, address, target_0="field:age", target_1="field:age")
    assert refused.status_code == 422 and "fills this already" in refused.get_data(as_text=True)


def test_two_columns_are_not_both_the_id(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, b"one,two,age\n30,31,5\n")
    refused = begun(client, address, target_0="client_id", target_1="client_id", target_2="field:age")
    assert refused.status_code == 422 and "fills this already" in refused.get_data(as_text=True)


def test_a_secret_does_not_become_part_of_a_prompt(client: FlaskClient, project: Project) -> None:
    refused = client.post(f"{chosen(client, project, PETS)}/columns", data=DESCRIBED | {"sensitivity-2": "secret"})
    assert refused.status_code == 422 and "never goes into a prompt" in refused.get_data(as_text=True)


def test_what_was_said_is_kept_as_one_goes(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, PETS)
    said = DESCRIBED | {"target-1": "none", "duplicates": "update"}
    kept = client.post(f"{address}/answers", data=said, headers={"HX-Request": "true"})
    assert kept.status_code == 200 and "<html" not in kept.get_data(as_text=True)
    text = page(client, f"{address}/columns")
    assert meanings(client, address) == {"client_id": "client_id", "age": "none", "pets": "new"}
    assert 'value="pets at home"' in text and 'value="update" checked' in text


def test_going_back_keeps_what_was_said(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, PETS)
    back = client.post(f"{address}/answers", data=DESCRIBED)
    assert back.status_code == 303 and back.location == address
    assert 'value="pets at home"' in page(client, f"{address}/columns")


def test_what_was_said_in_vain_is_kept_too(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, PETS)
    client.post(f"{address}/columns", data=DESCRIBED | {"target-1": "client_id"})
    assert 'value="pets at home"' in page(client, f"{address}/columns")


def test_a_warning_when_no_column_is_the_id(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, b"age,gender\n30,1\n")
    assert "No column is the client’s id" in page(client, f"{address}/columns")
    refused = begun(client, address, duplicates="update")
    assert refused.status_code == 422 and "Say which column is the client’s id" in refused.get_data(as_text=True)
    assert begun(client, address, duplicates="skip").status_code == 303


def test_duplicates_are_updated_where_asked(app: Flask, client: FlaskClient, project: Project) -> None:
    begun(client, chosen(client, project, HEADER + b"A1,30,1\n"))
    carried_out(app)
    begun(client, chosen(client, project, HEADER + b"A1,31,1\n"), duplicates="update")
    assert carried_out(app).updated_count == 1
    assert db.session.scalars(db.select(Client)).one().data["age"] == 31


def test_what_an_empty_cell_does_is_said_before_it_is_done(app: Flask, client: FlaskClient, project: Project) -> None:
    begun(client, chosen(client, project, b"client_id,age,gender,email\nA1,30,1,a@bank.ru\n"))
    carried_out(app)
    address = chosen(client, project, b"client_id,age,gender,email\nA1,,0,\n")
    assert "An empty cell clears" in page(client, f"{address}/columns")
    begun(client, address, duplicates="update")
    carried_out(app)
    person = db.session.scalars(db.select(Client)).one()
    assert (person.data, person.email) == ({"gender": "0"}, None)


def test_the_plan_of_an_earlier_load_is_taken_over(app: Flask, client: FlaskClient, project: Project) -> None:
    client.post(f"{chosen(client, project, PETS)}/columns", data=DESCRIBED | {"target-1": "none"})
    carried_out(app)
    address = chosen(client, project, b"age,pets,client_id\n31,dog,A2\n")
    assert "were loaded before" in page(client, f"{address}/columns")
    assert meanings(client, address) == {"client_id": "client_id", "age": "none", "pets": "field:pets"}


def test_another_file_keeps_what_was_said_and_says_what_differs(client: FlaskClient, project: Project) -> None:
    first = chosen(client, project, PETS)
    client.post(f"{first}/answers", data=DESCRIBED | {"target-1": "none"})
    number = first.rsplit("/", 1)[1]
    address = chosen(client, project, b"gender,pets,client_id\n1,dog,A2\n", instead_of=number)
    text = page(client, f"{address}/columns")
    assert "Gone: age." in text and "New: gender." in text and 'value="pets at home"' in text
    assert meanings(client, address) == {"gender": "field:gender", "pets": "new", "client_id": "client_id"}
    assert only_source().name == "clients.csv"


def test_a_source_reread_while_the_page_was_open_is_looked_at_again(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, b"client_id;age\nA1;30\n")
    said = {"name-0": "client_id", "target-0": "client_id", "name-1": "age", "target-1": "field:age"}
    client.post(f"{address}/reading", data={"delimiter": ",", "quote": '"'})
    refused = client.post(f"{address}/columns", data=said)
    assert refused.status_code == 422 and "changed while this page was open" in refused.get_data(as_text=True)
    assert db.session.scalar(db.select(ClientImport)) is None


def test_columns_are_known_by_their_names_not_their_places(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, b"one,two\nA1,30\n")
    said = {"name-1": "one", "target-1": "client_id", "name-0": "two", "target-0": "field:age"}
    client.post(f"{address}/answers", data=said)
    assert meanings(client, address) == {"one": "client_id", "two": "field:age"}


def test_a_file_that_changed_since_its_preview_is_not_loaded(
    app: Flask,
    client: FlaskClient,
    project: Project,
) -> None:
    answer = begun(client, chosen(client, project, HEADER + b"A1,30,1\n"))
    db.session.execute(db.update(ClientSourcePart).values(content=HEADER + b"A1,99,1\n"))
    db.session.commit()
    assert carried_out(app).state is ImportState.FAILED
    assert db.session.scalar(db.select(Client)) is None
    assert "not what was previewed" in page(client, answer.location)


def test_a_source_is_loaded_once(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, HEADER + b"A1,30,1\n")
    answer = begun(client, address)
    assert begun(client, address).status_code == 409
    assert client.get(address).location == answer.location
    assert client.post(f"{address}/forget").status_code == 409
    assert db.session.get(ClientSource, only_source().id)


def test_a_loaded_source_is_not_unfinished(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, HEADER + b"A1,30,1\n", "once.csv")
    begun(client, address)
    assert "once.csv" not in page(client, f"/projects/{project.id}/clients/load")


def test_a_project_in_the_archive_takes_nothing(client: FlaskClient, project: Project) -> None:
    project.is_archived = True
    db.session.commit()
    assert send(client, project, HEADER + b"A1,30,1\n").status_code == 409
    assert db.session.scalar(db.select(ClientSource)) is None


def test_the_profile_is_kept_with_the_source(client: FlaskClient, project: Project) -> None:
    chosen(client, project, HEADER + b"A1,30,1\n")
    seen = profile_of(only_source())
    assert seen and [column.name for column in seen.columns] == ["client_id", "age", "gender"]
