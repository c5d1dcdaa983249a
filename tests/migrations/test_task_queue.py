"""The task queue's tables come from scripts that do not change, whatever release of the library is installed."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, NullPool, create_engine, make_url, text

CATALOGUE = (
    "SELECT table_name, column_name, data_type, column_default, is_nullable FROM information_schema.columns"
    " WHERE table_schema = 'public' ORDER BY 1, 2",
    "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
    "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 ORDER BY 1, 2",
    "SELECT oid::regprocedure::text, md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
    "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2",
    "SELECT enumtypid::regtype::text, enumlabel FROM pg_enum ORDER BY 1, enumsortorder",
)


def test_the_scripts_make_the_tables_that_the_installed_library_expects(database_url: str, root: Path) -> None:
    ours = _made(database_url, lambda connection: _migrate(connection, root))
    theirs = _made(database_url, lambda connection: connection.connection.cursor().execute(SchemaManager.get_schema()))
    assert ours == theirs and all(ours)


def test_a_release_with_further_scripts_has_a_migration_of_ours(root: Path) -> None:
    migrations = "".join(file.read_text() for file in (root / "migrations" / "versions").glob("*.py"))
    run = re.findall(r'^LAST_SCRIPT = "(.+)"$', migrations, re.MULTILINE)
    assert max(file.name for file in Path(SchemaManager.get_migrations_path()).glob("*.sql")) == max(run)


def _migrate(connection: Connection, root: Path) -> None:
    with Operations.context(MigrationContext.configure(connection)):
        ScriptDirectory(str(root / "migrations")).get_revision("0002").module.upgrade()


def _made(url: str, make: Callable[[Connection], object]) -> list[list[tuple[object, ...]]]:
    """What an empty database holds after `make`."""
    with empty_database(url, "task_queue_alone") as connection:
        make(connection)
        return [[tuple(row) for row in connection.execute(text(query))] for query in CATALOGUE]


@contextmanager
def empty_database(url: str, name: str) -> Iterator[Connection]:
    outside = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with outside.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    try:
        with create_engine(make_url(url).set(database=name), poolclass=NullPool).connect() as connection:
            yield connection
            connection.rollback()
    finally:
        with outside.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
