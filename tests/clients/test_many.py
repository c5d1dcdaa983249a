"""With 100,000 clients and offers every page still takes a handful of queries."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from benchmarks.pages import PAGES, filled_project, paths_of
from marketing_app.database import db
from marketing_app.models import Project
from tests.factories import a_user

MOST_QUERIES = 15
CLIENTS = 100_000


@pytest.fixture
def crowded(client: FlaskClient) -> Project:
    manager = a_user()
    client.sign_in(manager)
    return filled_project(manager, CLIENTS)


@pytest.fixture
def queries(app: object) -> Iterator[list[str]]:
    asked: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    yield asked
    event.remove(db.engine, "before_cursor_execute", count)


def test_every_page_takes_a_handful_of_queries(client: FlaskClient, crowded: Project, queries: list[str]) -> None:
    taken = {}
    for path in ["/", "/statistics", *paths_of(crowded)]:
        queries.clear()
        assert client.get(path).status_code == 200
        taken[path] = len(queries)
    assert len(taken) == len(PAGES) + 2
    assert {path: count for path, count in taken.items() if count > MOST_QUERIES} == {}
