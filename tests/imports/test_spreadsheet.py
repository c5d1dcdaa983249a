"""Good spreadsheets are read; each bad one is refused for what it is."""

import re
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from marketing_app.imports import spreadsheet
from marketing_app.imports.spreadsheet import Limits, open_workbook

SHEET = "xl/worksheets/sheet1.xml"


def book(path: Path, *rows: Sequence[object]) -> Path:
    workbook = Workbook()
    for row in rows:
        workbook.active.append(list(row))  # type: ignore[union-attr]
    workbook.save(path)
    return path


def rewritten(path: Path, change: Callable[[bytes], bytes]) -> Path:
    """The same file with its first sheet's XML changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[SHEET] = change(members[SHEET])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clients.xlsx"


def test_rows_have_the_numbers_the_spreadsheet_shows(path: Path) -> None:
    workbook = open_workbook(book(path, [" id ", "age"], [], ["a", 52.688], [None, None], ["b", None], [" "]))
    assert workbook.columns == ["id", "age"]
    assert list(workbook.rows()) == [(3, ["a", 52.688]), (5, ["b", ""])]
    assert workbook.row_count == 2
    assert workbook.preview(1) == [["a", "52.688"]]


def test_a_formula_is_its_value(path: Path) -> None:
    book(path, ["n"], [7])
    rewritten(path, lambda xml: xml.replace(b"<v>7</v>", b"<f>3+4</f><v>7</v>"))
    assert list(open_workbook(path).rows()) == [(2, [7.0])]


def test_a_wrong_used_range_is_not_believed(path: Path) -> None:
    book(path, ["a", "b"], *([n, n] for n in range(50)))
    rewritten(path, lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', xml))
    assert open_workbook(path).row_count == 50


def test_a_cell_far_out_takes_no_memory(path: Path) -> None:
    book(path, ["a"], [1])
    rewritten(path, lambda xml: xml.replace(b'r="A2"', b'r="XFD1048576"'))
    with pytest.raises(spreadsheet.TooManyColumns):
        open_workbook(path)
    rewritten(path, lambda xml: xml.replace(b'r="XFD1048576"', b'r="A1048576"'))
    with pytest.raises(spreadsheet.TooManyRows):
        open_workbook(path)


def test_entities_are_not_expanded(path: Path) -> None:
    book(path, ["a"], ["x"])
    declaration = b'<!DOCTYPE w [<!ENTITY e "boom"><!ENTITY f "&e;&e;">]>'
    rewritten(path, lambda xml: declaration + xml)
    rewritten(path, lambda xml: re.sub(rb'<c r="A2"[^>]*>.*?</c>', b'<c r="A2" t="str"><v>&f;</v></c>', xml))
    try:
        shown = str(list(open_workbook(path).rows()))
    except spreadsheet.SpreadsheetError:
        return
    assert "boom" not in shown


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ([], spreadsheet.EmptySpreadsheet),
        ([["a", "b"]], spreadsheet.HeaderOnly),
        ([["a", "b", "a"], [1, 2, 3]], spreadsheet.DuplicateColumns),
        ([["a", None, "c"], [1, 2, 3]], spreadsheet.UnnamedColumns),
        ([["a"], [1, 2]], spreadsheet.UnnamedColumns),
        ([[f"c{n}" for n in range(300)], [1]], spreadsheet.TooManyColumns),
    ],
)
def test_bad_tables(path: Path, rows: list[list[object]], error: type[Exception]) -> None:
    with pytest.raises(error):
        open_workbook(book(path, *rows))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", spreadsheet.EmptySpreadsheet),
        (b"id;age\n1;2\n", spreadsheet.NotASpreadsheet),
        (b"PK\x03\x04 and no more", spreadsheet.NotASpreadsheet),
        (spreadsheet.OLE_MAGIC + bytes(600), spreadsheet.EncryptedSpreadsheet),
        (spreadsheet.OLE_MAGIC + "Workbook".encode("utf-16-le"), spreadsheet.NotASpreadsheet),
    ],
)
def test_bad_files(path: Path, content: bytes, error: type[Exception]) -> None:
    path.write_bytes(content)
    with pytest.raises(error):
        open_workbook(path)


def test_a_damaged_sheet(path: Path) -> None:
    with pytest.raises(spreadsheet.NotASpreadsheet):
        open_workbook(rewritten(book(path, ["a"], [1]), lambda xml: xml[: len(xml) // 2] + b"<<<"))


def test_another_zip_is_not_a_spreadsheet(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(spreadsheet.NotASpreadsheet):
        open_workbook(path)


def test_a_large_file_is_not_read(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    with pytest.raises(spreadsheet.FileTooLarge) as caught:
        open_workbook(path)
    assert (caught.value.size, caught.value.limit) == (200 * 2**20, 50 * 2**20)


@pytest.mark.parametrize("lies", [False, True])
def test_a_zip_bomb_is_stopped_in_little_memory(path: Path, lies: bool) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open(SHEET, "w") as member:
            for _ in range(100):
                member.write(bytes(2**20))
    if lies:  # in the directory at the end, the size of the sheet becomes ten bytes
        content = path.read_bytes().replace(struct.pack("<L", 100 * 2**20), struct.pack("<L", 10))
        path.write_bytes(content)
    tracemalloc.start()
    with pytest.raises(spreadsheet.UnpacksTooLarge):
        open_workbook(path, limits=Limits(max_unpacked_bytes=50 * 2**20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 2**20
