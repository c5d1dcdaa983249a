"""Every migration can be taken back and run again."""

from collections.abc import Iterator
from types import ModuleType

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, text

from marketing_app.database import db
from marketing_app.privacy.marks import mark_of_phone
from tests.migrations.test_task_queue import empty_database

SHAPE = (
    "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
    " WHERE table_schema = 'public' ORDER BY 1, 2",
    "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
    "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 ORDER BY 1, 2",
)

PROJECT = """
    INSERT INTO product (key, name, kind, description, link, image) VALUES ('CC', 'Карта', 'card', '', '', '');
    INSERT INTO project (name, product_id, occasion, language, is_archived)
        SELECT 'Осень', id, '', 'ru', false FROM product;
    INSERT INTO client_import (project_id, source, row_count, added_count, duplicate_count, rejected_count, state,
            duplicates, plan, form, expected_count, updated_count, opted_out_count, failure, failure_detail,
            claim_count)
        SELECT id, 'a.csv', 0, 0, 0, 0, 'finished', 'skip', '[]', '{}', 0, 0, 0, '', '{}', 0 FROM project;
"""
CLIENT = """
    INSERT INTO client (project_id, import_id, outside_id, phone, data)
        SELECT project_id, id, :identity, :phone, '{}' FROM client_import
"""
OPT_OUT = """
    INSERT INTO opt_out (project_id, identity, source, note) SELECT id, :identity, 'hand', '' FROM project
"""

DRAFT = """
    WITH channel AS (
        INSERT INTO sale_channel (key, name, description, image) VALUES (:key, :key, '', '') RETURNING id
    ), ours AS (
        INSERT INTO project_sale_channel (project_id, sale_channel_id)
            SELECT project.id, channel.id FROM project, channel RETURNING id, project_id
    ), version AS (
        INSERT INTO prompt_version (project_channel_id, number, text) SELECT id, 1, 'x' FROM ours RETURNING id
    ), written AS (
        INSERT INTO offer (project_id, project_channel_id, client_id, prompt_version_id, state, text, written_at,
                review, reviewed_at, failure, failure_detail, attempt_count, outcome)
            SELECT ours.project_id, ours.id, client.id, version.id, 'ready', 'x', now(), :review, now(), '', '{}', 0,
                'unknown' FROM ours, version, client RETURNING id
    )
    INSERT INTO message (offer_id, role, state, text, is_beginning, prompt, drafts, model_name, prompt_token_count,
            token_count, seconds, failure)
        SELECT id, 'draft', 'ready', :key, false, 'Текст: Пример.', '[]', '', 0, 0, 0, '' FROM written
"""


@pytest.fixture
def connection(app: Flask, database_url: str) -> Iterator[Connection]:
    """To an empty database, in which migrations run as in `flask db upgrade`."""
    with (
        app.app_context(),
        empty_database(database_url, "every_step") as connection,
        Operations.context(MigrationContext.configure(connection, opts={"target_metadata": db.metadata})),
    ):
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


def test_ids_and_refusals_of_before_are_found_by_what_they_look_like(
    connection: Connection, steps: list[ModuleType]
) -> None:
    """Two clients who look the same stay two, each refused or not as before."""
    refusals = steps.index(next(step for step in steps if step.revision == "0014"))
    for step in steps[:refusals]:
        step.upgrade()
    connection.execute(text(PROJECT))
    for identity, phone in (("С-1", "79030000001"), ("C-2", None), ("С-2", None), ("C-3\u200b", None)):
        values = {"identity": identity, "phone": phone}
        connection.execute(text(CLIENT), values)
        if identity != "C-2":
            connection.execute(text(OPT_OUT), values)
    for step in steps[refusals:]:
        step.upgrade()
    people = connection.execute(text("SELECT outside_id, written_id FROM client ORDER BY id")).all()
    assert [tuple(each) for each in people] == [("C-1", "С-1"), ("C-2", None), ("С-2", None), ("C-3", "C-3\u200b")]
    assert {"C-1", "C-3", "С-2"} <= set(connection.scalars(text("SELECT identity FROM opt_out")))
    keys = connection.execute(text("SELECT identity, key FROM opt_out_key JOIN opt_out ON id = opt_out_id")).all()
    assert [tuple(each) for each in keys] == [("C-1", mark_of_phone("79030000001"))]


def _shape(connection: Connection) -> list[list[tuple[object, ...]]]:
    return [[tuple(row) for row in connection.execute(text(query))] for query in SHAPE]


def test_prompts_of_before_go_where_they_may_have_examples(connection: Connection, steps: list[ModuleType]) -> None:
    """Of which offers nobody knows; elsewhere they stay."""
    at = steps.index(next(step for step in steps if step.revision == "0016"))
    for step in steps[:at]:
        step.upgrade()
    connection.execute(text(PROJECT))
    connection.execute(text(CLIENT), {"identity": "C-1", "phone": None})
    for key, review in (("SMS", "approved"), ("PUSH", "open")):
        connection.execute(text(DRAFT), {"key": key, "review": review})
    for step in steps[at:]:
        step.upgrade()
    kept = connection.execute(text("SELECT text, prompt FROM message ORDER BY id")).all()
    assert [tuple(each) for each in kept] == [("SMS", ""), ("PUSH", "Текст: Пример.")]
