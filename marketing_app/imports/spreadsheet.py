"""A table from the first sheet of an xlsx: a header and rows under it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, XmlError, ZipError

from .archive import check_archive
from .errors import (
    DuplicateColumns,
    EmptySpreadsheet,
    EncryptedSpreadsheet,
    FileTooLarge,
    HeaderOnly,
    NotASpreadsheet,
    SpreadsheetError,
    TooManyColumns,
    TooManyRows,
    UnnamedColumns,
    UnpacksTooLarge,
)

__all__ = [
    "DuplicateColumns",
    "EmptySpreadsheet",
    "EncryptedSpreadsheet",
    "FileTooLarge",
    "HeaderOnly",
    "Limits",
    "NotASpreadsheet",
    "SpreadsheetError",
    "TooManyColumns",
    "TooManyRows",
    "UnnamedColumns",
    "UnpacksTooLarge",
    "Workbook",
    "open_workbook",
]

OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
OLD_EXCEL_STREAM = "Workbook".encode("utf-16-le")


@dataclass(frozen=True)
class Limits:
    """What a spreadsheet may be at most. A row counts from the top of the sheet, the header included."""

    max_bytes: int = 50 * 2**20
    max_unpacked_bytes: int = 400 * 2**20
    max_columns: int = 200
    max_rows: int = 200_001


class Workbook:
    """The table of a workbook's first sheet."""

    def __init__(self, sheet: CalamineSheet, limits: Limits) -> None:
        self._sheet = sheet
        header_row, header = next(self._numbered(), (0, []))
        if not header_row:
            raise EmptySpreadsheet
        self._header_row = header_row
        last_row = header_row
        width = _width(header)
        self.row_count = 0
        for number, cells in self._numbered():
            if number > header_row:
                self.row_count += 1
                last_row = number
                width = max(width, _width(cells))
        self.columns = _columns(header, width, limits)
        if not self.row_count:
            raise HeaderOnly
        if last_row > limits.max_rows:
            raise TooManyRows(last_row, limits.max_rows)

    def rows(self) -> Iterator[tuple[int, list[object]]]:
        """Rows with a value under the header: the number the spreadsheet shows, and the cells' raw values.

        The value of a formula is what the spreadsheet last worked out; an empty cell is ''.
        """
        width = len(self.columns)
        for number, cells in self._numbered():
            if number > self._header_row:
                yield number, (cells + [""] * (width - len(cells)))[:width]

    def preview(self, count: int) -> list[list[str]]:
        """The first rows, as text."""
        return [[_shown(cell) for cell in cells] for (_, cells), _ in zip(self.rows(), range(count), strict=False)]

    def _numbered(self) -> Iterator[tuple[int, list[object]]]:
        """Rows that are not blank, by their number in the sheet."""
        for number, cells in enumerate(self._sheet.iter_rows(), 1):
            if _width(cells):
                yield number, list(cells)


def open_workbook(path: Path, *, limits: Limits = Limits()) -> Workbook:
    """Open an xlsx. Raises a SpreadsheetError of the kind that says what is wrong with it."""
    _check_file(path, limits)
    extent = check_archive(path, limits.max_unpacked_bytes)
    # The reader makes every cell between the first and the last: two cells far apart would take gigabytes.
    if extent.columns > limits.max_columns:
        raise TooManyColumns(extent.columns, limits.max_columns)
    if extent.rows > limits.max_rows:
        raise TooManyRows(extent.rows, limits.max_rows)
    try:
        with path.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
            if not book.sheet_names:
                raise EmptySpreadsheet
            return Workbook(book.get_sheet_by_index(0), limits)
    except PasswordError as error:
        raise EncryptedSpreadsheet from error
    except (CalamineError, XmlError, ZipError) as error:
        raise NotASpreadsheet(str(error)) from error


def _check_file(path: Path, limits: Limits) -> None:
    size = path.stat().st_size
    if not size:
        raise EmptySpreadsheet
    if size > limits.max_bytes:
        raise FileTooLarge(size, limits.max_bytes)
    with path.open("rb") as file:
        if file.read(len(OLE_MAGIC)) == OLE_MAGIC:
            # Both an xlsx under a password and an xls of the last century are such a container.
            raise NotASpreadsheet("an old xls") if OLD_EXCEL_STREAM in file.read() else EncryptedSpreadsheet


def _columns(header: list[object], width: int, limits: Limits) -> list[str]:
    if width > limits.max_columns:
        raise TooManyColumns(width, limits.max_columns)
    names = [_shown(cell).strip() for cell in header[:width]]
    names += [""] * (width - len(names))
    if unnamed := [position for position, name in enumerate(names, 1) if not name]:
        raise UnnamedColumns(unnamed)
    if repeated := [name for name, count in Counter(names).items() if count > 1]:
        raise DuplicateColumns(repeated)
    return names


def _width(cells: Sequence[object]) -> int:
    """Up to the last cell with a value."""
    return next((at for at in range(len(cells), 0, -1) if not _is_blank(cells[at - 1])), 0)


def _is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _shown(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)
