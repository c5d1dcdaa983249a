"""Between which ends the values of a client field are likely.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ENDS = ("lowest", "highest")


def upgrade() -> None:
    for end in ENDS:
        op.add_column("client_field", sa.Column(end, sa.String(40), nullable=False, server_default=""))


def downgrade() -> None:
    for end in ENDS:
        op.drop_column("client_field", end)
