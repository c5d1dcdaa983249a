"""Campaigns whose offers are split between two versions of a prompt.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

RESULTS = "ix_offer_prompt_version_id_results"
COUNTED = ["state", "verdict", "review", "outcome"]
CHECKS = {
    "compared_versions_differ": "compared_version_id <> prompt_version_id",
    "compared_share_possible": "compared_share BETWEEN 1 AND 99",
    "compared_with_share": "(compared_version_id IS NULL) = (compared_share IS NULL)",
}


def upgrade() -> None:
    op.add_column("campaign", sa.Column("compared_version_id", sa.Integer(), nullable=True))
    op.add_column("campaign", sa.Column("compared_share", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_campaign_compared_version_id"), "campaign", ["compared_version_id"])
    op.create_foreign_key(
        op.f("fk_campaign_compared_version_id_prompt_version"),
        "campaign",
        "prompt_version",
        ["compared_version_id"],
        ["id"],
    )
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_campaign_{name}"), "campaign", condition)
    op.drop_index(RESULTS, "offer")
    op.create_index(RESULTS, "offer", ["prompt_version_id", "campaign_id", *COUNTED])


def downgrade() -> None:
    op.drop_index(RESULTS, "offer")
    op.create_index(RESULTS, "offer", ["prompt_version_id", *COUNTED])
    op.drop_column("campaign", "compared_share")
    op.drop_column("campaign", "compared_version_id")
