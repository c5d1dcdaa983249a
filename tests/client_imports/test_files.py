"""Choosing a file and looking at it, before anything is loaded."""

import io
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.client_imports import sources
from marketing_app.client_imports.sources import remove_abandoned_sources
from marketing_app.database import db
from marketing_app.models import Client, ClientImport, ClientSource, ClientSourcePart, ImportState, Project
from tests.client_imports.wizard import begun, carried_out, chosen, only_source, page, send
from tests.factories import a_project

CSV = "client_id;age;gender\nA1;30;1\nA2;31;0\n"


def workbook(*sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_table_is_previewed(client: FlaskClient, project: Project) -> None:
    text = page(client, chosen(client, project, CSV.encode()))
    assert "2 rows" in text and "3 columns" in text and "<td>31</td>" in text and "The client’s id" in text
    assert db.session.scalar(db.select(Client)) is None


def test_the_share_of_empty_values_and_examples_are_shown(client: FlaskClient, project: Project) -> None:
    text = page(client, chosen(client, project, b"age,town\n30,Omsk\n31,\n32,NULL\n33,Perm\n"))
    assert "50 %" in text and "Omsk · Perm" in text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1251"])
def test_the_encoding_is_found_out(client: FlaskClient, project: Project, encoding: str) -> None:
    text = page(client, chosen(client, project, "город;возраст\nОмск;30\n".encode(encoding)))
    assert "<td>Омск</td>" in text


def test_a_large_file_is_kept_in_parts_of_a_mebibyte(client: FlaskClient, project: Project) -> None:
    content = b"age,note\n" + b"30,%s\n" % (b"x" * 1000) * 2500
    chosen(client, project, content)
    sizes = [len(part) for part in db.session.scalars(db.select(ClientSourcePart.content).order_by("number"))]
    assert sizes == [2**20, 2**20, len(content) - 2 * 2**20]
    assert only_source().byte_count == len(content)


def test_only_the_first_rows_are_shown_and_the_rest_is_counted(client: FlaskClient, project: Project) -> None:
    text = page(client, chosen(client, project, b"number\n" + b"".join(b"n%d\n" % n for n in range(200))))
    assert "200 rows" in text and "<td>n49</td>" in text and "<td>n50</td>" not in text


def test_one_column_asks_for_the_separator(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, CSV.encode())
    answer = client.post(f"{address}/reading", data={"delimiter": ",", "encoding": "utf-8", "quote": '"'})
    text = page(client, answer.location)
    assert "only one column, and “semicolon” parts its cells" in text
    client.post(f"{address}/reading", data={"delimiter": ";", "encoding": "utf-8", "quote": '"'})
    assert "3 columns" in page(client, address)


def test_a_separator_that_nobody_foresaw_is_written(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, b"client_id_x_age\nA1_x_30\n".replace(b"_x_", b"\xc2\xa6"))
    client.post(f"{address}/reading", data={"delimiter": "other", "other": "¦", "encoding": "utf-8", "quote": '"'})
    assert "2 columns" in page(client, address)
    refused = client.post(f"{address}/reading", data={"delimiter": "other", "other": "", "quote": '"'})
    assert refused.status_code == 422 and "Write the separator." in refused.get_data(as_text=True)


def test_another_sheet_is_read(client: FlaskClient, project: Project) -> None:
    content = workbook([["age"], [30]], [["town"], ["Omsk"], ["Perm"]])
    address = chosen(client, project, content, "clients.xlsx")
    assert "<td>30</td>" in page(client, address)
    client.post(f"{address}/reading", data={"sheet": "Sheet 2"})
    assert "<td>Perm</td>" in page(client, address)


def test_a_wrong_way_of_reading_changes_nothing(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, "город\nОмск\nПермь\n".encode("windows-1251"))
    refused = client.post(f"{address}/reading", data={"encoding": "utf-8", "delimiter": ",", "quote": '"'})
    assert refused.status_code == 422 and "not UTF-8. Choose another encoding" in refused.get_data(as_text=True)
    assert only_source().settings["encoding"] == "windows-1251"


def test_mixed_types_are_pointed_out(client: FlaskClient, project: Project) -> None:
    rows = b"".join(b"%d,x\n" % n for n in range(20)) + b"many,x\n"
    text = page(client, chosen(client, project, b"children,x\n" + rows))
    assert "such as “many” in row 22" in text


def test_dates_as_numbers_are_pointed_out(client: FlaskClient, project: Project) -> None:
    text = page(client, chosen(client, project, b"birth_date,x\n29221,a\n30317,b\n"))
    assert "dates that a spreadsheet wrote as numbers, such as 29221" in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b"\x00\x01\x02" * 100, "neither a spreadsheet nor a text table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "password"),
        (b"age,gender\n", "no clients under it"),
        (b"age,age\n1,2\n", "more than once: age"),
        (b"age,,town\n1,2,3\n", "no name in the header: 2"),
        (b",".join(b"c%d" % n for n in range(600)) + b"\n" + b",".join([b"1"] * 600), "There are 600 columns"),
        (b'age,note\n1,"never closed\n' + b"x\n" * 10, "line 2 is never closed"),
        (b'age,note\n1,"' + b"x" * (2 * 2**20), "row that begins in line 2 does not end"),
        (b"PK\x03\x04" + b"\0" * 100, "neither a spreadsheet"),
    ],
    ids=["empty", "binary", "encrypted", "header", "twice", "unnamed", "wide", "quote", "endless line", "no zip"],
)
def test_a_bad_file_is_refused_with_the_reason(
    client: FlaskClient, project: Project, content: bytes, said: str
) -> None:
    answer = send(client, project, content)
    assert answer.status_code == 422 and said in answer.get_data(as_text=True)
    assert db.session.scalar(db.select(ClientSource)) is None


