"""Counting what a page asks of the database."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import event

from marketing_app.database import db


@pytest.fixture
def count_queries(app: Flask) -> Iterator[Callable[[Callable[[], object]], int]]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    def counted(act: Callable[[], object]) -> int:
        asked.clear()
        act()
        return len(asked)

    event.listen(db.engine, "before_cursor_execute", note)
    yield counted
    event.remove(db.engine, "before_cursor_execute", note)
