"""The process that opens a workbook: a program of its own, which spreadsheet.py starts and asks.

The parser holds a whole sheet in memory, and makes every cell between the first and the last: a small file can ask
for all the memory there is, and that ends a process, not a call. This one may die of it; the one with the language
model and everybody's pages may not. It imports nothing of the application, so that it is there in a few milliseconds.

It writes pickles to its output: first Facts as a dictionary or a Refusal as a tuple, then for every line of input
("first" or "next") a list of numbered rows, empty at the end.

The sheet is the named one; without a name the first with a table, as many begin with a title page or a note on what
follows; or just the first one.
"""

import pickle
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


FIRST_WITH_TABLE, FIRST, NAMED = "first with table", "first", "named"


def main(path: str, which: str, sheet_name: str, memory_bytes: int, cpu_seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    output = sys.stdout.buffer
    try:
        with open(path, "rb") as file:
            book = CalamineWorkbook.from_filelike(file)
            sheets = [each for each in book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
            names = [each.name for each in sheets]
            if which == NAMED:
                name, sheet = sheet_name, book.get_sheet_by_name(sheet_name) if sheet_name in names else None
            else:
                name, sheet = _first_shown(book, sheets, with_table=which == FIRST_WITH_TABLE)
    except PasswordError:
        _send(output, ("EncryptedFile", ""))
    except CalamineError as error:
        _send(output, ("NotATable", str(error)))
    else:
        _send(output, {"sheets": names, "sheet": name, **(_facts(sheet) if sheet else {})})
        if sheet:
            _serve(sheet, output)


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
    """A row with several cells, and another one under it."""
    first = list(islice(_rows(sheet), 2))
    return len(first) == 2 and sum(not _is_blank(cell) for cell in first[0][1]) > 1


def _facts(sheet: CalamineSheet) -> dict[str, Any]:
    """The header with its row's number, how far rows with a value reach, and how many are under the header."""
    header_row, header = next(_rows(sheet), (0, []))
    last_row, width, count = header_row, _width(header), -1
    for number, cells in _rows(sheet):
        count += 1
        last_row = number
        width = max(width, _width(cells))
    return {
        "header_row": header_row,
        "header": header,
        "width": width,
        "last_row": last_row,
        "row_count": count,
        "cell_count": sheet.height * sheet.width,
    }


def _serve(sheet: CalamineSheet, output: BinaryIO) -> None:
    rows = _rows(sheet)
    for wish in sys.stdin:
        if wish == "first\n":
            rows = _rows(sheet)
        _send(output, list(islice(rows, ROWS_AT_ONCE)))


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, Sequence[object]]]:
    """Rows that are not blank, by their number in the sheet."""
    return ((number, cells) for number, cells in enumerate(sheet.iter_rows(), 1) if _width(cells))


def _width(cells: Sequence[object]) -> int:
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
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
