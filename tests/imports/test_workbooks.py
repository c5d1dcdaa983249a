"""Good spreadsheets are read; each bad one is refused for what it is."""

import re
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart

from marketing_app.imports import errors
from marketing_app.imports.files import OLE_MAGIC, open_file
from marketing_app.imports.reading import Limits, Reading

from .tables import LIMITS, book, little_memory, ods, ods_row, opened, rewritten, table_of, zipped


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clients.xlsx"


def test_rows_have_the_numbers_the_spreadsheet_shows(path: Path) -> None:
    book(path, [" id ", "age"], [], ["a", 52.688], [None, None], ["b", None], [" "])
    with opened(path) as source:
        assert list(source.columns) == ["id", "age"]
        assert list(source.rows()) == [(3, ["a", 52.688]), (5, ["b", ""])]
        assert source.row_count == 2


def test_a_header_further_down_is_found(path: Path) -> None:
    assert table_of(book(path, [], [], ["id"], [1])) == (["id"], [(4, [1])])


def test_rows_are_read_from_the_beginning_as_often_as_asked(path: Path) -> None:
    with opened(book(path, ["n"], *([n] for n in range(2_000)))) as source:
        rows = source.rows()
        assert [next(rows)[0] for _ in range(600)][-1] == 601
        assert source.share_read == 0.3
        assert [cells[0] for _, cells in source.rows()] == list(range(2_000))
        assert source.share_read == 1


def test_the_sheet_that_is_asked_for_is_read(path: Path) -> None:
    workbook = Workbook()
    workbook.active.append(["first"])  # type: ignore[union-attr]
    workbook.active.sheet_state = "hidden"  # type: ignore[union-attr]
    for name in ("второй", "third"):
        sheet = workbook.create_sheet(name)
        sheet.append([name])
        sheet.append([1])
    workbook.save(path)
    with opened(path) as source:
        assert (source.sheets, source.reading.sheet) == (("Sheet", "второй", "third"), "второй")
    with opened(path, Reading(sheet="third")) as source:
        assert list(source.columns) == ["third"]
    with pytest.raises(errors.UnknownSheet, match="fourth"):
        opened(path, Reading(sheet="fourth"))


@pytest.mark.parametrize("title", [[], [["Clients of May"]], [["Clients of May"], ["Made by hand"]], [["May", "2026"]]])
def test_a_workbook_that_begins_with_a_title_page_opens_at_its_first_table(
    path: Path, title: list[list[object]]
) -> None:
    workbook = Workbook()
    for row in title:
        workbook.active.append(row)  # type: ignore[union-attr]
    for name in ("May", "June"):
        sheet = workbook.create_sheet(name)
        sheet.append(["id", "age"])
        sheet.append([name, 30])
    workbook.save(path)
    with opened(path) as source:
        assert (source.reading.sheet, list(source.columns)) == ("May", ["id", "age"])


def test_a_lone_column_is_read_where_no_sheet_has_more(path: Path) -> None:
    workbook = Workbook()
    workbook.active.append(["id"])  # type: ignore[union-attr]
    workbook.active.append([1])  # type: ignore[union-attr]
    workbook.create_sheet("empty")
    workbook.save(path)
    with opened(path) as source:
        assert list(source.columns) == ["id"]


def test_a_sheet_that_is_a_chart_is_none(path: Path) -> None:
    workbook = Workbook()
    chart = workbook.create_chartsheet("Chart", 0)
    chart.add_chart(BarChart())
    workbook.active = 1
    workbook["Sheet"].append(["a"])
    workbook["Sheet"].append([1])
    workbook.save(path)
    with opened(path) as source:
        assert (source.sheets, source.reading.sheet) == (("Sheet",), "Sheet")


def test_a_picture_may_declare_what_it_likes(path: Path) -> None:
    book(path, ["a"], [1])
    rewritten(path, lambda _: b"<!DOCTYPE svg><svg/>", "xl/media/image1.svg")
    assert table_of(path) == (["a"], [(2, [1.0])])


def test_a_formula_is_its_value(path: Path) -> None:
    book(path, ["n"], [7])
    rewritten(path, lambda xml: xml.replace(b"<v>7</v>", b"<f>3+4</f><v>7</v>"))
    assert table_of(path) == (["n"], [(2, [7.0])])


