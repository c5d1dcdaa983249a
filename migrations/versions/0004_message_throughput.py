"""How many texts were written lately is read from an index alone.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_message_written",
        "message",
        ["created_at"],
        postgresql_include=["model_name", "token_count", "seconds"],
        postgresql_where=sa.text("role = 'draft' AND state = 'ready'"),
    )


def downgrade() -> None:
    op.drop_index("ix_message_written", "message")
