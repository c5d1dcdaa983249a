"""Every migration can be taken back and run again."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, text

from marketing_app.database import db
from tests.migrations.test_task_queue import empty_database

SHAPE = (
    "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
    " WHERE table_schema = 'public' ORDER BY 1, 2",
    "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
    "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 ORDER BY 1, 2",
)


@pytest.fixture
def connection(app: Flask, database_url: str) -> Iterator[Connection]:
    """To an empty database, in which migrations run as in `flask db upgrade`."""
    with app.app_context(), empty_database(database_url, "every_step") as connection:
        with Operations.context(MigrationContext.configure(connection, opts={"target_metadata": db.metadata})):
            yield connection


@pytest.fixture
def steps(connection: Connection, app: Flask) -> list[ModuleType]:
    """From the first on."""
    found = ScriptDirectory(app.extensions["migrate"].directory).walk_revisions()
    return [step.module for step in found][::-1]


def test_every_migration_goes_back_and_forth(connection: Connection, steps: list[ModuleType]) -> None:
    before: list[object] = []
    for step in steps:
        before.append(_shape(connection))
        step.upgrade()
    newest = _shape(connection)
    for step in reversed(steps):
        step.downgrade()
        assert _shape(connection) == before.pop(), step.revision
    for step in steps:
        step.upgrade()
    assert _shape(connection) == newest


def _shape(connection: Connection) -> list[list[tuple[object, ...]]]:
    return [[tuple(row) for row in connection.execute(text(query))] for query in SHAPE]
