"""What cells hold: what a spreadsheet or a stray mark made of a value is told before the load, and never taken."""

import html
import re
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import Client, ClientImport, ClientRejection, FieldType, OptOut, Project
from tests.client_imports.wizard import begun, carried_out, chosen, meanings, page
from tests.factories import a_field
from tests.imports.tables import book, ods, ods_row, rewritten

UNQUOTED = {"encoding": "utf-8", "delimiter": ";", "quote": ""}


def said(client: FlaskClient, address: str) -> str:
    """All that the wizard tells before the load."""
    return html.unescape(page(client, address) + page(client, f"{address}/columns"))


def loaded(app: Flask, client: FlaskClient, address: str, **answers: str) -> ClientImport:
    assert begun(client, address, **answers).status_code == 303
    return carried_out(app)


def people() -> dict[str | None, dict[str, object]]:
    return {person.outside_id: person.data for person in db.session.scalars(db.select(Client))}


def refused() -> set[str]:
    return set(db.session.scalars(db.select(OptOut.identity)))


def rejected_rows(client: FlaskClient, load: ClientImport) -> tuple[list[int], str]:
    """Their numbers, and the report that names the reasons."""
    numbers = db.session.scalars(db.select(ClientRejection.row_number).order_by(ClientRejection.row_number)).all()
    return list(numbers), html.unescape(page(client, f"/projects/{load.project_id}/clients/imports/{load.id}"))


def rejected_file(client: FlaskClient, load: ClientImport) -> bytes:
    return bytes(client.get(f"/projects/{load.project_id}/clients/imports/{load.id}/rejected").get_data())


# Quotation marks


STRAY = 'id;имя;город\r\nK-1;Анна;Уфа\r\nK-2;"Пётр;Омск\r\nK-3;Юлия;Тверь\r\nK-4;"Олег;Пермь\r\nK-5;Яна;Чита\r\n'


def test_rows_joined_by_a_stray_quotation_mark_are_told_and_rejected(
    app: Flask, client: FlaskClient, project: Project
) -> None:
    address = chosen(client, project, STRAY.encode())
    assert "From row 3 on, a cell holds line ends and what looks like further rows" in said(client, address)
    load = loaded(app, client, address)
    assert people().keys() == {"K-1", "K-5"}
    numbers, report = rejected_rows(client, load)
    assert numbers == [3] and "a quotation mark is missing or is one too many" in report
    assert "K-3;Юлия;Тверь" in rejected_file(client, load).decode()


def test_read_without_quotation_marks_every_row_of_them_is_there(
    app: Flask, client: FlaskClient, project: Project
) -> None:
    address = chosen(client, project, STRAY.encode())
    client.post(f"{address}/reading", data=UNQUOTED)
    assert "further rows" not in said(client, address)
    loaded(app, client, address)
    assert people().keys() == {f"K-{number}" for number in range(1, 6)}


# Refusals in words


def test_words_that_are_neither_yes_nor_no_refuse(app: Flask, client: FlaskClient, project: Project) -> None:
    rows = ["K-1,no letters please", "K-2,since 2025-03-01", "K-3,no", "K-4,", "K-5,asked in the branch"]
    address = chosen(client, project, "\n".join(["id,opt out of mail", *rows]).encode())
    assert meanings(client, address)["opt out of mail"] == "opt_out"
    told = said(client, address)
    assert "75% of the values are neither a yes nor a no, such as “no letters please” in row 2" in told
    assert "They count as a refusal" in told
    loaded(app, client, address)
    assert refused() == {"K-1", "K-2", "K-5"}


@pytest.mark.parametrize("name", ["Дата отказа от рассылки", "Отказ от звонков", "unsubscribed", "do not contact"])
def test_a_column_named_for_refusals_is_one_whatever_stands_in_it(
    client: FlaskClient, project: Project, name: str
) -> None:
    content = f"id;{name};город\nK-1;01.02.2025;Уфа\nK-2;сам позвонил;Омск\nK-3;;Омск\n"
    assert meanings(client, chosen(client, project, content.encode()))[name] == "opt_out"


