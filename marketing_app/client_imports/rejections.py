"""Rows that a load does not take."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..imports.source import RowFault
from ..imports.values import shown


class Reason(StrEnum):
    """Why a row was not loaded."""

    EMPTY = "empty"
    BAD_VALUE = "bad_value"
    LONG_ID = "long_id"
    NO_ID = "no_id"
    TOTALS = "totals"
    TOO_WIDE = "too_wide"
    MERGED_LINES = RowFault.MERGED_LINES.value
    FOREIGN_ENCODING = RowFault.FOREIGN_ENCODING.value
    NUL = RowFault.NUL.value


@dataclass(frozen=True)
class Rejected:
    """The number that the source shows for the row, why it was not taken, in which column, and its cells."""

    number: int
    reason: Reason
    column: str
    cells: Sequence[object]

    @property
    def written_cells(self) -> list[str]:
        """As a person would write them into the file again."""
        return [_written(cell) for cell in self.cells]


def _written(cell: object) -> str:
    text = cell.replace("\0", "") if isinstance(cell, str) else shown(cell)
    return text.encode("utf-8", "replace").decode()
