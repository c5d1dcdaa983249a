"""Prompts keep the numbers of their examples instead of the words; approvals end when the client opts out.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

VERBS = ("approve", "reject", "edit", "reopen")

# Which offers were the examples of earlier drafts is not known, so that their prompts go wherever there may be some.
PROMPTS_WITH_EXAMPLES = """
    UPDATE message SET prompt = '' FROM offer
    WHERE offer.id = message.offer_id AND message.prompt <> '' AND offer.project_channel_id IN (
        SELECT project_channel_id FROM offer WHERE review = 'approved'
        UNION
        SELECT approved.project_channel_id FROM offer AS approved
            JOIN review_action ON review_action.offer_id = approved.id WHERE verb = 'approve'
    )
"""


def upgrade() -> None:
    ids = postgresql.ARRAY(sa.BigInteger())
    op.add_column("message", sa.Column("example_ids", ids, server_default="{}", nullable=False))
    op.execute(PROMPTS_WITH_EXAMPLES)
    _verbs((*VERBS, "withdraw"))
    op.create_index(
        "ix_review_action_withdrawn",
        "review_action",
        ["project_id", "offer_id"],
        postgresql_where=sa.text("verb = 'withdraw'"),
    )
    # Typed for one refusal each; a list has a note of its own.
    op.create_index(
        "ix_opt_out_noted", "opt_out", ["project_id"], postgresql_where=sa.text("note <> '' AND list_id IS NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_opt_out_noted", "opt_out")
    op.drop_index("ix_review_action_withdrawn", "review_action")
    op.execute("DELETE FROM review_action WHERE verb = 'withdraw'")
    _verbs(VERBS)
    op.drop_column("message", "example_ids")


def _verbs(words: tuple[str, ...]) -> None:
    name = op.f("ck_review_action_verb")
    op.drop_constraint(name, "review_action")
    op.create_check_constraint(name, "review_action", f"verb IN ({', '.join(repr(word) for word in words)})")
