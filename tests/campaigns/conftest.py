"""The real model and the real queue for tests that write, and what the database is asked."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event

from marketing_app.database import db


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """Every statement that the database got so far."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield asked
    event.remove(db.engine, "before_cursor_execute", note)