def test_a_column_that_may_tell_refusals_is_pointed_out(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, "id;отказы;город\nK-1;3;Уфа\nK-2;5;Омск\n".encode())
    assert meanings(client, address)["отказы"] == "new"
    assert "“отказы” may say who must not be written to" in said(client, address)


@pytest.mark.parametrize("cells", [("", ""), ("#N/A", "#REF!")])
def test_a_column_of_refusals_without_a_value_asks_first(
    app: Flask, client: FlaskClient, project: Project, cells: tuple[str, str]
) -> None:
    content = "id,age,opt out\n" + "".join(f"K-{n},30,{cell}\n" for n, cell in enumerate(cells))
    address = chosen(client, project, content.encode())
    answer = begun(client, address)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "nobody would count as having refused" in text
    assert 'name="nobody-2"' in text and db.session.scalar(db.select(ClientImport)) is None
    assert begun(client, address, nobody_2="y").status_code == 303


# Errors and formulas of a spreadsheet


def test_an_error_in_the_words_of_another_language_is_one(
    client: FlaskClient, project: Project, tmp_path: Path
) -> None:
    error_in_ods(tmp_path / "errors", "note")
    path = rewritten(tmp_path / "errors", lambda xml: xml.replace(b"#DIV/0!", b"#WERT!"), "content.xml")
    content = path.read_bytes()
    assert "errors of the spreadsheet, such as “#ERROR!” in row 3" in said(
        client, chosen(client, project, content, "errors.ods")
    )


@pytest.mark.parametrize("error", ["#N/A", "#ДЕЛ/0!", "#ССЫЛКА!", "Err:502", "######"])
@pytest.mark.parametrize("column", ["id", "opt out", "age", "note"])
def test_an_error_in_a_text_table_is_no_value_of_any_column(
    app: Flask, client: FlaskClient, project: Project, error: str, column: str
) -> None:
    a_field(project, "note", type=FieldType.TEXT)
    row = {"id": "K-2", "opt out": "no", "age": "31", "note": "x"} | {column: error}
    content = f"id;opt out;age;note\nK-1;yes;30;y\n{';'.join(row.values())}\nK-3;no;33;z\n"
    address = chosen(client, project, content.encode())
    assert f"errors of the spreadsheet, such as “{error}” in row 3" in said(client, address)
    load = loaded(app, client, address)
    assert people().keys() == {"K-1", "K-3"}
    numbers, report = rejected_rows(client, load)
    assert numbers == [3] and f"“{column}”: an error of the spreadsheet, {error}." in report


def error_in_xlsx(path: Path, column: str) -> bytes:
    book(path, ["id", "opt out", "note"], ["K-1", "yes", "x"], ["K-2", "no", "y"], ["K-3", "no", "z"])
    place = {"id": b"A3", "opt out": b"B3", "note": b"C3"}[column]
    cell = re.compile(rb'<c r="%s"[^>]*>.*?</c>' % place)
    broken = b'<c r="%s" t="e"><f>1/0</f><v>#DIV/0!</v></c>' % place
    return rewritten(path, lambda xml: cell.sub(broken, xml)).read_bytes()


def error_in_ods(path: Path, column: str) -> bytes:
    cells = {"id": "K-2", "opt out": "no", "note": "y"}
    broken = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value=""'
        ' calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
    )
    row = ods_row(*cells.values()).replace(ods_row(cells[column]).partition(">")[2].removesuffix(END_OF_ROW), broken)
    ods(path, ods_row(*cells) + ods_row("K-1", "yes", "x") + row + ods_row("K-3", "no", "z"))
    return path.read_bytes()


END_OF_ROW = "</table:table-row>"


@pytest.mark.parametrize("column", ["id", "opt out", "note"])
@pytest.mark.parametrize("with_error", [error_in_xlsx, error_in_ods])
def test_an_error_cell_is_told_from_an_empty_one(
    app: Flask,
    client: FlaskClient,
    project: Project,
    tmp_path: Path,
    with_error: Callable[[Path, str], bytes],
    column: str,
) -> None:
    a_field(project, "note", type=FieldType.TEXT)
    address = chosen(client, project, with_error(tmp_path / "errors", column), "errors.xlsx")
    assert "errors of the spreadsheet, such as “#DIV/0!” in row 3" in said(client, address)
    load = loaded(app, client, address)
    assert people().keys() == {"K-1", "K-3"} and refused() == {"K-1"}
    numbers, report = rejected_rows(client, load)
    assert numbers == [3] and f"“{column}”: an error of the spreadsheet, #DIV/0!." in report


