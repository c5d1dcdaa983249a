"""A load knows how often a worker claimed it, so that one that was taken for dead does no more to it.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("client_import", sa.Column("claim_count", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("client_import", "claim_count", server_default=None)


def downgrade() -> None:
    op.drop_column("client_import", "claim_count")
