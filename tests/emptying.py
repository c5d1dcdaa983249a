"""Every test finds the tables empty and their numbers at their beginning."""

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from marketing_app.database import db

LONGEST_WAIT_FOR_A_LOCK = "30s"
END_OPEN_TRANSACTIONS = """
    SELECT state, query, pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE xact_start IS NOT NULL AND backend_type = 'client backend' AND pid != pg_backend_pid()
"""
OF_THE_QUEUE = ("jobs", "events", "periodic_defers", "workers")
TABLES = [
    *(f'"{table.name}"' for table in db.metadata.sorted_tables),
    *(f"procrastinate_{name}" for name in OF_THE_QUEUE),
]
LARGEST_DELETED = 2**20
"""Bytes of a table. Deleted rows of a larger one would slow down the tests that follow."""
SIZES = " UNION ALL ".join(
    f"SELECT '{table}', pg_table_size('{table}') WHERE EXISTS (SELECT FROM {table})" for table in TABLES
)
RESTART_NUMBERS = """
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL
"""
ANY_STAGING_TABLE = "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'staging'::regnamespace)"


def empty_the_database() -> None:
    """Raises AssertionError when a test before left a transaction open; it is ended, so that only one test fails."""
    try:
        db.session.execute(text(f"SET LOCAL lock_timeout = '{LONGEST_WAIT_FOR_A_LOCK}'"))
        db.session.execute(text(f"LOCK TABLE {', '.join(TABLES)}"))
        delete_all_rows()
        db.session.execute(text(RESTART_NUMBERS))
        if db.session.scalar(text(ANY_STAGING_TABLE)):
            db.session.execute(text("DROP SCHEMA staging CASCADE"))
            db.session.execute(text("CREATE SCHEMA staging"))
        db.session.commit()
    except OperationalError as error:
        db.session.rollback()
        left = [tuple(row) for row in db.session.execute(text(END_OPEN_TRANSACTIONS))]
        db.session.commit()
        raise AssertionError(f"transactions that a test left open: {left}") from error


def delete_all_rows() -> None:
    """Empty the few tables that a test filled: to truncate all takes the time of a dozen tests."""
    sizes: dict[str, int] = {table: size for table, size in db.session.execute(text(SIZES))}
    if max(sizes.values(), default=0) > LARGEST_DELETED:
        db.session.execute(text(f"TRUNCATE {', '.join(TABLES)} CASCADE"))
    elif sizes:
        # Neither foreign keys nor triggers are of any use to rows that all go.
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
        for table in sizes:
            db.session.execute(text(f"DELETE FROM {table}"))