def test_formulas_that_were_never_worked_out_are_told_and_rejected(
    app: Flask, client: FlaskClient, project: Project, tmp_path: Path
) -> None:
    rows = [[f"K-{row}", f'=IF(A{row}="K-2";"yes";"no")', 30 + row] for row in range(2, 5)]
    content = book(tmp_path / "made.xlsx", ["id", "opt out", "age"], *rows).read_bytes()
    address = chosen(client, project, content, "made.xlsx")
    assert "“opt out”: 100% of the values are formulas that were never calculated, the first in row 2" in said(
        client, address
    )
    answer = begun(client, address)
    assert answer.status_code == 422 and "nobody would count as having refused" in answer.get_data(as_text=True)
    load = loaded(app, client, address, nobody_1="y")
    assert people() == {}
    numbers, report = rejected_rows(client, load)
    assert numbers == [2, 3, 4] and "“opt out”: a formula that was never calculated." in report


@pytest.mark.parametrize(
    ("values", "is_believed"), [((b"0", b"0"), False), ((b"0", b"1"), True), ((b"", b""), False)], ids=str
)
def test_zeros_that_a_program_wrote_for_formulas_are_no_values(
    client: FlaskClient, project: Project, tmp_path: Path, values: tuple[bytes, bytes], is_believed: bool
) -> None:
    path = book(tmp_path / "zeros.xlsx", ["id", "opt out"], ["K-1", "=1-1"], ["K-2", "=2-1"])
    parts = iter(values)
    rewritten(path, lambda xml: re.sub(rb"<v ?/>|<v></v>", lambda _: b"<v>%s</v>" % next(parts), xml))
    told = said(client, chosen(client, project, path.read_bytes(), "zeros.xlsx"))
    assert ("never calculated" not in told) is is_believed


def test_a_formula_whose_value_is_an_empty_text_is_an_empty_cell(
    app: Flask, client: FlaskClient, project: Project, tmp_path: Path
) -> None:
    path = book(tmp_path / "empty.xlsx", ["id", "opt out", "age"], ["K-1", "yes", 30], ["K-2", '=""', 31])
    rewritten(path, lambda xml: xml.replace(b'<c r="B3">', b'<c r="B3" t="str">'))
    address = chosen(client, project, path.read_bytes(), "empty.xlsx")
    assert "never calculated" not in said(client, address)
    assert loaded(app, client, address).added_count == 2


def test_a_sheet_of_nothing_but_formulas_is_told_for_what_it_is(
    client: FlaskClient, project: Project, tmp_path: Path
) -> None:
    path = book(tmp_path / "all.xlsx", ["id", "age"], ["=A9", "=B9"], ["=A10", "=B10"])
    assert "100% of the values are formulas that were never calculated, the first in row 2" in said(
        client, chosen(client, project, path.read_bytes(), "all.xlsx")
    )


# Numbers that lost their digits


def test_ids_that_a_spreadsheet_shortened_are_refused(app: Flask, client: FlaskClient, project: Project) -> None:
    content = "id;имя\n4,27601E+15;Анна\n4,27601E+15;Пётр\n4,27602E+15;Юлия\nK-4;Олег\n"
    address = chosen(client, project, content.encode())
    assert "numbers that a spreadsheet shortened, such as “4,27601E+15” in row 2" in said(client, address)
    load = loaded(app, client, address, target_0="client_id")
    assert people().keys() == {"K-4"}
    numbers, report = rejected_rows(client, load)
    assert numbers == [2, 3, 4] and "“id”: a number that a spreadsheet shortened" in report


