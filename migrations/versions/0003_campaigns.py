"""Campaigns, and offers that know whether they have their text.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# In one pass over the changed rows. The first version joined the old ones to the new ones; the database keeps the plan
# of the first change that it sees, and what is right for one offer took half a minute for ten thousand.
COUNT_OFFERS_CHANGED = """
    CREATE OR REPLACE FUNCTION count_offers_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO offer_count (project_channel_id, outcome, count)
            SELECT project_channel_id, outcome, sum(change) FROM (
                SELECT project_channel_id, outcome, 1 AS change FROM added
                UNION ALL
                SELECT project_channel_id, outcome, -1 FROM removed
            ) AS changes GROUP BY 1, 2 HAVING sum(change) <> 0 ORDER BY 1, 2
            ON CONFLICT (project_channel_id, outcome) DO UPDATE SET count = offer_count.count + excluded.count;
        RETURN NULL;
    END $$
"""


def words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    make_campaigns()
    extend_offers()
    op.execute(COUNT_OFFERS_CHANGED)
    state_of_what_is_there()


def make_campaigns() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("project_channel_id", sa.Integer(), nullable=False),
        sa.Column("prompt_version_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("drafts_per_client", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("chosen", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", words("state", "running", "paused", "cancelled"), nullable=False),
        sa.Column("offer_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("name <> ''", name=op.f("ck_campaign_named")),
        sa.CheckConstraint("drafts_per_client BETWEEN 1 AND 8", name=op.f("ck_campaign_drafts_per_client_possible")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_campaign_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_channel_id"],
            ["project_sale_channel.id"],
            name=op.f("fk_campaign_project_channel_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["prompt_version_id"], ["prompt_version.id"], name=op.f("fk_campaign_prompt_version_id")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_campaign_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    op.create_index("ix_campaign_project_id_id", "campaign", ["project_id", "id"])
    op.create_index(op.f("ix_campaign_project_channel_id"), "campaign", ["project_channel_id"])
    op.create_index(op.f("ix_campaign_prompt_version_id"), "campaign", ["prompt_version_id"])
    op.create_index(op.f("ix_campaign_author_id"), "campaign", ["author_id"])


def extend_offers() -> None:
    """The defaults fill the rows that are there; new rows name every value."""
    state = words("state", "waiting", "writing", "ready", "failed", "cancelled")
    op.add_column("offer", sa.Column("campaign_id", sa.BigInteger(), nullable=True))
    op.add_column("offer", sa.Column("state", state, nullable=False, server_default="failed"))
    op.add_column("offer", sa.Column("failure", sa.String(length=40), nullable=False, server_default=""))
    detail = sa.Column("failure_detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="{}")
    op.add_column("offer", detail)
    op.add_column("offer", sa.Column("attempt_count", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("offer", sa.Column("written_at", sa.DateTime(timezone=True), nullable=True))
    for column in ("state", "failure", "failure_detail", "attempt_count"):
        op.alter_column("offer", column, server_default=None)
    op.create_foreign_key(
        op.f("fk_offer_campaign_id"), "offer", "campaign", ["campaign_id"], ["id"], ondelete="CASCADE"
    )
    op.drop_constraint("uq_offer_project_channel_id_client_id", "offer")
    op.create_unique_constraint(op.f("uq_offer_campaign_id_client_id"), "offer", ["campaign_id", "client_id"])
    by_hand = sa.text("campaign_id IS NULL")
    op.create_index(
        "uq_offer_by_hand", "offer", ["project_channel_id", "client_id"], unique=True, postgresql_where=by_hand
    )
    op.create_index(op.f("ix_offer_project_channel_id"), "offer", ["project_channel_id"])
    op.create_index("ix_offer_campaign_id_state_id", "offer", ["campaign_id", "state", "id"])
    op.create_index("ix_offer_project_id_state_id", "offer", ["project_id", "state", "id"])
    op.create_index("ix_offer_campaign_id_written_at", "offer", ["campaign_id", "written_at"])


def state_of_what_is_there() -> None:
    """Offers with a text are ready since their newest draft; those without one wait for it, or never got it."""
    op.execute(
        """
        UPDATE offer SET state = 'ready', written_at = coalesce(
            (SELECT max(touched_at) FROM message WHERE offer_id = offer.id AND role = 'draft'), created_at
        ) WHERE text <> ''
        """
    )
    op.execute(
        """
        UPDATE offer SET state = 'writing'
        WHERE text = '' AND EXISTS (SELECT 1 FROM message WHERE offer_id = offer.id AND state = 'writing')
        """
    )
    op.execute("UPDATE offer SET failure = 'model' WHERE state = 'failed'")
    op.create_check_constraint(
        op.f("ck_offer_ready_has_text"), "offer", "state <> 'ready' OR (text <> '' AND written_at IS NOT NULL)"
    )


def downgrade() -> None:
    """Offers of campaigns go with their campaigns: a client would have several otherwise."""
    op.execute("DELETE FROM offer WHERE campaign_id IS NOT NULL")
    op.execute("DELETE FROM procrastinate_jobs WHERE queue_name = 'offers'")
    op.drop_index("ix_offer_campaign_id_written_at", "offer")
    op.drop_index("ix_offer_project_id_state_id", "offer")
    op.drop_index("ix_offer_campaign_id_state_id", "offer")
    op.drop_index("ix_offer_project_channel_id", "offer")
    op.drop_index("uq_offer_by_hand", "offer")
    op.drop_constraint("uq_offer_campaign_id_client_id", "offer")
    op.create_unique_constraint("uq_offer_project_channel_id_client_id", "offer", ["project_channel_id", "client_id"])
    op.drop_constraint("ck_offer_ready_has_text", "offer")
    for column in ("campaign_id", "state", "failure", "failure_detail", "attempt_count", "written_at"):
        op.drop_column("offer", column)
    op.drop_table("campaign")
