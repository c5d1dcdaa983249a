"""Accounts are closed, never deleted: names stay at what people approved. A person may have a time zone.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NAMED = (
    ("audit_entry", "user_id", "fk_audit_entry_user_id"),
    ("bank_text", "author_id", "fk_bank_text_author_id"),
    ("bank_text", "cleared_by_id", "fk_bank_text_cleared_by_id"),
    ("offer", "reviewer_id", "fk_offer_reviewer_id_user"),
    ("opt_out", "user_id", "fk_opt_out_user_id"),
    ("review_action", "user_id", "fk_review_action_user_id_user"),
    ("segment", "author_id", "fk_segment_author_id"),
)
"""Columns that forgot the person when the account was deleted."""


def upgrade() -> None:
    op.add_column("user", sa.Column("time_zone", sa.String(64), nullable=True))
    name_people(on_delete=None)
    # Ends the sessions that were to last a year.
    op.execute("UPDATE \"user\" SET session_stamp = replace(gen_random_uuid()::text, '-', '')")


def downgrade() -> None:
    name_people(on_delete="SET NULL")
    op.drop_column("user", "time_zone")


def name_people(on_delete: str | None) -> None:
    for table, column, name in NAMED:
        op.drop_constraint(op.f(name), table, type_="foreignkey")
        op.create_foreign_key(op.f(name), table, "user", [column], ["id"], ondelete=on_delete)
