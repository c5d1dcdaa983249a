"""Rejected rows: looked at, downloaded, mended and loaded again."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.http import parse_options_header

from marketing_app.client_imports import services
from marketing_app.client_imports.columns import FIELD_PREFIX, ColumnPlan, Target
from marketing_app.database import db
from marketing_app.models import Client, ClientImport, ClientRejection, Project
from tests.client_imports.wizard import carried_out, chosen, page
from tests.factories import saved
from tests.imports.tables import book

BUTTON = "Download them to mend"
UNQUOTED = {"delimiter": ";", "encoding": "windows-1251", "quote": ""}
FORM = {"kind": "file", "settings": {"encoding": "utf-8", "delimiter": ",", "quote": '"'}}
NOTES = {"target-2": "new", "label-2": "Notes", "type-2": "text", "sensitivity-2": "open"}


def test_rows_that_were_loaded_at_once_can_be_mended_too(client: FlaskClient, project: Project) -> None:
    plan = [ColumnPlan(0, "client_id", Target.CLIENT_ID), ColumnPlan(1, "age", f"{FIELD_PREFIX}age")]
    rows = [(2, ["A1", "30"]), (3, ["A2", "old, very"])]
    load = services.load_rows(project, "first clients", rows, plan, project.members[0].user)
    db.session.commit()
    assert BUTTON in page(client, address_of(load))
    file = client.get(f"{address_of(load)}/rejected")
    assert file.get_data() == 'client_id,age\r\nA2,"old, very"\r\n'.encode("utf-8-sig")
    assert file.headers["Content-Disposition"].endswith('"first clients-rejected.csv"')


def test_rejected_rows_are_kept_by_nobody_on_their_way(app: Flask, client: FlaskClient, project: Project) -> None:
    load = loaded(app, client, project, b"client_id;age\nA1;old\nA2;30\n")
    file = client.get(f"{address_of(load)}/rejected")
    assert file.cache_control.private and file.cache_control.no_store
    assert not file.cache_control.public and file.cache_control.max_age is None and file.expires is None


@pytest.mark.parametrize(
    ("uploaded", "name"),
    [
        ("clients.csv", "clients-rejected.csv"),
        ("clients.txt", "clients-rejected.csv"),
        ("clients", "clients-rejected.csv"),
        ("клиенты за май.csv", "клиенты за май-rejected.csv"),
        ("clients.html", "clients-rejected.csv"),
        ("clients.csv.exe", "clients.csv-rejected.csv"),
        ("../../etc/passwd", "passwd-rejected.csv"),
        ("C:\\fakepath\\clients.csv", "clients-rejected.csv"),
        ("..", "clients-rejected.csv"),
        ('a"; filename="b.exe', "a filename b-rejected.csv"),
        ("a\r\nSet-Cookie: session=x\r\n\r\n<script>.csv", "a Set-Cookie session x script-rejected.csv"),
        ("a\u2028b\u0085c\x1bd.csv", "a b c d-rejected.csv"),
        ("clients\u202evsc.exe", "clients vsc-rejected.csv"),
        ("\u2066\u200f.csv", "clients-rejected.csv"),
        ("-rf.csv", "rf-rejected.csv"),
        ("ы" * 240 + ".csv", "ы" * 80 + "-rejected.csv"),
    ],
)
def test_the_file_has_a_name_of_ours_whatever_was_uploaded(
    client: FlaskClient, project: Project, uploaded: str, name: str
) -> None:
    load = saved(ClientImport(project_id=project.id, source=uploaded, form=FORM, plan=[{"name": "age"}]))
    file = client.get(f"{address_of(load)}/rejected")
    assert file.status_code == 200 and file.headers["Content-Type"] == "text/csv; charset=utf-8"
    kind, said = parse_options_header(file.headers["Content-Disposition"])
    assert (kind, said["filename"]) == ("attachment", name)


@pytest.mark.parametrize("name", ["a;b.html", "a\u202eb.exe", "..\\..\\a b.php"])
def test_a_workbook_comes_back_as_a_workbook_under_any_name(
    app: Flask, client: FlaskClient, project: Project, tmp_path: Path, name: str
) -> None:
    content = book(tmp_path / "clients", ["client_id", "age"], ["A1", "old"], ["A2", 30]).read_bytes()
    address = chosen(client, project, content, name)
    assert client.post(f"{address}/columns").status_code == 303
    file = client.get(f"{address_of(carried_out(app))}/rejected")
    _kind, said = parse_options_header(file.headers["Content-Disposition"])
    assert said["filename"] == "a b-rejected.xlsx" and file.data.startswith(b"PK")


def test_rows_whose_cells_were_not_kept_are_not_offered_to_mend(client: FlaskClient, project: Project) -> None:
    load = saved(ClientImport(project_id=project.id, source="old.xlsx", rejected_count=1))
    rejection = saved(ClientRejection(import_id=load.id, row_number=5, reason="empty", cells=[]))
    text = page(client, address_of(load))
    assert BUTTON not in text and "Their cells were not kept" in text and "has no data" in text
    assert client.get(f"{address_of(load)}/rejected").status_code == 200
    rejection.cells = ["A1", ""]
    db.session.commit()
    assert BUTTON in page(client, address_of(load))


def test_a_file_without_quotation_marks_comes_back_as_it_was(app: Flask, client: FlaskClient, project: Project) -> None:
    line = 'A1;old;C:\\банк\\new "x\'s", a\\\\b'
    load = loaded(app, client, project, f"client_id;age;notes\n{line}\nA2;30;none\n".encode("cp1251"), **NOTES)
    file = client.get(f"{address_of(load)}/rejected").get_data()
    assert file.decode("cp1251").splitlines() == ["client_id;age;notes", line]
    loaded(app, client, project, file.replace(b";old;", b";31;"))
    mended = db.session.scalars(db.select(Client).filter_by(outside_id="A1")).one()
    assert mended.data == {"age": 31, "notes": line.split(";")[2]}


def loaded(app: Flask, client: FlaskClient, project: Project, content: bytes, **said: str) -> ClientImport:
    address = chosen(client, project, content)
    assert client.post(f"{address}/reading", data=UNQUOTED).status_code == 303
    assert client.post(f"{address}/columns", data=said).status_code == 303
    return carried_out(app)


def address_of(load: ClientImport) -> str:
    return f"/projects/{load.project_id}/clients/imports/{load.id}"
