"""A table written as text: one row a line, cells parted by a separator, some held by quotation marks."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import dropwhile, islice, takewhile
from pathlib import Path
from types import TracebackType
from typing import Self

from .cells import PART, records
from .errors import (
    EmptySource,
    HeaderOnly,
    LineTooLong,
    NotATable,
    TooManyColumns,
    TooManyRows,
    UnclosedQuote,
    WrongEncoding,
)
from .guess import SAMPLE, delimiter_of, encoding_of, mark_of, quote_of
from .header import ROWS_SEARCHED, header_at, names_of
from .layout import Layout
from .line_faults import foreign_text, look_like_rows, mended
from .reading import Limits, Reading
from .source import FaultyRow, Row, RowFault

LONGEST_RECORD = 2**20
"""Characters of one row, its line ends included."""
_BUFFER = 2**16

csv.field_size_limit(LONGEST_RECORD)  # the module's own is for the whole process, and shorter


class TextTable:
    """Its rows stream: nothing but the one at hand is in memory."""

    sheets: tuple[str, ...] = ()
    row_count = None

    def __init__(self, path: Path, limits: Limits, asked: Reading) -> None:
        self._path = path
        self._limits = limits
        self._size = path.stat().st_size
        self._file: io.TextIOWrapper | None = None
        self._raw: io.FileIO | None = None
        self.reading = self._found(asked)
        try:
            header = self._read_header(asked.header_row)
            while len(header) > 1 and not header[-1].strip():  # a separator at the end of every line
                header.pop()
            self.columns = names_of(header, len(header), limits.max_columns)
            if next(self.rows(), None) is None:
                raise HeaderOnly(self.columns)
        finally:
            self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._file:
            self._file.close()

    def last_row(self) -> Row | None:
        """See Source. Of a cell with several lines only the last one is seen."""
        with self._path.open("rb") as file:
            file.seek(max(0, self._size - SAMPLE))
            end = file.read().decode(self.reading.encoding or "utf-8", errors="ignore")
        delimiter, quote = self.reading.delimiter or ",", self.reading.quote or ""
        for line in reversed(io.StringIO(end, newline="").readlines()):
            cells = next(records([line], delimiter, quote), [])
            if any(map(str.strip, cells)):
                return 0, (cells + [""] * len(self.columns))[: len(self.columns)]
        return None

    @property
    def layout(self) -> Layout:
        """What the file holds around the rows; to ask for it ends a call of `rows`."""
        return Layout(self._header_row).below(takewhile(lambda row: row[0] < self._header_row, self._records()))

    @property
    def share_read(self) -> float:
        if not self._raw:
            return 0.0
        return 1.0 if self._raw.closed else min(1.0, self._raw.tell() / self._size)

    def rows(self) -> Iterator[Row]:
        """See Source. A new call ends the one before it."""
        width = len(self.columns)
        count = 0
        for number, cells in self._records():
            if number <= self._header_row:
                continue
            if len(cells) != width:
                cells += [""] * (width - len(cells))
                while len(cells) > width and not cells[-1].strip():
                    cells.pop()
                if len(cells) > self._limits.max_columns:
                    raise TooManyColumns(len(cells), self._limits.max_columns)
            count += 1
            if count >= self._limits.max_rows:
                raise TooManyRows(count + 1, self._limits.max_rows)
            yield number, cells

    def _read_header(self, asked: int | None) -> list[str]:
        """The cells of the header: the row that was asked for, or the likeliest of the first."""
        records = self._records()
        if asked is not None:
            records = dropwhile(lambda record: record[0] < asked, records)
        top: list[tuple[int, list[str]]] = []
        for record in islice(records, 1 if asked else ROWS_SEARCHED):
            top.append(record)
            if len(record[1]) > self._limits.max_columns:  # a few such rows would fill the memory
                break
        if not top:
            raise EmptySource
        self._header_row, header = top[header_at([cells for _, cells in top])]
        self.reading = replace(self.reading, header_row=self._header_row)
        if isinstance(header, FaultyRow) and header.fault is RowFault.MERGED_LINES:
            raise UnclosedQuote(self._header_row)
        return header

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Rows that are not blank, by the number of the line where they begin; those with a fault are FaultyRows."""
        length = 0  # of the record that is being read, up to now
        number = 1
        blank_count = 0
        more_lines: list[str] = []  # of that record, after its first
        fault: RowFault | None = None
        foreign = foreign_text(self.reading.encoding or "")

        def lines(file: io.TextIOWrapper) -> Iterator[str]:
            nonlocal length, fault
            for line in iter(partial(file.readline, LONGEST_RECORD + 1), ""):
                if length:
                    more_lines.append(line)
                length += len(line)
                if length > LONGEST_RECORD:
                    raise LineTooLong(length, LONGEST_RECORD, number)
                if "\0" in line:
                    fault = RowFault.NUL
                elif foreign and foreign.search(line):
                    fault = RowFault.FOREIGN_ENCODING
                yield line
            if length:
                raise UnclosedQuote(number)

        delimiter, quote = self.reading.delimiter or ",", self.reading.quote or ""
        try:
            reader = records(lines(self._text()), delimiter, quote)
            for cells in reader:
                length = 0
                if more_lines:
                    fault = fault or self._fault_of_lines(more_lines, cells)
                    more_lines.clear()
                if fault:
                    cells, fault = self._faulty(cells, fault), None
                if any(map(str.strip, cells)) and not _is_separator_line(number, cells):
                    if len(delimiter) > 1:
                        cells[:] = [cell.replace(PART, delimiter) for cell in cells]
                    yield number, cells
                elif (blank_count := blank_count + 1) > self._limits.max_rows:
                    raise TooManyRows(blank_count, self._limits.max_rows)
                number = reader.line_num + 1
        except UnicodeDecodeError as error:
            raise WrongEncoding(self.reading.encoding or "", self._undecodable_line() or number) from error
        except csv.Error as error:
            raise NotATable(str(error)) from error

    def _fault_of_lines(self, more_lines: Sequence[str], cells: Sequence[str]) -> RowFault | None:
        is_header = not hasattr(self, "columns")
        width, first_cell = (len(cells), None) if is_header else (len(self.columns), cells[0])
        if look_like_rows(more_lines, self.reading.delimiter or ",", width, first_cell):
            return RowFault.MERGED_LINES
        return None

    def _faulty(self, cells: Sequence[str], fault: RowFault) -> FaultyRow:
        if fault is RowFault.FOREIGN_ENCODING:
            cells = [mended(cell, self.reading.encoding or "") for cell in cells]
        return FaultyRow(cells, fault)

    def _undecodable_line(self) -> int | None:
        """The first line that is not in the file's encoding, where a line is a line of bytes."""
        with self._path.open("rb") as file:
            for number, line in enumerate(iter(partial(file.readline, LONGEST_RECORD), b""), start=1):
                try:
                    line.decode(self.reading.encoding or "")
                except UnicodeDecodeError:
                    return number
        return None

    def _text(self) -> io.TextIOWrapper:
        """The file from its first character, as `reading` says; it takes the place of the one before."""
        self.close()
        self._raw = self._path.open("rb", buffering=0)
        self._raw.seek(len(mark_of(self._path)))
        encoding = self.reading.encoding or ""
        errors = "surrogateescape" if foreign_text(encoding) else "strict"
        self._file = io.TextIOWrapper(io.BufferedReader(self._raw, _BUFFER), encoding, errors, newline="")
        return self._file

    def _found(self, asked: Reading) -> Reading:
        """What was asked for, the rest found out."""
        encoding = asked.encoding or encoding_of(self._path)
        mark = mark_of(self._path)
        with self._path.open("rb") as file:
            file.seek(len(mark))
            sample = file.read(SAMPLE).decode(encoding, errors="ignore")
        sample = sample[: sample.rfind("\n") + 1] or sample
        quote = quote_of(sample) if asked.quote is None else asked.quote
        delimiter = asked.delimiter or delimiter_of(sample, quote)
        return Reading(encoding=encoding, delimiter=delimiter, quote=quote)


def _is_separator_line(number: int, cells: list[str]) -> bool:
    """Excel's own first line, that only tells the separator."""
    return number == 1 and [cell.lower() for cell in cells] == ["sep=", ""]