@pytest.mark.parametrize("digits", ["40817810099910012345", "4276000011112220"])
def test_long_numbers_of_a_workbook_are_refused_as_ids(
    app: Flask, client: FlaskClient, project: Project, tmp_path: Path, digits: str
) -> None:
    content = book(tmp_path / "long.xlsx", ["id", "имя"], [float(digits), "Анна"], [float(digits), "Пётр"])
    address = chosen(client, project, content.read_bytes(), "long.xlsx")
    assert meanings(client, address)["id"] == "client_id"
    assert "numbers that a spreadsheet shortened" in said(client, address)
    load = loaded(app, client, address)
    assert people() == {} and rejected_rows(client, load)[0] == [2, 3]


def test_shortened_numbers_of_another_column_are_pointed_out(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, b"id;card\nK-1;4,27601E+15\nK-2;4,27601E+15\n")
    assert "numbers that a spreadsheet shortened, such as “4,27601E+15” in row 2" in html.unescape(
        page(client, f"{address}/columns")
    )


# Encodings and characters


def test_a_line_in_another_encoding_is_told_and_comes_back_in_the_files_own(
    app: Flask, client: FlaskClient, project: Project
) -> None:
    lines = [f"K-{n};Клиент{n};Тула".encode("windows-1251") for n in range(2, 300)]
    lines[200] = "K-202;Юлия Ильина;Ухта".encode()
    content = b"\r\n".join(["id;имя;город".encode("windows-1251"), *lines, b""])
    address = chosen(client, project, content)
    told = said(client, address)
    assert "in UTF-8, the first of them row 202" in told
    load = loaded(app, client, address)
    assert load.added_count == 297 and "K-202" not in people()
    numbers, report = rejected_rows(client, load)
    assert numbers == [202] and "another encoding than the rest" in report
    loaded(app, client, chosen(client, project, rejected_file(client, load)))
    assert people()["K-202"] == {"имя": "Юлия Ильина", "город": "Ухта"}


def test_a_character_of_no_text_is_told_and_its_row_rejected(app: Flask, client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, "id;имя\nK-1;Анна\nK-2;Пё\0тр\nK-3;Юлия\n".encode())
    assert "NUL character (code 0), which no text has, the first of them row 3" in said(client, address)
    load = loaded(app, client, address)
    assert people().keys() == {"K-1", "K-3"}
    numbers, report = rejected_rows(client, load)
    assert numbers == [3] and "The row has a NUL character" in report


# Dates


@pytest.mark.parametrize(
    ("dates", "first_read"),
    [
        (["03/04/1985", "12/31/1985"], "1985-03-04"),
        (["03/04/1985", "31/12/1985"], "1985-04-03"),
        (["03-04-1985", "12-31-1985"], "1985-03-04"),
        (["03.04.1985", "05.06.1985"], "1985-04-03"),
    ],
)
def test_the_order_of_dates_is_found_from_the_whole_column(
    app: Flask, client: FlaskClient, project: Project, dates: list[str], first_read: str
) -> None:
    content = "id;дата рождения\n" + "".join(f"K-{n};{day}\n" for n, day in enumerate(dates))
    load = loaded(app, client, chosen(client, project, content.encode()))
    assert load.rejected_count == 0
    assert people()["K-0"] == {"дата рождения": first_read}


@pytest.mark.parametrize(
    ("dates", "rejected"), [(["03/04/1985", "05/06/1985"], 0), (["03/04/1985", "31/12/1985", "12/31/1985"], 1)]
)
def test_an_order_of_dates_that_nothing_tells_is_asked(
    app: Flask, client: FlaskClient, project: Project, dates: list[str], rejected: int
) -> None:
    content = "id;дата рождения\n" + "".join(f"K-{n};{day}\n" for n, day in enumerate(dates))
    address = chosen(client, project, content.encode())
    answer = begun(client, address)
    text = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422 and "Say whether the day or the month comes first" in text
    load = loaded(app, client, address, order_1="month_first")
    assert load.rejected_count == rejected and people()["K-0"] == {"дата рождения": "1985-03-04"}


def test_an_order_of_dates_that_was_said_is_kept(client: FlaskClient, project: Project) -> None:
    address = chosen(client, project, "id;дата рождения\nK-1;03/04/1985\nK-2;05/06/1985\n".encode())
    client.post(f"{address}/answers", data={"order-1": "month_first"})
    assert 'value="month_first" checked' in page(client, f"{address}/columns")


# Percentages, answers, times


