"""The task queue's own tables, as Procrastinate 3.10 defines them.

They are made by the library's numbered scripts, which stay as they were released, up to the last one of 3.10: its file
of the whole schema changes from release to release. A release with further scripts needs a migration that runs them.

Revision ID: 0002
Revises: 0001
"""

from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LAST_SCRIPT = "03.04.00_50_post_add_retry_failed_job_procedure.sql"


def upgrade() -> None:
    # A cursor of the driver: the scripts hold per cent signs and colons that SQLAlchemy would take for its own.
    cursor = op.get_bind().connection.cursor()
    for script in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql")):
        if script.name <= LAST_SCRIPT:
            cursor.execute(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute(
        """
        DO $$
        DECLARE thing record;
        BEGIN
            FOR thing IN SELECT tablename FROM pg_tables WHERE tablename LIKE 'procrastinate_%' LOOP
                EXECUTE format('DROP TABLE %I CASCADE', thing.tablename);
            END LOOP;
            FOR thing IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate_%' LOOP
                EXECUTE format('DROP FUNCTION %s CASCADE', thing.name);
            END LOOP;
            FOR thing IN SELECT typname FROM pg_type WHERE typname LIKE 'procrastinate_%' AND typtype IN ('e', 'c') LOOP
                EXECUTE format('DROP TYPE IF EXISTS %I CASCADE', thing.typname);
            END LOOP;
        END $$
        """
    )