def test_a_wrong_used_range_is_not_believed(path: Path) -> None:
    book(path, ["a", "b"], *([n, n] for n in range(50)))
    rewritten(path, lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', xml))
    with opened(path) as source:
        assert source.row_count == 50


def test_an_opendocument_spreadsheet(path: Path) -> None:
    ods(path, ods_row("id", "n") + ods_row("я", 5) + ods_row("x", rows=2, columns=2))
    with opened(path) as source:
        assert source.sheets == ("Clients",)
        assert list(source.rows()) == [(2, ["я", 5.0]), (3, ["x", "x"]), (4, ["x", "x"])]


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ([], errors.EmptySource),
        ([["a", "b"]], errors.HeaderOnly),
        ([["a", "b", "a"], [1, 2, 3]], errors.DuplicateColumns),
        ([["a", None, "c"], [1, 2, 3]], errors.UnnamedColumns),
        ([["a"], [1, 2]], errors.UnnamedColumns),
        ([[f"c{n}" for n in range(501)], [1]], errors.TooManyColumns),
    ],
)
def test_bad_tables(path: Path, rows: list[list[object]], error: type[Exception]) -> None:
    with pytest.raises(error):
        opened(book(path, *rows))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", errors.EmptySource),
        (b"PK\x03\x04 and no more", errors.NotATable),
        (OLE_MAGIC + bytes(600), errors.EncryptedFile),
        (OLE_MAGIC + "Workbook".encode("utf-16-le"), errors.OtherFormat),
    ],
)
def test_bad_files(path: Path, content: bytes, error: type[Exception]) -> None:
    path.write_bytes(content)
    with pytest.raises(error):
        opened(path)


def test_a_damaged_sheet(path: Path) -> None:
    with pytest.raises(errors.NotATable):
        opened(rewritten(book(path, ["a"], [1]), lambda xml: xml[: len(xml) // 2] + b"<<<"))


def test_half_a_workbook(path: Path) -> None:
    whole = book(path, ["a"], *([n] for n in range(1000))).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(errors.NotATable):
        opened(path)


def test_another_zip_is_not_a_spreadsheet(path: Path) -> None:
    with pytest.raises(errors.NotATable):
        opened(zipped(path, {"readme.txt": b"hello"}))


def test_too_many_cells(path: Path) -> None:
    with pytest.raises(errors.TooManyCells) as caught:
        opened(book(path, ["a", "b"], [1, 2], [3, 4]), limits=Limits(max_cells=5))
    assert (caught.value.size, caught.value.limit) == (6, 5)


def test_a_large_workbook_takes_no_memory_here(path: Path) -> None:
    """100,000 rows of 25 columns, which the parser holds in 230 MiB of another process."""
    book(path, [f"column {n}" for n in range(25)], [1])
    row = b"<row>" + b'<c t="inlineStr"><is><t>text</t></is></c>' * 5 + b"<c><v>1.5</v></c>" * 20 + b"</row>"
    rewritten(path, lambda xml: xml.replace(b"</sheetData>", row * 100_000 + b"</sheetData>"))
    with little_memory(48 * 2**20), opened(path) as source:
        assert source.row_count == 100_001
        assert sum(1 for _ in source.rows()) == 100_001


def test_a_large_file_is_not_read(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    with pytest.raises(errors.TooManyBytes) as caught:
        opened(path, limits=Limits())
    assert (caught.value.size, caught.value.limit) == (200 * 2**20, 50 * 2**20)


def with_error(path: Path) -> Path:
    """The workbook with an error in place of its first number."""
    return rewritten(path, lambda sheet: sheet.replace(b't="n"><v>1</v>', b't="e"><v>#N/A</v>', 1))


def test_cells_without_marks_are_not_searched_again(path: Path) -> None:
    with opened(book(path, ["id", "age"], ["a", 1], ["b", 2])) as source:
        plain = source.reading
    assert not plain.has_marks
    with open_file(with_error(path), LIMITS, plain, known_rows=2) as source:
        assert next(iter(source.rows())) == (2, ["a", ""])


def test_cells_are_searched_where_nobody_looked_before(path: Path) -> None:
    with opened(book(path, ["id", "age"], ["a", 1], ["b", 2])) as source:
        plain = source.reading
    with opened(with_error(path), plain) as source:
        assert source.reading.has_marks
        assert next(iter(source.rows())) == (2, ["a", "#N/A"])


def test_marks_that_the_first_look_found_are_found_again(path: Path) -> None:
    with opened(with_error(book(path, ["id", "age"], ["a", 1], ["b", 2]))) as source:
        marked = source.reading
    with open_file(path, LIMITS, marked, known_rows=2) as source:
        assert next(iter(source.rows())) == (2, ["a", "#N/A"])
