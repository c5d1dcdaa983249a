"""The task queue's own tables, as Procrastinate 3.10 defines them.

Revision ID: 0002
Revises: 0001
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A cursor of the driver: the schema holds per cent signs and colons that SQLAlchemy would take for its own.
    op.get_bind().connection.cursor().execute(SchemaManager.get_schema())


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
