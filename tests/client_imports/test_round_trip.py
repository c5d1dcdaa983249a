"""What goes in by a file comes out the same in the database, whatever it is."""

import csv
import io
from collections.abc import Sequence

import openpyxl
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketing_app.database import db
from marketing_app.dictionary.services import fields_of
from marketing_app.imports.values import NOTHING
from marketing_app.models import Client, ClientImport, FieldType, Project
from tests.client_imports.wizard import begun, carried_out, chosen
from tests.factories import a_field

# Tables of the test's own making share one project: each takes back what the one before it loaded.
UNHURRIED = settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

# An apostrophe before a tab is a spreadsheet's sign of a text (imports.formulas): it is taken away.
words = st.text("абвЁёxyz012 ,;|'\"\t\n№«»—ß漢🙂\\\\", min_size=1, max_size=15).filter(
    lambda word: (
        word == word.strip()
        and word.casefold() not in NOTHING
        and any(map(str.isalpha, word))
        and not word.startswith("'\t")
    )
)
counts = st.integers(-(10**12), 10**12)
people = st.lists(st.tuples(words | st.none(), counts | st.none()), min_size=1, max_size=12).filter(
    lambda rows: any(row != (None, None) for row in rows)
)


def as_csv(rows: Sequence[Sequence[object]], delimiter: str, encoding: str) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode(encoding)


def as_workbook(rows: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def describe_fields(project: Project) -> None:
    if not fields_of(project):
        a_field(project, "note", type=FieldType.TEXT)
        a_field(project, "visits", type=FieldType.INTEGER)


def table(rows: Sequence[tuple[str | None, int | None]]) -> list[list[object]]:
    return [["client_id", "note", "visits"], *([f"P{n}", *row] for n, row in enumerate(rows))]


def loaded(app: Flask, client: FlaskClient, project: Project, content: bytes, name: str) -> dict[str | None, object]:
    db.session.execute(db.delete(ClientImport))
    db.session.commit()
    address = chosen(client, project, content, name)
    answer = begun(client, address, target_0="client_id", target_1="field:note", target_2="field:visits")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    carried_out(app)
    return {person.outside_id: person.data for person in db.session.scalars(db.select(Client))}


def expected(rows: Sequence[tuple[str | None, int | None]]) -> dict[str | None, object]:
    """A client of whom nothing is known but the id is not loaded."""
    data = [
        {key: value for key, value in zip(("note", "visits"), row, strict=True) if value is not None} for row in rows
    ]
    return {f"P{n}": each for n, each in enumerate(data) if each}


@UNHURRIED
@given(rows=people, delimiter=st.sampled_from(",;\t|"), encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_text_tables(
    app: Flask,
    client: FlaskClient,
    project: Project,
    rows: list[tuple[str | None, int | None]],
    delimiter: str,
    encoding: str,
) -> None:
    describe_fields(project)
    content = as_csv(table(rows), delimiter, encoding)
    assert loaded(app, client, project, content, "clients.csv") == expected(rows)


@UNHURRIED
@given(rows=people)
def test_spreadsheets(
    app: Flask, client: FlaskClient, project: Project, rows: list[tuple[str | None, int | None]]
) -> None:
    describe_fields(project)
    assert loaded(app, client, project, as_workbook(table(rows)), "clients.xlsx") == expected(rows)
