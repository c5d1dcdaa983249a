"""A text bank: sentences and whole texts of the bank's own, and the offers that are finished with them.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KINDS = ("loan", "card", "deposit", "mortgage", "insurance", "investment", "account", "service")
ROLES = ("opening", "continuation", "call_to_action", "whole")
MESSAGE_ROLES = ("prompt", "draft", "edit")
USES = ("finished_with_id", "opened_with_id")
FINISHED = (
    ("finished_with_id", "review", "outcome"),
    ("opened_with_id", "review", "outcome"),
    ("project_channel_id", "finished_with_id"),
    ("campaign_id", "finished_with_id"),
)


def upgrade() -> None:
    _make_bank()
    _words_of_messages(*MESSAGE_ROLES, "bank")
    for table in ("offer", "message"):
        for column in USES:
            op.add_column(table, sa.Column(column, sa.BigInteger(), nullable=True))
            op.create_foreign_key(
                op.f(f"fk_{table}_{column}"), table, "bank_text", [column], ["id"], ondelete="SET NULL"
            )
    for columns in FINISHED:
        used = "opened_with_id" if "opened_with_id" in columns else "finished_with_id"
        _index_used("offer", used, *columns)
    for column in USES:
        _index_used("message", column, column)
    op.add_column("campaign", sa.Column("is_from_bank", sa.Boolean(), nullable=False, server_default="false"))


def downgrade() -> None:
    """Offers keep the texts that they got from the bank."""
    op.drop_column("campaign", "is_from_bank")
    for table in ("message", "offer"):
        for column in USES:
            op.drop_column(table, column)
    op.execute("UPDATE message SET role = 'edit' WHERE role = 'bank'")
    _words_of_messages(*MESSAGE_ROLES)
    op.drop_table("bank_text")


def _make_bank() -> None:
    op.create_table(
        "bank_text",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("role", _words("role", *ROLES), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("kind", _words("kind", *KINDS), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("sale_channel_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("is_ours", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_by_id", sa.Integer(), nullable=True),
        sa.Column("cleared_until", sa.Date(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("btrim(text) <> ''", name=op.f("ck_bank_text_text_not_empty")),
        sa.CheckConstraint("language IN ('ru', 'en')", name=op.f("ck_bank_text_language_known")),
        sa.CheckConstraint("kind IS NULL OR product_id IS NULL", name=op.f("ck_bank_text_of_a_kind_or_a_product")),
        sa.CheckConstraint(
            "cleared_until IS NULL OR cleared_at IS NOT NULL", name=op.f("ck_bank_text_until_needs_clearing")
        ),
        *(_refer(column, table, gone) for column, (table, gone) in REFERENCES.items()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_text")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_bank_text_fingerprint")),
    )
    for column in REFERENCES:
        op.create_index(op.f(f"ix_bank_text_{column}"), "bank_text", [column])


REFERENCES = {
    "product_id": ("product", "CASCADE"),
    "sale_channel_id": ("sale_channel", "CASCADE"),
    "author_id": ("user", "SET NULL"),
    "cleared_by_id": ("user", "SET NULL"),
}


def _refer(column: str, table: str, gone: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_bank_text_{column}"), ondelete=gone)


def _index_used(table: str, used: str, *columns: str) -> None:
    name = f"ix_{table}_{'_'.join(columns)}"
    op.create_index(name, table, list(columns), postgresql_where=sa.text(f"{used} IS NOT NULL"))


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def _words_of_messages(*values: str) -> None:
    op.drop_constraint(op.f("ck_message_role"), "message")
    listed = ", ".join(f"'{value}'" for value in values)
    op.create_check_constraint(op.f("ck_message_role"), "message", f"role IN ({listed})")
