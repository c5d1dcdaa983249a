"""The rows that a load did not take, as a file of the source's own form, to be mended and loaded again."""

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PureWindowsPath
from tempfile import TemporaryFile
from types import SimpleNamespace
from typing import IO, TYPE_CHECKING

from ..imports.cells import PART
from ..imports.formulas import kept_from_running
from ..imports.reading import Reading
from ..models import ClientImport, ClientRejection, SourceKind
from ..web.downloads import file_name

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OF_DATABASES = Reading(encoding="utf-8-sig", delimiter=",", quote='"')
"""How the rows of a database are written, which have no form of their own: as every spreadsheet program reads it."""
MARKED = {"utf-8-sig": "utf-8"}
"""Names that Python alone has for an encoding."""

LONGEST_SHEET_NAME = 31
"""Characters, in an xlsx; other spreadsheets allow longer ones, and some more signs in them."""


def file_of(load: ClientImport, rejections: Iterable[ClientRejection]) -> tuple[str, str, IO[bytes]]:
    """Its name, its media type and its content."""
    header = [column["name"] for column in load.plan]
    rows = (rejection.cells for rejection in rejections)
    reading = _reading_of(load)
    file = TemporaryFile()  # noqa: SIM115 whoever sends it closes it
    if reading.sheet is not None:
        _write_workbook(file, reading.sheet, header, rows)
        suffix, media_type = ".xlsx", XLSX
    else:
        _write_text(file, reading, header, rows)
        suffix, media_type = ".csv", f"{CSV}; charset={MARKED.get(str(reading.encoding), reading.encoding)}"
    file.seek(0)
    source = PureWindowsPath(load.source).stem if _is_of_file(load) else load.source
    return file_name(source, f"-rejected{suffix}"), media_type, file


def _is_of_file(load: ClientImport) -> bool:
    return bool(load.form.get("kind") == SourceKind.FILE)


def _reading_of(load: ClientImport) -> Reading:
    return Reading.from_dict(load.form["settings"]) if _is_of_file(load) else OF_DATABASES


def _write_workbook(file: IO[bytes], sheet: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from openpyxl import Workbook
    from openpyxl.workbook.child import INVALID_TITLE_REGEX

    book = Workbook(write_only=True)
    table = book.create_sheet(INVALID_TITLE_REGEX.sub(" ", sheet)[:LONGEST_SHEET_NAME])
    table.append(list(_texts(table, header)))
    for row in rows:
        table.append(list(_texts(table, row)))
    book.save(file)


def _texts(table: "WriteOnlyWorksheet", cells: Iterable[str]) -> "Iterator[Cell]":
    """Cells that stay texts: openpyxl would take one that begins with = for a formula."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    for text in cells:
        cell = WriteOnlyCell(table, ILLEGAL_CHARACTERS_RE.sub("", text))
        cell.data_type = "s"
        yield cell


def _write_text(file: IO[bytes], reading: Reading, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = io.TextIOWrapper(file, encoding=reading.encoding or "utf-8-sig", errors="replace", newline="")
    delimiter = reading.delimiter or ","
    table = (list(map(kept_from_running, cells)) for cells in itertools.chain([header], rows))
    if reading.quote:
        _write_quoted(text, delimiter, reading.quote, table)
    else:  # cells that were read so have neither the delimiter nor a line's end: there is nothing to escape in them
        text.writelines(delimiter.join(cells) + "\r\n" for cells in table)
    text.flush()
    text.detach()


def _write_quoted(file: IO[str], delimiter: str, quote: str, table: Iterable[Sequence[str]]) -> None:
    """`delimiter` and `quote` as in Reading, but for one thing: a quotation mark within a cell is written twice, not
    escaped. Nothing else would tell the reader that backslashes escape, where no cell of the file has such a mark.

    Beside a separator of several characters, a cell of some of them must be quoted too.
    """
    part = delimiter if len(delimiter) == 1 else PART
    lines = SimpleNamespace(write=lambda line: file.write(line.replace(part, delimiter)))
    writer = csv.writer(
        lines,
        delimiter=part,
        quotechar=quote[-1],
        quoting=csv.QUOTE_MINIMAL if part == delimiter else csv.QUOTE_ALL,
    )
    writer.writerows([cell.replace(delimiter, part) for cell in cells] for cells in table)
