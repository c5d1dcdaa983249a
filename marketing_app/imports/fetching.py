"""What reading out of any database has in common: how much may come, and what must not be said."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .errors import QueryTooSlow, RowTooLong, TooManyBytes, TooManyRows, ValueTooLong
from .header import LONGEST_NAME_TOLD
from .source import Row

ANSWERS = 30
LONGEST_VALUE = 2**20
LONGEST_ROW = 2 * LONGEST_VALUE
"""Bytes. Nobody writes so much about a client, and a few such rows would hold the process for minutes: a value is
decoded, encoded, profiled and stored, each time whole."""
MOST_GROWTH = 8
"""Times. A list that becomes JSON, or bytes that become hexadecimal digits, take more than in their database."""


@dataclass(frozen=True)
class FetchLimits:
    """How much may come out of a database, and how long one of its answers may take. There are many: rows come a few
    thousand at a time."""

    rows: int
    bytes: int
    seconds: int
    columns: int = 500


class Withheld(int):
    """The bytes of a value that its server did not send, as the row is too long."""


class Patience:
    """How long a fetch may go on in all: as long as so many answers at their slowest."""

    def __init__(self, limits: FetchLimits) -> None:
        self._seconds = ANSWERS * limits.seconds
        self._deadline = time.monotonic() + self._seconds

    def must_last(self) -> None:
        """Raises QueryTooSlow."""
        if time.monotonic() > self._deadline:
            raise QueryTooSlow(self._seconds)


def within(limits: FetchLimits, columns: Sequence[str], rows: Iterable[tuple[int, Sequence[object]]]) -> Iterator[Row]:
    """Number the rows from 1, without the blank ones. They come with their bytes.

    Raises ValueTooLong or RowTooLong at a row that is too long, TooManyRows or TooManyBytes once there are more.
    """
    number = 0
    read_bytes = 0
    for size, row in rows:
        if size * MOST_GROWTH > LONGEST_VALUE:
            _must_be_short(number + 1, columns, row)
        read_bytes += size
        if read_bytes > limits.bytes:
            raise TooManyBytes(read_bytes, limits.bytes)
        if all(value is None or value == "" for value in row):
            continue
        number += 1
        if number > limits.rows:
            raise TooManyRows(number, limits.rows)
        yield number, row


def bytes_of(value: object) -> int:
    """About as many as the value takes where it is kept."""
    match value:
        case str():
            return len(value.encode("utf-8", "surrogatepass"))
        case Withheld():
            return int(value)
        case _:
            return 8


def _must_be_short(number: int, columns: Sequence[str], row: Sequence[object]) -> None:
    sizes = list(map(bytes_of, row))
    longest = max(sizes)
    if longest > LONGEST_VALUE:
        raise ValueTooLong(longest, LONGEST_VALUE, number, columns[sizes.index(longest)][:LONGEST_NAME_TOLD])
    if sum(sizes) > LONGEST_ROW:
        raise RowTooLong(sum(sizes), LONGEST_ROW, number)


def without(secret: str, words: str) -> str:
    """A server's words, without the password: a server that was told it may say it."""
    return words.replace(secret, "***") if secret else words
