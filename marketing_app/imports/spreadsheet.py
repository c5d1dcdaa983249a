"""A table from one sheet of an xlsx, xlsm or ods: a header and rows under it."""

import pickle
import subprocess
import sys
from collections.abc import Iterator
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
    TooManyCells,
    TooManyColumns,
    TooManyRows,
    UnknownSheet,
    UnpacksTooLarge,
)
from .header import names_of
from .ods_marks import is_opendocument, marks_in_ods
from .reading import Limits, Reading
from .source import Row
from .xlsx_marks import marks_in_xlsx


class Workbook:
    """The table of a sheet. The sheet itself is in a process of its own; see workbook_process."""

    def __init__(self, path: Path, limits: Limits, asked: Reading) -> None:
        self._path = path
        self._limits = limits
        self._is_asked = False
        self._rows_read = 0
        self._process = _started(path, asked.sheet, limits)
        self._wishes = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)
        try:
            check_archive(path, limits.max_unpacked_bytes)  # while the process parses
            marks = _marks_of(path, asked.sheet) if asked.sheet else None
            facts = self._facts()
            self.sheets = tuple(facts["sheets"])
            if asked.sheet and asked.sheet not in self.sheets:
                raise UnknownSheet(asked.sheet)
            self.reading = Reading(sheet=facts["sheet"])
            self._marks = _marks_of(path, facts["sheet"]) if marks is None else marks
            self._read_header(facts)
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
        rows = self._rows()
        return self._marks.put(rows, self._header_row, len(self.columns)) if self._marks else rows

    def _rows(self) -> Iterator[Row]:
        width = len(self.columns)
        self._rows_read = 0
        if self._is_asked:  # by a call that nobody read to its end
            self._answer()
        self._ask("first")
        while rows := self._answer():
            self._ask("next")  # it makes ready the next ones while these are worked on
            for number, cells in rows:
                if number > self._header_row:
                    self._rows_read += 1
                    yield number, (cells + [""] * (width - len(cells)))[:width]

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
            return pickle.load(self._answers)  # noqa: S301 our own program wrote it
        except (EOFError, pickle.UnpicklingError):
            raise self._why_it_died() from None

    def _facts(self) -> dict[str, Any]:
        answer = self._answer()
        match answer:
            case ("EncryptedFile", _):
                raise EncryptedFile
            case ("NotATable", detail):
                raise NotATable(detail)
        if "header_row" not in answer and not answer["sheets"]:
            raise EmptySource
        return answer

    def _read_header(self, facts: dict[str, Any]) -> None:
        limits = self._limits
        if facts["cell_count"] > limits.max_cells:
            raise TooManyCells(facts["cell_count"], limits.max_cells)
        if not facts["header_row"]:
            raise EmptySource
        self._header_row: int = facts["header_row"]
        self.row_count: int = facts["row_count"] or self._marks.rows_after(self._header_row)
        self.columns = names_of(facts["header"], facts["width"], limits.max_columns)
        if not self.row_count:
            raise HeaderOnly(self.columns)
        if facts["last_row"] > limits.max_rows:
            raise TooManyRows(facts["last_row"], limits.max_rows)

    def _why_it_died(self) -> Exception:
        """The sheet did not fit, or took too long: what is too large about it."""
        limits = self._limits
        extent = extent_of(self._path)
        if extent.columns > limits.max_columns:
            return TooManyColumns(extent.columns, limits.max_columns)
        if extent.rows > limits.max_rows:
            return TooManyRows(extent.rows, limits.max_rows)
        return UnpacksTooLarge(limits.max_memory_bytes, limits.max_memory_bytes)


def _marks_of(path: Path, sheet: str) -> CellMarks:
    find = marks_in_ods if is_opendocument(path) else marks_in_xlsx
    return CellMarks(find(path, sheet))


def _started(path: Path, sheet: str | None, limits: Limits) -> "subprocess.Popen[bytes]":
    which = {None: workbook_process.FIRST_WITH_TABLE, "": workbook_process.FIRST}.get(sheet, workbook_process.NAMED)
    program = [sys.executable, "-I", workbook_process.__file__, str(path), which, sheet or ""]
    bounds = [str(limits.max_memory_bytes), str(limits.max_seconds)]
    return subprocess.Popen(program + bounds, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
