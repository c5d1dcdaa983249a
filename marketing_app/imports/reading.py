"""How a file is read: what a person chose of it, or what was found, and what it may be at most."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Reading:
    """None is "find it out". An empty `sheet` is the first one, also where only a later one has a table.

    An empty `quote` says that quotation marks mean nothing in this file. One of two characters is a quotation mark
    and, before it, what stands before each one inside a cell; elsewhere such a mark is written twice.

    `header_row` is the row of the columns' names, by the number that the file shows for it; what stands above is no
    client. `without_hidden` leaves out the rows that a spreadsheet hides, by a filter or by hand.

    `has_marks` is found, never chosen: False where no cell of a sheet has what cell_marks tells of.
    """

    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    header_row: int | None = None
    without_hidden: bool = False
    has_marks: bool = True

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, words: Mapping[str, Any]) -> Self:
        return cls(**words)


@dataclass(frozen=True)
class Limits:
    """What a file may be at most. A row counts from the top, the header included.

    A workbook is held in memory while it is read, in a process of its own: `max_cells` are 200,000 clients of 20
    fields, about 400 MiB; `max_memory_bytes` and `max_seconds` of work are what that process gets in all.
    """

    max_bytes: int = 50 * 2**20
    max_unpacked_bytes: int = 400 * 2**20
    max_columns: int = 500
    max_rows: int = 2_000_000
    max_cells: int = 4_000_000
    max_memory_bytes: int = 1024 * 2**20
    max_seconds: int = 30
