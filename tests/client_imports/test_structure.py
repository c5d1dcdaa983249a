"""What a file holds around its table: titles, hidden rows, other sheets, totals. Nothing of it goes in unseen."""

import html
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import text

from marketing_app.database import db
from marketing_app.imports.files import OLE_MAGIC
from marketing_app.imports.ids import compared
from marketing_app.models import Client, ClientImport, ClientRejection, ClientSource, ImportState, Project
from tests.client_imports.test_databases import fetched, warehouse
from tests.client_imports.wizard import begun, carried_out, chosen, only_source, page, send
from tests.imports.tables import ods, ods_row, rewritten

__all__ = ["warehouse"]
HEADER = ["client_id", "город", "age"]
CLIENTS = [["A1", "Омск", 30], ["A2", "Пермь", 31], ["A3", "Тула", 32]]


def workbook(rows: Sequence[Sequence[object]], change: Callable[[Worksheet], None] = lambda sheet: None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    change(sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def text_table(*lines: str) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode("windows-1251")


def preview(client: FlaskClient, address: str) -> str:
    return html.unescape(page(client, address))


def loaded(app: Flask, client: FlaskClient, address: str) -> tuple[ClientImport, set[str | None]]:
    """The load with the columns as they were guessed, and the ids of the clients."""
    assert begun(client, address).status_code == 303
    load = carried_out(app)
    assert load.state is ImportState.FINISHED, load.failure
    return load, set(db.session.scalars(db.select(Client.outside_id)))


def reread(client: FlaskClient, address: str, **said: str) -> None:
    """As the page is sent, with something changed in it."""
    inputs = dict(re.findall(r'<input[^>]*?name="(header_row|other)"[^>]*?value="([^"]*)"', page(client, address)))
    kept = {key: value for key, value in only_source().settings.items() if value and key in ("sheet", "delimiter")}
    answer = client.post(f"{address}/reading", data={"quote": '"', **inputs, **kept, **said})
    assert answer.status_code == 303, answer.get_data(as_text=True)


# The header


@pytest.mark.parametrize(
    "lines",
    [
        ["Выгрузка клиентов на 01.11.2026;;", "client_id;город;age", "A1;Омск;30", "A2;Пермь;31"],
        ["Выгрузка клиентов на 01.11.2026", "client_id;город;age", "A1;Омск;30", "A2;Пермь;31"],
        ["Банк", "", "Отдел: розница", "client_id\tгород\tage", "A1\tОмск\t30", "A2\tПермь\t31"],
        ["Клиенты, выгрузка от 01.11.2026", "client_id;город;age", "A1;Омск;30,5", "A2;Пермь;31,5"],
        ["Клиент;;;;Прочее", "client_id;город;age;почта;прим.", "A1;Омск;30;a@b.ru;", "A2;Пермь;31;c@d.ru;x"],
    ],
    ids=["padded", "alone", "several", "commas", "groups"],
)
def test_a_title_above_the_header_is_told_and_is_no_client(
    app: Flask, client: FlaskClient, project: Project, lines: list[str]
) -> None:
    address = chosen(client, project, text_table(*lines))
    said = preview(client, address)
    header = next(number for number, line in enumerate(lines, 1) if line.startswith("client_id"))
    assert f"The header is row {header}." in said and f"“{lines[0].replace(';', ' ').split('  ')[0].strip()}" in said
    assert loaded(app, client, address)[1] == {"A1", "A2"}


def test_a_title_of_a_workbook_is_told_and_is_no_client(app: Flask, client: FlaskClient, project: Project) -> None:
    rows = [["Клиенты отделения", None, None], ["на 1 ноября"], [], HEADER, *CLIENTS]
    address = chosen(client, project, workbook(rows), "clients.xlsx")
    said = preview(client, address)
    assert "The header is row 4. 2 rows above it are not loaded: “Клиенты отделения”, “на 1 ноября”." in said
    assert loaded(app, client, address)[1] == {"A1", "A2", "A3"}


def test_a_sheet_with_a_title_is_a_table(client: FlaskClient, project: Project) -> None:
    def add_another(sheet: Worksheet) -> None:
        other = sheet.parent.create_sheet("Прочее")
        for row in (["code", "name"], [1, "x"]):
            other.append(row)

    content = workbook([["Клиенты отделения"], HEADER, *CLIENTS], add_another)
    assert "3 rows" in preview(client, chosen(client, project, content, "clients.xlsx"))


def test_a_header_in_the_first_row_stays_it(client: FlaskClient, project: Project) -> None:
    """Also where rows are wider than it, or only a few of its cells have a name."""
    said = preview(client, chosen(client, project, b"a;b\n1;2\n3;4;5;6\n"))
    assert "The header is row" not in said and "2 columns" in said


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_row_of_the_header_is_chosen(app: Flask, client: FlaskClient, project: Project, kind: str) -> None:
    rows = [["Отчёт", "по клиентам", "за ноябрь"], HEADER, *CLIENTS]
    content = workbook(rows) if kind == "xlsx" else text_table(*(";".join(map(str, row)) for row in rows))
    address = chosen(client, project, content, f"clients.{kind}")
    assert "4 rows" in preview(client, address)
    reread(client, address, header_row="2")
    said = preview(client, address)
    assert "3 rows" in said and "1 row above it is not loaded: “Отчёт по клиентам за ноябрь”" in said
    assert 'name="header_row"' in said and 'value="2"' in said
    assert loaded(app, client, address)[1] == {"A1", "A2", "A3"}


def test_rows_above_a_header_that_was_chosen_are_counted(client: FlaskClient, project: Project) -> None:
    lines = ["client_id;age", *(f"A{number};{number}" for number in range(2, 60))]
    address = chosen(client, project, text_table(*lines))
    reread(client, address, header_row="50")
    said = preview(client, address)
    assert "49 rows above it are not loaded: “client_id age”, “A2 2”, “A3 3”, …" in said and "9 rows" in said


def test_the_row_of_the_header_is_found_anew_in_another_sheet(client: FlaskClient, project: Project) -> None:
    def add_another(sheet: Worksheet) -> None:
        other = sheet.parent.create_sheet("Второй")
        for row in (["id", "name"], [1, "x"]):
            other.append(row)

    content = workbook([["Клиенты отделения"], [], HEADER, *CLIENTS], add_another)
    address = chosen(client, project, content, "clients.xlsx")
    reread(client, address, sheet="Второй")
    assert "2 columns" in preview(client, address) and "1 row" in preview(client, address)


def test_a_file_whose_header_is_not_found_is_sent_with_its_row(client: FlaskClient, project: Project) -> None:
    content = text_table("Отчёт;01.11.2026;;срочно", "id;город;age;сумма", "A1;Омск;30;5")
    refused = send(client, project, content)
    said = refused.get_data(as_text=True)
    assert refused.status_code == 422 and "say which row is the header" in said and 'name="header_row"' in said
    assert "4 columns" in preview(client, chosen(client, project, content, header_row="2"))


@pytest.mark.parametrize("row", ["0", "-1", "x"])
def test_a_row_that_no_file_has_is_refused(client: FlaskClient, project: Project, row: str) -> None:
    assert send(client, project, text_table("a;b", "1;2"), header_row=row).status_code == 422
    address = chosen(client, project, text_table("a;b", "1;2"))
    assert client.post(f"{address}/reading", data={"header_row": row}).status_code == 422


def test_a_row_below_the_table_has_no_header(client: FlaskClient, project: Project) -> None:
    for name, content in (("a.csv", text_table("a;b", "1;2")), ("a.xlsx", workbook([["a", "b"], [1, 2]]))):
        refused = send(client, project, content, name, header_row="9")
        assert refused.status_code == 422 and "The file is empty" in refused.get_data(as_text=True)


def test_rejected_rows_keep_the_numbers_of_the_file(app: Flask, client: FlaskClient, project: Project) -> None:
    lines = ["Выгрузка", "client_id;age", "A1;30", ";31"]
    loaded(app, client, chosen(client, project, text_table(*lines)))
    assert db.session.scalars(db.select(ClientRejection.row_number)).all() == [4]


# Hidden rows


def hidden_in_excel() -> bytes:
    def hide(sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[9].hidden = True  # nothing is there

    return workbook([HEADER, *CLIENTS], hide)


def hidden_without_numbers(tmp_path: Path) -> bytes:
    path = tmp_path / "rows.xlsx"
    path.write_bytes(hidden_in_excel())
    return rewritten(path, lambda xml: re.sub(rb' r="\w+"', b"", xml)).read_bytes()


def hidden_in_open_document(tmp_path: Path) -> bytes:
    first, second, third = ([*map(str, row)] for row in CLIENTS)
    filtered = ods_row(*second).replace("<table:table-row ", '<table:table-row table:visibility="filter" ')
    unused = ods_row("", rows=1_048_000).replace("<table:table-row ", '<table:table-row table:visibility="collapse" ')
    return ods(
        tmp_path / "rows.ods", ods_row(*HEADER) + ods_row(*first) + filtered + ods_row(*third) + unused
    ).read_bytes()


@pytest.mark.parametrize("make", [lambda _: hidden_in_excel(), hidden_without_numbers, hidden_in_open_document])
def test_hidden_rows_are_counted_and_left_out_on_demand(
    app: Flask, client: FlaskClient, project: Project, tmp_path: Path, make: Callable[[Path], bytes]
) -> None:
    address = chosen(client, project, make(tmp_path), "clients.xlsx")
    said = preview(client, address)
    assert "1 row is hidden in the spreadsheet" in said and "row 3" in said and "3 rows" in said
    reread(client, address, without_hidden="y")
    said = preview(client, address)
    assert "1 hidden row is left out" in said and "2 rows" in said and "<td>A2</td>" not in said
    load, ids = loaded(app, client, address)
    assert (ids, load.row_count) == ({"A1", "A3"}, 2)


def test_hidden_rows_are_loaded_where_nobody_left_them_out(app: Flask, client: FlaskClient, project: Project) -> None:
    assert loaded(app, client, chosen(client, project, hidden_in_excel(), "clients.xlsx"))[1] == {"A1", "A2", "A3"}


def test_a_workbook_without_hidden_rows_offers_nothing_of_them(client: FlaskClient, project: Project) -> None:
    def hide_a_column(sheet: Worksheet) -> None:
        sheet.column_dimensions["B"].hidden = True

    said = preview(client, chosen(client, project, workbook([HEADER, *CLIENTS], hide_a_column), "clients.xlsx"))
    assert "hidden in the spreadsheet" not in said and 'name="without_hidden"' not in said


# Sheets


def test_sheets_that_are_not_read_are_named(app: Flask, client: FlaskClient, project: Project) -> None:
    def add_others(sheet: Worksheet) -> None:
        sheet.title = "Январь"
        for name, state in (("Февраль", "visible"), ("Старые", "hidden")):
            other = sheet.parent.create_sheet(name)
            other.sheet_state = state
            for row in (HEADER, [f"{name}-1", "Уфа", 40]):
                other.append(row)

    address = chosen(client, project, workbook([HEADER, *CLIENTS], add_others), "clients.xlsx")
    assert "Only the sheet “Январь” is read. The workbook has others: “Февраль”, “Старые” (hidden)." in preview(
        client, address
    )
    reread(client, address, sheet="Февраль")
    assert "Only the sheet “Февраль” is read. The workbook has others: “Январь”" in preview(client, address)
    assert loaded(app, client, address)[1] == {compared("Февраль-1")}


# Totals


def test_a_row_of_totals_is_doubted_and_is_no_client(app: Flask, client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, text_table("id;имя;age", "A1;Всеволод;30", "A2;Тоталова;31", "Итого;;61"))
    assert "Row 4 seems to hold totals, not a client: “Итого · 61”. Such rows are rejected." in preview(client, address)
    load, ids = loaded(app, client, address)
    assert (ids, load.rejected_count) == ({"A1", "A2"}, 1)
    assert "The row holds totals, not a client." in preview(client, f"/projects/{project.id}/clients/imports/{load.id}")


@pytest.mark.parametrize("words", ["Всего", "ИТОГО:", "Итого по Твери", "Всего клиентов: 2", "Grand total", " total "])
def test_totals_are_known_by_many_words_also_where_nothing_is_the_id(
    app: Flask, client: FlaskClient, project: Project, words: str
) -> None:
    rows = [["город", "age", "сумма"], ["Омск", 30, 5], [words, None, 5], ["Всеволожск", 31, 5], [None, words, 10]]
    address = chosen(client, project, workbook(rows), "clients.xlsx")
    assert "Row 3 seems to hold totals" in preview(client, address)
    load, _ids = loaded(app, client, address)
    assert (load.added_count, load.rejected_count) == (2, 2)


def test_a_last_row_without_an_id_is_doubted(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, text_table("id;имя;age", "A1;Анна;30", "A2;Пётр;31", ";Составил: Сидоров;"))
    assert "The last row has nothing in “id”: “Составил: Сидоров”." in preview(client, address)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_end_of_a_long_file_is_looked_at_as_well(client: FlaskClient, project: Project, kind: str) -> None:
    rows = [["id", "age"], *([f"A{number}", 30] for number in range(10_500)), ["Итого", 500]]
    content = workbook(rows) if kind == "xlsx" else text_table(*(f"{first};{second}" for first, second in rows))
    said = preview(client, chosen(client, project, content, f"clients.{kind}"))
    assert "seems to hold totals, not a client: “Итого · 500”" in said


def test_totals_of_a_query_are_doubted(
    app: Flask, client: FlaskClient, project: Project, warehouse: dict[str, object]
) -> None:
    query = (
        "SELECT coalesce(client_id, 'Итого') AS id, sum(age) AS age FROM warehouse.clients GROUP BY ROLLUP (client_id)"
    )
    address = fetched(client, project, "postgresql", warehouse | {"query": f"{query} ORDER BY 1"})
    assert "seems to hold totals, not a client: “Итого" in preview(client, address)
    load, ids = loaded(app, client, address)
    assert "Итого" not in ids and (len(ids), load.rejected_count) == (500, 1)
    db.session.execute(text("DROP SCHEMA warehouse CASCADE"))
    db.session.commit()


# Formats

HTML = "<table border=1><tr><td>id</td><td>ФИО</td></tr>\n<tr><td>C-1</td><td>Анна; Мария</td></tr></table>"
XML = '<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>\n'


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (HTML.encode(), "a web page (HTML)"),
        (f"\n <!DOCTYPE html>\n<html>{HTML}</html>".encode("utf-8-sig"), "a web page (HTML)"),
        (f"<!-- made by a program -->\n<HTML><body>{HTML}".encode("utf-16"), "a web page (HTML)"),
        (XML.encode("windows-1251"), "an XML document"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related\n\n" + HTML.encode(), "a web archive (MHTML)"),
        (b'[{"id": 1, "name": "Ann"},\n {"id": 2, "name": "Bob"}]', "a JSON document"),
        (b"{\\rtf1 id, name\n1, 2}", "a text document (RTF)"),
        (b"%PDF-1.7\n1 0 obj, x\n2, 3\n", "a PDF document"),
        (OLE_MAGIC + bytes(4000) + "Workbook".encode("utf-16-le"), "a workbook of an old Excel (.xls)"),
    ],
    ids=["table", "page", "comment", "xml", "mhtml", "json", "rtf", "pdf", "xls"],
)
def test_what_is_no_table_is_refused_by_its_format(
    client: FlaskClient, project: Project, content: bytes, what: str
) -> None:
    refused = send(client, project, content, "clients.xls")
    said = refused.get_data(as_text=True)
    assert refused.status_code == 422 and f"This file is {what}, whatever its name says." in said
    assert "save the table as .xlsx" in said
    assert db.session.scalar(db.select(ClientSource)) is None


def test_names_in_angle_brackets_are_a_header(client: FlaskClient, project: Project) -> None:
    assert "2 columns" in preview(client, chosen(client, project, b"<TICKER>;<DATE>\nX;1\n"))


@pytest.mark.parametrize("extent", ["1:4", "A:C", "", "$A$1:$C$4", "#REF!", "A1:C4 E1:F4"])
def test_a_workbook_that_tells_its_extent_in_other_ways_loads(
    app: Flask, client: FlaskClient, project: Project, tmp_path: Path, extent: str
) -> None:
    path = tmp_path / "clients.xlsx"
    path.write_bytes(workbook([HEADER, *CLIENTS]))
    told = f'<dimension ref="{extent}"'.encode()
    content = rewritten(path, lambda xml: re.sub(rb'<dimension ref="[^"]*"', lambda _: told, xml)).read_bytes()
    assert loaded(app, client, chosen(client, project, content, "clients.xlsx"))[1] == {"A1", "A2", "A3"}
