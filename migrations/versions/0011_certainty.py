"""How sure a model was of its words, and how sure it has to be.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("certainty", JSONB(none_as_null=True), nullable=True))
    op.create_table(
        "model_calibration",
        sa.Column("model_name", sa.String(200), nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("upper_bar", sa.Float(), nullable=True),
        sa.Column("lower_bar", sa.Float(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("(upper_bar IS NULL) = (lower_bar IS NULL)", name=op.f("ck_model_calibration_both_bars")),
        sa.CheckConstraint("lower_bar <= upper_bar", name=op.f("ck_model_calibration_bars_in_order")),
        sa.PrimaryKeyConstraint("model_name", "source", "language", name=op.f("pk_model_calibration")),
    )


def downgrade() -> None:
    op.drop_table("model_calibration")
    op.drop_column("message", "certainty")
