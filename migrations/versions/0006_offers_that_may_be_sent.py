"""Benefits, endings and rules of channels, reviews, branches of conversations, examples.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KINDS = ("loan", "card", "deposit", "mortgage", "insurance", "investment", "account", "service")
STATES = ("waiting", "writing", "ready", "failed", "cancelled")
ROLES = ("prompt", "draft")
CURRENT = """
    UPDATE offer SET current_id = (
        SELECT max(message.id) FROM message
        WHERE message.offer_id = offer.id AND message.role = 'draft' AND message.text = offer.text
    ) WHERE offer.text <> ''
"""


def upgrade() -> None:
    _catalogue()
    op.add_column("prompt_version", sa.Column("note", sa.String(300), server_default="", nullable=False))
    _campaigns()
    _words("offer", "state", (*STATES, "needs_person"))
    _words("message", "role", (*ROLES, "edit"))
    _messages()
    _offers()
    _reviews()


def downgrade() -> None:
    op.drop_table("example_choice")
    op.drop_table("review_action")
    for name in ("needs_person_has_text", "reviewed_has_text", "rejected_with_reason"):
        op.drop_constraint(op.f(f"ck_offer_{name}"), "offer")
    op.execute("UPDATE offer SET state = 'ready' WHERE state = 'needs_person'")
    op.execute("DELETE FROM message WHERE role = 'edit'")
    _words("offer", "state", STATES)
    _words("message", "role", ROLES)
    op.create_index(op.f("ix_offer_prompt_version_id"), "offer", ["prompt_version_id"])
    for name in (
        "current_id", "benefit_id", "angle", "verdict", "review", "review_reason", "reviewer_id", "reviewed_at",
        "revision",
    ):  # fmt: skip
        op.drop_column("offer", name)
    op.drop_column("message", "parent_id")
    op.drop_column("message", "round_count")
    op.drop_column("campaign", "benefit_id")
    op.drop_column("prompt_version", "note")
    op.drop_table("rule_setting")
    op.drop_table("channel_ending")
    op.drop_table("benefit")
    op.drop_column("product", "full_cost")


def _catalogue() -> None:
    op.add_column("product", sa.Column("full_cost", sa.String(80), server_default="", nullable=False))
    op.create_table(
        "benefit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("signs", postgresql.JSONB(), nullable=False),
        sa.Column("conditions", postgresql.JSONB(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("btrim(text) <> ''", name=op.f("ck_benefit_text_not_empty")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_benefit_product_id_product"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefit")),
    )
    op.create_index("ix_benefit_product_id_position", "benefit", ["product_id", "position"])
    op.create_table(
        "channel_ending",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sale_channel_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint("btrim(text) <> ''", name=op.f("ck_channel_ending_text_not_empty")),
        _one_of("channel_ending", "kind", KINDS),
        _of_channel("channel_ending"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_ending")),
        sa.UniqueConstraint("sale_channel_id", "kind", name=op.f("uq_channel_ending_sale_channel_id_kind")),
    )
    op.create_table(
        "rule_setting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sale_channel_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(60), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("limit", sa.Float(), nullable=True),
        sa.CheckConstraint('"limit" >= 0', name=op.f("ck_rule_setting_limit_not_negative")),
        _of_channel("rule_setting"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_setting")),
        sa.UniqueConstraint("sale_channel_id", "rule", name=op.f("uq_rule_setting_sale_channel_id_rule")),
    )


def _of_channel(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_sale_channel_id_sale_channel")
    return sa.ForeignKeyConstraint(["sale_channel_id"], ["sale_channel.id"], name=name, ondelete="CASCADE")


def _campaigns() -> None:
    op.add_column("campaign", sa.Column("benefit_id", sa.Integer(), nullable=True))
    _refer("campaign", "benefit_id", "benefit")


def _messages() -> None:
    op.add_column("message", sa.Column("parent_id", sa.BigInteger(), nullable=True))
    op.add_column("message", sa.Column("round_count", sa.Integer(), server_default="1", nullable=False))
    _refer("message", "parent_id", "message")


def _offers() -> None:
    op.add_column("offer", sa.Column("current_id", sa.BigInteger(), nullable=True))
    op.execute(CURRENT)
    op.add_column("offer", sa.Column("benefit_id", sa.Integer(), nullable=True))
    op.add_column("offer", sa.Column("angle", sa.String(200), server_default="", nullable=False))
    for name, first in (("verdict", "unchecked"), ("review", "open")):
        op.add_column("offer", sa.Column(name, sa.String(20), server_default=first, nullable=False))
    _words("offer", "verdict", ("unchecked", "clean", "warn", "block"), is_new=True)
    _words("offer", "review", ("open", "approved", "rejected"), is_new=True)
    op.add_column("offer", sa.Column("review_reason", sa.String(500), server_default="", nullable=False))
    op.add_column("offer", sa.Column("reviewer_id", sa.Integer(), nullable=True))
    op.add_column("offer", sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("offer", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    _refer("offer", "current_id", "message")
    _refer("offer", "benefit_id", "benefit")
    _refer("offer", "reviewer_id", "user")
    for name, rule in (
        ("needs_person_has_text", "state <> 'needs_person' OR text <> ''"),
        ("reviewed_has_text", "review = 'open' OR (text <> '' AND reviewed_at IS NOT NULL)"),
        ("rejected_with_reason", "review <> 'rejected' OR btrim(review_reason) <> ''"),
    ):
        op.create_check_constraint(op.f(f"ck_offer_{name}"), "offer", rule)
    results = ["prompt_version_id", "state", "verdict", "review", "outcome"]
    op.create_index("ix_offer_prompt_version_id_results", "offer", results)
    op.drop_index(op.f("ix_offer_prompt_version_id"), "offer")
    op.create_index("ix_offer_project_id_review_verdict_id", "offer", ["project_id", "review", "verdict", "id"])
    op.create_index("ix_offer_project_channel_id_review_id", "offer", ["project_channel_id", "review", "id"])


def _reviews() -> None:
    op.create_table(
        "review_action",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.String(20), nullable=False),
        sa.Column("batch", sa.String(36), nullable=False),
        sa.Column("reason", sa.String(500), server_default="", nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("is_undone", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        _one_of("review_action", "verb", ("approve", "reject", "edit", "reopen")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_review_action_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offer.id"], name=op.f("fk_review_action_offer_id_offer"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_review_action_user_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_action")),
    )
    op.create_index("ix_review_action_offer_id_id", "review_action", ["offer_id", "id"])
    op.create_index("ix_review_action_project_id_id", "review_action", ["project_id", "id"])
    op.create_index("ix_review_action_batch", "review_action", ["batch"])
    op.create_index(op.f("ix_review_action_user_id"), "review_action", ["user_id"])
    op.create_table(
        "example_choice",
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("project_channel_id", sa.Integer(), nullable=False),
        sa.Column("use", sa.String(20), nullable=False),
        _one_of("example_choice", "use", ("pinned", "off")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offer.id"], name=op.f("fk_example_choice_offer_id_offer"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_channel_id"],
            ["project_sale_channel.id"],
            name=op.f("fk_example_choice_project_channel_id_project_sale_channel"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_example_choice")),
    )
    op.create_index(op.f("ix_example_choice_project_channel_id"), "example_choice", ["project_channel_id"])


def _refer(table: str, column: str, to: str) -> None:
    """A column that is emptied when what it refers to goes, with its index."""
    op.create_foreign_key(op.f(f"fk_{table}_{column}_{to}"), table, to, [column], ["id"], ondelete="SET NULL")
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _one_of(table: str, column: str, words: tuple[str, ...]) -> sa.CheckConstraint:
    return sa.CheckConstraint(_rule(column, words), name=op.f(f"ck_{table}_{column}"))


def _words(table: str, column: str, words: tuple[str, ...], *, is_new: bool = False) -> None:
    """What a column may say."""
    name = op.f(f"ck_{table}_{column}")
    if not is_new:
        op.drop_constraint(name, table)
    op.create_check_constraint(name, table, _rule(column, words))


def _rule(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"
