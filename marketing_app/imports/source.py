"""What every source of clients is to the rest: columns and numbered rows, read from the beginning as often as asked."""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any, Protocol

from .errors import DamagedRow

Row = tuple[int, Sequence[object]]
"""The number that the source itself shows for a row (a spreadsheet's row, a file's line, the n-th of a query), and a
value for each column: text, int, float, bool, Decimal, date, datetime, or None. A row of a text table may have more
values than there are columns, where somebody wrote more separators: it is for the reader to refuse. A row that cannot
be believed is a FaultyRow: its values are to be shown, not taken."""


class RowFault(StrEnum):
    """Why the values of a row are not those that were meant."""

    MERGED_LINES = "merged_lines"
    """Within quotation marks stand line ends and what looks like further rows: a quotation mark too many."""
    FOREIGN_ENCODING = "foreign_encoding"
    """Some of it is in UTF-8, and the rest of the file is not."""
    NUL = "nul"
    """It has the character 0, which no text has: something is missing or damaged."""


class FaultyRow(list[Any]):
    """The values of a row with a fault."""

    def __init__(self, values: Iterable[object], fault: RowFault) -> None:
        super().__init__(values)
        self.fault = fault


def all_sound(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows. Raises DamagedRow at one with a fault."""
    for number, cells in rows:
        if isinstance(cells, FaultyRow):
            raise DamagedRow(number, cells.fault.value)
        yield number, cells


class Source(Protocol):
    """A table that can be read. Whoever opens one closes it; errors are SourceErrors."""

    @property
    def columns(self) -> Sequence[str]:
        """Their names, each once, none empty."""
        ...

    @property
    def row_count(self) -> int | None:
        """How many rows there are; None where only reading to the end would tell."""
        ...

    @property
    def share_read(self) -> float:
        """How much of the source the last call of `rows` has read, from 0 to 1."""
        ...

    def rows(self) -> Iterator[Row]:
        """Rows in the source's order, blank ones left out."""
        ...

    def last_row(self) -> Row | None:
        """The last row, without reading the others; numbered 0 where only they would tell. It ends a call of `rows`."""
        ...
