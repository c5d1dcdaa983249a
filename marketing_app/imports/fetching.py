"""What reading out of any database has in common: how much may come, and what must not be said."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .errors import TooManyBytes, TooManyRows
from .source import Row


@dataclass(frozen=True)
class FetchLimits:
    """How much may come out of a database, and how long it may take in all."""

    rows: int
    bytes: int
    seconds: int
    columns: int = 500


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
