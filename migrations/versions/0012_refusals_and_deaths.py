"""Offers whose clients opted out are apart from those that failed; deaths of workers are counted for themselves.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STATES = ("waiting", "writing", "ready", "failed", "cancelled", "needs_person")


def upgrade() -> None:
    op.add_column("offer", sa.Column("death_count", sa.Integer(), server_default="0", nullable=False))
    _states((*STATES, "opted_out"))
    op.execute("UPDATE offer SET state = 'opted_out', failure = '' WHERE state = 'failed' AND failure = 'opted_out'")


def downgrade() -> None:
    op.execute("UPDATE offer SET state = 'failed', failure = 'opted_out' WHERE state = 'opted_out'")
    _states(STATES)
    op.drop_column("offer", "death_count")


def _states(words: tuple[str, ...]) -> None:
    name = op.f("ck_offer_state")
    op.drop_constraint(name, "offer")
    op.create_check_constraint(name, "offer", f"state IN ({', '.join(repr(word) for word in words)})")