def test_a_file_of_200_megabytes_is_refused(client: FlaskClient, project: Project) -> None:
    answer = send(client, project, bytes(200 * 2**20))
    assert answer.status_code == 413 and "Send a smaller file" in answer.get_data(as_text=True)


def test_a_source_is_left_and_taken_up_again(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, CSV.encode(), "autumn.csv")
    text = page(client, f"/projects/{project.id}/clients/load")
    assert "autumn.csv" in text and address in text


def test_a_forgotten_source_leaves_nothing(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, CSV.encode())
    client.post(f"{address}/forget")
    assert db.session.scalar(db.select(ClientSource)) is None and db.session.scalar(db.select(ClientSourcePart)) is None


def test_an_abandoned_source_is_removed_after_a_week(app: Flask, client: FlaskClient, project: Project) -> None:
    chosen(client, project, CSV.encode())
    remove_abandoned_sources()
    leave_for_a_week()
    remove_abandoned_sources()
    assert db.session.scalar(db.select(ClientSource)) is None


def test_a_load_that_was_interrupted_goes_on_however_old_its_source_is(
    app: Flask, client: FlaskClient, project: Project
) -> None:
    report = begun(client, chosen(client, project, CSV.encode())).location
    db.session.execute(db.text("DELETE FROM procrastinate_jobs"))
    db.session.execute(db.update(ClientImport).values(state=ImportState.INTERRUPTED))
    leave_for_a_week()
    remove_abandoned_sources()
    db.session.commit()
    client.post(f"{report}/continue")
    assert carried_out(app).state is ImportState.FINISHED


@pytest.mark.parametrize("state", [ImportState.WAITING, ImportState.READING, ImportState.PLACING])
def test_a_load_that_is_open_keeps_its_source_however_old(
    client: FlaskClient, project: Project, state: ImportState
) -> None:
    begun(client, chosen(client, project, CSV.encode()))
    db.session.execute(db.update(ClientImport).values(state=state))
    leave_for_a_week()
    remove_abandoned_sources()
    assert only_source()


def test_the_source_of_a_load_that_was_given_up_is_removed_after_a_week(client: FlaskClient, project: Project) -> None:
    client.post(f"{begun(client, chosen(client, project, CSV.encode())).location}/cancel")
    leave_for_a_week()
    remove_abandoned_sources()
    assert db.session.scalar(db.select(ClientSource)) is None


def leave_for_a_week() -> None:
    only_source().touched_at = db.session.scalar(db.text("SELECT now() - interval '8 days'"))
    db.session.commit()


def test_a_load_that_failed_goes_back_to_its_source_which_is_read_in_another_way(
    app: Flask, client: FlaskClient, project: Project
) -> None:
    rows = b"".join(b"A%d,30\n" % number for number in range(11_000))
    address = chosen(client, project, b"client_id,age\n" + rows + b'"B1,30\n', "late.csv")
    report = begun(client, address).location
    assert carried_out(app).state is ImportState.FAILED
    text = page(client, report)
    assert "in line 11,002 is never closed" in text and f'href="{address}"' in text and "Back to the source" in text
    assert "late.csv" in page(client, f"/projects/{project.id}/clients/load")
    again = client.post(f"{address}/reading", data={"delimiter": ",", "encoding": "utf-8", "quote": ""})
    assert again.location == address and "late.csv" in page(client, address)
    assert begun(client, address).status_code == 303
    assert (carried_out(app).state, only_id_with_a_mark()) == (ImportState.FINISHED, '"B1')


def only_id_with_a_mark() -> str | None:
    return db.session.scalars(db.select(Client.outside_id).where(Client.outside_id.contains('"'))).one()


def test_a_file_is_not_read_in_another_way_under_a_load_that_began_meanwhile(
    client: FlaskClient, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = chosen(client, project, CSV.encode())
    look = sources.profile

    def look_slowly(table: Any) -> Any:
        assert begun(client, address).status_code == 303
        return look(table)

    monkeypatch.setattr(sources, "profile", look_slowly)
    answer = client.post(f"{address}/reading", data={"delimiter": ",", "encoding": "utf-8", "quote": '"'})
    assert answer.status_code == 409 and "being loaded already" in answer.get_data(as_text=True)
    assert only_source().settings["delimiter"] == ";" and only_source().row_count == 2


def test_a_source_of_another_project_is_not_found(client: FlaskClient, project: Project) -> None:
    number = chosen(client, project, CSV.encode()).rsplit("/", 1)[1]
    mine = a_project(performer=project.members[-1].user)
    assert client.get(f"/projects/{mine.id}/clients/sources/{number}").status_code == 404
    assert send(client, mine, CSV.encode(), instead_of=number).status_code == 404
