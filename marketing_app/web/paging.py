"""Lists are cut into pages on the server; the state of a list lives in its URL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import Select

from ..database import db

PAGE_SIZE = 25
MOST_PAGES = 10**7
"""Their rows are fewer than the 2^31 that PostgreSQL counts in an array."""


@dataclass(frozen=True)
class Page:
    """One page of a list: its rows, its number from 1, and how many rows there are in all."""

    rows: Sequence[Any]
    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first_row(self) -> int:
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last_row(self) -> int:
        return (self.number - 1) * self.size + len(self.rows)


def page_number() -> int:
    """The page asked for in the URL; anything that is not a positive number means the first."""
    number = request.args.get("page", 1, type=int)
    return max(1, min(number, MOST_PAGES))


def page_of(query: Select[Any], total: int, number: int, size: int = PAGE_SIZE) -> Page:
    """Run an ordered query for one page. A number past the end gives the last page."""
    number = min(number, max(1, -(-total // size)))
    rows = db.session.scalars(query.limit(size).offset((number - 1) * size)).unique().all()
    return Page(rows, number, total, size)
