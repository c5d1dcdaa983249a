"""What every source of clients is to the rest: columns and numbered rows, read from the beginning as often as asked."""

from collections.abc import Iterator, Sequence
from typing import Protocol

Row = tuple[int, Sequence[object]]
"""The number that the source itself shows for a row (a spreadsheet's row, a file's line, the n-th of a query), and a
value for each column: text, int, float, bool, Decimal, date, datetime, or None. A row of a text table may have more
values than there are columns, where somebody wrote more separators: it is for the reader to refuse."""


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
