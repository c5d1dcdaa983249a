"""The process that opens a workbook: a program of its own, which spreadsheet.py starts and asks.

The parser holds a whole sheet in memory, and makes every cell between the first and the last: a small file can ask
for all the memory there is, and that ends a process, not a call. This one may die of it; the one with the language
model and everybody's pages may not. It imports nothing of the application, so that it is there in a few milliseconds.

It writes pickles to its output: first Facts as a dictionary or a Refusal as a tuple, then for every line of input
("first" or "next") a list of numbered rows, empty at the end, or a Refusal.

The sheet is the named one; without a name the first with a table, as many begin with a title page or a note on what
follows; or just the first one. Facts begin with the row of the header if it is known, else with the first one with a
value.
"""

import io
import pickle
import re
import resource
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

ROWS_AT_ONCE = 500
CHARACTERS_AT_ONCE = 4 * 2**20
"""Cells that share one text have it once in the file, and in what is sent each for itself."""
LONGEST_ROW = 2**20
"""Characters, as in a text table. A cell of Excel has no more than 32,767."""
TOP = 20
"""Rows with a value in which the header is looked for."""
EXTENT = re.compile(rb"<(?:\w+:)?dimension\b[^>]*(?:/>|></(?:\w+:)?dimension>)")

FIRST_WITH_TABLE, FIRST, NAMED = "first with table", "first", "named"


class RowTooLong(Exception):
    """Its arguments are the row's number and characters."""


def main(
    path: str, which: str, sheet_name: str, header_row: int, is_known: bool, memory_bytes: int, cpu_seconds: int
) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    output = sys.stdout.buffer
    try:
        book, name, sheet = _opened(path, which, sheet_name)
    except PasswordError:
        _send(output, ("EncryptedFile", ""))
    except CalamineError as error:
        _send(output, ("NotATable", str(error)))
    else:
        sheets = _worksheets(book)
        hidden = [each.name for each in sheets if each.visible != SheetVisibleEnum.Visible]
        names = {"sheets": [each.name for each in sheets], "hidden_sheets": hidden, "sheet": name}
        try:
            _send(output, names | (_facts(sheet, header_row, is_known) if sheet else {}))
            if sheet:
                _serve(sheet, output)
        except RowTooLong as error:
            _send(output, ("RowTooLong", *error.args))


def _opened(path: str, which: str, sheet_name: str) -> tuple[CalamineWorkbook, str, CalamineSheet | None]:
    """The workbook, and the sheet that is to be read after its name. Raises CalamineError."""
    with open(path, "rb") as file:
        try:
            return _read(file, which, sheet_name)
        except PasswordError:
            raise
        except CalamineError:
            return _read(_without_extents(file), which, sheet_name)


def _read(file: BinaryIO, which: str, sheet_name: str) -> tuple[CalamineWorkbook, str, CalamineSheet | None]:
    book = CalamineWorkbook.from_filelike(file)
    sheets = _worksheets(book)
    if which == NAMED:
        is_there = sheet_name in [each.name for each in sheets]
        return book, sheet_name, book.get_sheet_by_name(sheet_name) if is_there else None
    return book, *_first_shown(book, sheets, with_table=which == FIRST_WITH_TABLE)


def _worksheets(book: CalamineWorkbook) -> list[SheetMetadata]:
    return [each for each in book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]


def _without_extents(file: BinaryIO) -> BinaryIO:
    """The workbook without what its sheets say of how far they reach. Nobody needs that, some programs write it as the
    parser does not understand it ("1:300", "$A$1:$C$3"), and others read such a file.

    Raises CalamineError for what is no zip.
    """
    import zipfile

    copy = io.BytesIO()
    try:
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
            for member in old.infolist():
                content = old.read(member)
                if "worksheets/" in member.filename.lower():
                    content = EXTENT.sub(b"", content, count=1)
                new.writestr(member.filename, content)
    except zipfile.BadZipFile as error:
        raise CalamineError(str(error)) from error
    copy.seek(0)
    return copy


def _first_shown(
    book: CalamineWorkbook, sheets: Sequence[SheetMetadata], with_table: bool
) -> tuple[str, CalamineSheet | None]:
    """Of the sheets that are shown, or of all when none is, the first with a table; the first when none has one."""
    shown = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    names = shown or [sheet.name for sheet in sheets]
    for name in names if with_table and len(names) > 1 else ():
        sheet = book.get_sheet_by_name(name)
        if _is_table(sheet):
            return name, sheet
        del sheet  # before the next one: each may take all the memory there is
    return (names[0], book.get_sheet_by_name(names[0])) if names else ("", None)


def _is_table(sheet: CalamineSheet) -> bool:
    """Several rows with several cells each, below a title perhaps."""
    top = islice(_rows(sheet), TOP)
    return sum(sum(not _is_blank(cell) for cell in cells) > 1 for _number, cells in top) > 1


def _facts(sheet: CalamineSheet, header_row: int, is_known: bool) -> dict[str, Any]:
    """The first rows, of which one is the header, and what lies below them: how many rows with a value, and how wide.

    Of a known header the first row is it; of a known sheet nothing is counted that was counted before.
    """
    rows = ((number, cells) for number, cells in _rows(sheet) if number >= header_row)
    top = _some(rows, 1 if header_row else TOP)
    last, width, count = top[-1] if top else (0, []), 0, 0
    if is_known:
        last = (sheet.end[0] + 1 if sheet.end else 0, [])
    for last in () if is_known else rows:
        count += 1
        width = max(width, width_of(last[1]))
    return {
        "top": top,
        "row_count": count,
        "width": width,
        "last": _some(iter([last]), 1)[0],
        "cell_count": sheet.height * sheet.width,
    }


def _serve(sheet: CalamineSheet, output: BinaryIO) -> None:
    rows = _rows(sheet)
    for wish in sys.stdin:
        if wish == "first\n":
            rows = _rows(sheet)
        _send(output, _some(rows, ROWS_AT_ONCE))


def _some(rows: Iterator[tuple[int, Sequence[object]]], most: int) -> list[tuple[int, Sequence[object]]]:
    """The next rows, fewer of long ones. Raises RowTooLong."""
    some = []
    room = CHARACTERS_AT_ONCE
    for number, cells in islice(rows, most):
        size = sum([len(cell) for cell in cells if type(cell) is str])
        if size > LONGEST_ROW:
            raise RowTooLong(number, size)
        some.append((number, cells))
        room -= size
        if room < 0:
            break
    return some


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, Sequence[object]]]:
    """Rows that are not blank, by their number in the sheet."""
    return ((number, cells) for number, cells in enumerate(sheet.iter_rows(), 1) if width_of(cells))


def width_of(cells: Sequence[object]) -> int:
    """Up to the last cell with a value."""
    width = len(cells)
    while width and _is_blank(cells[width - 1]):
        width -= 1
    return width


def _is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _send(output: BinaryIO, message: object) -> None:
    pickler = pickle.Pickler(output, pickle.HIGHEST_PROTOCOL)
    pickler.fast = True  # no cell is met twice: to remember each would double the time of reading them
    pickler.dump(message)
    output.flush()


if __name__ == "__main__":
    main(
        sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5] == "1", int(sys.argv[6]), int(sys.argv[7])
    )