def test_cells_are_taken_as_the_sheet_shows_them(
    app: Flask, client: FlaskClient, project: Project, tmp_path: Path
) -> None:
    import openpyxl

    sheet = openpyxl.Workbook()
    table = sheet.active
    assert table is not None
    table.append(["id", "rate", "vip", "opens", "talked"])
    table.append(["K-1", 0.125, True, time(9, 5), timedelta(hours=26, minutes=3)])
    table.append(["K-2", 0.07, False, time(10), timedelta(minutes=3)])
    for row in (2, 3):
        table.cell(row, 2).number_format = "0.0%"
        table.cell(row, 5).number_format = "[h]:mm:ss"
    sheet.save(tmp_path / "shown.xlsx")
    address = chosen(client, project, (tmp_path / "shown.xlsx").read_bytes(), "shown.xlsx")
    new = {f"target-{n}": "new" for n in range(1, 5)} | {f"type-{n}": "text" for n in range(1, 5)}
    loaded(app, client, address, **new, **{f"label-{n}": f"column {n}" for n in range(1, 5)})
    assert people() == {
        "K-1": {"rate": "12.5%", "vip": "TRUE", "opens": "09:05:00", "talked": "26:03:00"},
        "K-2": {"rate": "7%", "vip": "FALSE", "opens": "10:00:00", "talked": "00:03:00"},
    }


def test_cells_of_an_opendocument_sheet_are_taken_as_it_shows_them(
    app: Flask, client: FlaskClient, project: Project, tmp_path: Path
) -> None:
    cell = '<table:table-cell office:value-type="{}"{}><text:p>shown</text:p></table:table-cell>'
    values = [
        ("percentage", ' office:value="0.125"'),
        ("time", ' office:time-value="PT26H03M00S"'),
        ("percentage", ' office:value="0.5" table:number-columns-repeated="2"'),
    ]
    row = ods_row("K-1").replace(END_OF_ROW, "".join(cell.format(*value) for value in values) + END_OF_ROW)
    ods(tmp_path / "shown", ods_row("id", "rate", "talked", "share", "part") + row + ods_row("K-2", 0.125, 1, 2, 3))
    address = chosen(client, project, (tmp_path / "shown").read_bytes(), "shown.ods")
    new = {f"target-{n}": "new" for n in range(1, 5)} | {f"type-{n}": "text" for n in range(1, 5)}
    loaded(app, client, address, **new, **{f"label-{n}": f"column {n}" for n in range(1, 5)})
    assert people() == {
        "K-1": {"rate": "12.5%", "talked": "26:03:00", "share": "50%", "part": "50%"},
        "K-2": {"rate": "0.125", "talked": "1", "share": "2", "part": "3"},
    }


def test_a_percentage_fills_a_field_of_numbers_with_what_is_shown(
    app: Flask, client: FlaskClient, project: Project
) -> None:
    a_field(project, "rate", type=FieldType.DECIMAL)
    loaded(app, client, chosen(client, project, b"id;rate\nK-1;12,5%\nK-2;7 %\n"))
    assert people() == {"K-1": {"rate": 12.5}, "K-2": {"rate": 7.0}}


# Formulas in the file of rejected rows


def test_a_rejected_cell_that_a_spreadsheet_would_run_is_neutralised(
    app: Flask, client: FlaskClient, project: Project
) -> None:
    cells = ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "-5", "+7 999 000-00-00", "'=quoted"]
    rows = "".join(f'K-{n};"{cell}";old\n' for n, cell in enumerate(cells))
    new = {"target_1": "new", "label_1": "note", "type_1": "text"}
    load = loaded(app, client, chosen(client, project, f"id;note;age\n{rows}".encode()), **new, target_2="field:age")
    lines = rejected_file(client, load).decode().splitlines()[1:]
    assert [line.split(";")[1] for line in lines] == [
        "'=1+1", "'@SUM(A1)", "'+cmd|' /C calc'!A0", "'-2+3", "-5", "+7 999 000-00-00", "'=quoted",
    ]  # fmt: skip
    mended = rejected_file(client, load).replace(b";old", b";31")
    loaded(app, client, chosen(client, project, mended))
    assert people()["K-0"] == {"note": "=1+1", "age": 31}
