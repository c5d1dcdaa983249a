"""Rows of a database, kept until they are loaded: one JSON array a line, the first of them the columns' names."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from .errors import NotATable
from .source import FaultyRow, Row, RowFault

NUL_IN_JSON = b"\\u0000"

TAIL = 2**16
"""Bytes in which the last row is looked for."""


def _written(value: object) -> object:
    """What JSON has no word for. A Decimal becomes a list of one text, as no value of ours is a list."""
    match value:
        case Decimal():
            return [str(value)]
        case datetime():
            return value.replace(microsecond=0, tzinfo=None).isoformat()
        case date():
            return value.isoformat()
        case _:
            raise TypeError(f"{type(value).__name__} is no value of a row")


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_written)


def encode(row: Sequence[object]) -> bytes:
    """A row, or the columns' names, as a line. Dates become ISO text, to the second, without their zone: as
    `values.normalise` reads them."""
    return (_ENCODER.encode(list(row)) + "\n").encode("utf-8", "surrogatepass")


class KeptRows:
    """A source over a file of such lines. Whoever kept them knows how many there are."""

    def __init__(self, path: Path, row_count: int | None = None) -> None:
        """Raises NotATable."""
        self.row_count = row_count
        self._path = path
        self._size = path.stat().st_size
        self._read = 0
        with path.open("rb") as file:
            self.columns: Sequence[str] = [str(name) for name in _row(file.readline())]

    @property
    def share_read(self) -> float:
        return self._read / self._size

    def rows(self) -> Iterator[Row]:
        """Rows numbered from 1. Raises NotATable for a line that was cut off."""
        self._read = 0
        with self._path.open("rb") as file:
            self._read += len(file.readline())
            for number, line in enumerate(file, start=1):
                self._read += len(line)
                values = _row(line)
                if NUL_IN_JSON in line and any(isinstance(value, str) and "\0" in value for value in values):
                    values = FaultyRow(values, RowFault.NUL)
                yield number, values

    def last_row(self) -> Row | None:
        """See Source. None also for one that is longer than what is read of the end."""
        with self._path.open("rb") as file:
            file.seek(max(0, self._size - TAIL))
            line = file.read().rstrip(b"\n").rpartition(b"\n")[2]
        try:
            return self.row_count or 0, _row(line)
        except NotATable:
            return None


def _row(line: bytes) -> list[object]:
    try:
        values = json.loads(line)
    except ValueError:
        raise NotATable from None
    if not isinstance(values, list):
        raise NotATable
    return [Decimal(value[0]) if isinstance(value, list) else value for value in values]
