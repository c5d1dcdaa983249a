"""What reading out of any database has in common: how much may come, and what must not be said."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .errors import QueryTooSlow, TooManyBytes, TooManyRows
from .source import Row

ANSWERS = 30


@dataclass(frozen=True)
class FetchLimits:
    """How much may come out of a database, and how long one of its answers may take. There are many: rows come a few
    thousand at a time."""

    rows: int
    bytes: int
    seconds: int
    columns: int = 500


class Patience:
    """How long a fetch may go on in all: as long as so many answers at their slowest."""

    def __init__(self, limits: FetchLimits) -> None:
        self._seconds = ANSWERS * limits.seconds
        self._deadline = time.monotonic() + self._seconds

    def must_last(self) -> None:
        """Raises QueryTooSlow."""
        if time.monotonic() > self._deadline:
            raise QueryTooSlow(self._seconds)


def within(limits: FetchLimits, rows: Iterable[tuple[int, Sequence[object]]]) -> Iterator[Row]:
    """Number the rows from 1, without the blank ones. They come with their bytes.

    Raises TooManyRows or TooManyBytes once there are more.
    """
    number = 0
    read_bytes = 0
    for size, row in rows:
        read_bytes += size
        if read_bytes > limits.bytes:
            raise TooManyBytes(read_bytes, limits.bytes)
        if all(value is None or value == "" for value in row):
            continue
        number += 1
        if number > limits.rows:
            raise TooManyRows(number, limits.rows)
        yield number, row


def without(secret: str, words: str) -> str:
    """A server's words, without the password: a server that was told it may say it."""
    return words.replace(secret, "***") if secret else words
