"""A table from one sheet of an xlsx, xlsm or ods: a header and rows under it."""

import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import repeat, takewhile
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

from . import workbook_process
from .archive import check_archive, extent_of
from .cell_marks import CellMarks
from .errors import (
    EmptySource,
    EncryptedFile,
    HeaderOnly,
    NotATable,
    RowTooLong,
    TooManyCells,
    TooManyColumns,
    TooManyRows,
    UnknownSheet,
    UnpacksTooLarge,
)
from .header import header_at, names_of
from .hidden_rows import hidden_rows
from .layout import Layout
from .ods_marks import is_opendocument, marks_in_ods
from .reading import Limits, Reading
from .source import Row
from .xlsx_marks import marks_in_xlsx


class Workbook:
    """The table of a sheet. The sheet itself is in a process of its own; see workbook_process."""

    def __init__(self, path: Path, limits: Limits, asked: Reading, known_rows: int | None = None) -> None:
        self._path = path
        self._limits = limits
        self._is_asked = False
        self._rows_read = 0
        is_known = bool(known_rows and asked.header_row)
        self._process = _started(path, asked, limits, is_known)
        self._wishes = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)
        try:
            if not is_known:
                check_archive(path, limits.max_unpacked_bytes)  # while the process parses
            marks = _early_marks(path, asked, is_known)
            facts = self._facts()
            self.sheets = tuple(facts["sheets"])
            if asked.sheet and asked.sheet not in self.sheets:
                raise UnknownSheet(asked.sheet)
            self._hidden_sheets = facts["hidden_sheets"]
            self._marks = _marks_of(path, facts["sheet"]) if marks is None else marks
            self._read_header(facts, asked)
            self.row_count: int = known_rows or self._counted_rows(facts)
            if not self.row_count:
                raise HeaderOnly(self.columns)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def share_read(self) -> float:
        return self._rows_read / self.row_count

    def rows(self) -> Iterator[Row]:
        """See Source. The value of a formula is what the spreadsheet last worked out; an empty cell is ''. An error is
        its name, and a formula without a value flaws.UNCALCULATED.

        A new call ends the one before it.
        """
        width = len(self.columns)
        self._rows_read = 0
        hidden = self._hidden if self.reading.without_hidden else b""
        rows = ((number, _of_width(cells, width)) for number, cells in self._numbered_rows())
        for number, cells in self._marks.put(rows, self._header_row, width) if self._marks else rows:
            if number > self._header_row and not (number < len(hidden) and hidden[number]):
                self._rows_read += 1
                yield number, cells

    def last_row(self) -> Row | None:
        """See Source."""
        number, cells = self._last
        return number, _of_width(cells, len(self.columns))

    @property
    def layout(self) -> Layout:
        """What the sheet holds around the rows; to ask for it ends a call of `rows`."""
        above = takewhile(lambda row: row[0] < self._header_row, self._numbered_rows())
        hidden_count, first_hidden = self._hidden_with_values
        return replace(
            Layout(self._header_row).below(above),
            hidden_count=hidden_count,
            first_hidden=first_hidden,
            other_sheets=[name for name in self.sheets if name != self._sheet],
            hidden_sheets=self._hidden_sheets,
        )

    def _numbered_rows(self) -> Iterator[Row]:
        """All rows of the sheet with a value, as wide as they are."""
        if self._is_asked:  # by a call that nobody read to its end
            self._answer()
        self._ask("first")
        while rows := self._answer():
            self._ask("next")  # it makes ready the next ones while these are worked on
            yield from rows

    @cached_property
    def _hidden(self) -> bytearray:
        """By a row's number, whether it is hidden."""
        return hidden_rows(self._path, self._sheet, self._last[0])

    @cached_property
    def _hidden_with_values(self) -> tuple[int, int]:
        """How many rows under the header are hidden, and the first of them."""
        count, first = 0, 0
        for number, _cells in self._numbered_rows() if 1 in self._hidden else ():
            if number > self._header_row and self._hidden[number]:
                count, first = count + 1, first or number
        return count, first

    def _ask(self, wish: str) -> None:
        try:
            self._wishes.write(f"{wish}\n".encode())
            self._wishes.flush()
        except BrokenPipeError:
            raise self._why_it_died() from None
        self._is_asked = True

    def _answer(self) -> Any:
        self._is_asked = False
        try:
            answer = pickle.load(self._answers)  # noqa: S301 our own program wrote it
        except (EOFError, pickle.UnpicklingError):
            raise self._why_it_died() from None
        match answer:
            case ("RowTooLong", number, size):
                raise RowTooLong(size, workbook_process.LONGEST_ROW, number)
        return answer

    def _facts(self) -> dict[str, Any]:
        answer = self._answer()
        match answer:
            case ("EncryptedFile", _):
                raise EncryptedFile
            case ("NotATable", detail):
                raise NotATable(detail)
        if "top" not in answer and not answer["sheets"]:
            raise EmptySource
        return answer

    def _read_header(self, facts: dict[str, Any], asked: Reading) -> None:
        limits = self._limits
        if facts["cell_count"] > limits.max_cells:
            raise TooManyCells(facts["cell_count"], limits.max_cells)
        if not facts["top"]:
            raise EmptySource
        table = facts["top"][header_at([cells for _, cells in facts["top"]]) :]
        self._header_row, header = table[0]
        self._last: Row = facts["last"]
        width = max(facts["width"], *(workbook_process.width_of(cells) for _, cells in table))
        self.columns = names_of(header, width, limits.max_columns)
        if self._last[0] > limits.max_rows:
            raise TooManyRows(self._last[0], limits.max_rows)
        self._sheet: str = facts["sheet"]
        self.reading = Reading(
            sheet=self._sheet,
            header_row=self._header_row,
            without_hidden=asked.without_hidden,
            has_marks=bool(self._marks),
        )

    def _counted_rows(self, facts: dict[str, Any]) -> int:
        rows_at_top = sum(number > self._header_row for number, _cells in facts["top"])
        hidden_count = self._hidden_with_values[0] if self.reading.without_hidden else 0
        return rows_at_top + int(facts["row_count"]) - hidden_count or self._marks.rows_after(self._header_row)

    def _why_it_died(self) -> Exception:
        """The sheet did not fit, or took too long: what is too large about it."""
        limits = self._limits
        extent = extent_of(self._path)
        if extent.columns > limits.max_columns:
            return TooManyColumns(extent.columns, limits.max_columns)
        if extent.rows > limits.max_rows:
            return TooManyRows(extent.rows, limits.max_rows)
        return UnpacksTooLarge(limits.max_memory_bytes, limits.max_memory_bytes)


def _early_marks(path: Path, asked: Reading, is_known: bool) -> CellMarks | None:
    """While the process parses. None where only the process will tell which sheet it is."""
    if is_known and not asked.has_marks:
        return CellMarks([])
    return _marks_of(path, asked.sheet) if asked.sheet else None


def _marks_of(path: Path, sheet: str) -> CellMarks:
    find = marks_in_ods if is_opendocument(path) else marks_in_xlsx
    return CellMarks(find(path, sheet))


def _of_width(cells: Sequence[object], width: int) -> Sequence[object]:
    return cells if len(cells) == width else [*cells, *repeat("", width - len(cells))][:width]


def _started(path: Path, asked: Reading, limits: Limits, is_known: bool) -> "subprocess.Popen[bytes]":
    which = {None: workbook_process.FIRST_WITH_TABLE, "": workbook_process.FIRST}.get(
        asked.sheet, workbook_process.NAMED
    )
    program = [sys.executable, "-I", workbook_process.__file__, str(path), which, asked.sheet or ""]
    bounds = [str(asked.header_row or 0), str(int(is_known)), str(limits.max_memory_bytes), str(limits.max_seconds)]
    return subprocess.Popen(program + bounds, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
