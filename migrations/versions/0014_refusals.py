"""Refusals are found by telephone and e-mail as well, lists of them are kept as one, and ids are compared whatever the
alphabet of their letters.

Revision ID: 0014
Revises: 0013
"""

import hashlib
import hmac

import sqlalchemy as sa
from alembic import op
from flask import current_app

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

LETTERS = (
    "АВЕКМНОРСТУХЅІЈаекорсухѕіј"
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο"
    "\u2010\u2011\u2012\u2013\u2014\u2212"
    "\xa0\u2002\u2003\u2007\u2009\u202f\u3000"
    "\xad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff"
)
REPLACED_BY = "ABEKMHOPCTYXSIJaekopcyxsijABEZHIKMNOPTYXo------" + " " * 7
COMPARED = f"""
    CREATE OR REPLACE FUNCTION pg_temp.compared(id text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN btrim(translate(id, '{LETTERS}', '{REPLACED_BY}'))
"""

# Those who look like another client of their project stay as they are, and so do their opt-outs.
CLIENTS = """
    UPDATE client SET written_id = outside_id, outside_id = pg_temp.compared(outside_id)
    WHERE octet_length(outside_id) > char_length(outside_id)
        AND pg_temp.compared(outside_id) NOT IN ('', outside_id) AND NOT EXISTS (
        SELECT FROM client AS other WHERE other.project_id = client.project_id AND other.id <> client.id
            AND (other.outside_id = pg_temp.compared(client.outside_id)
                OR octet_length(other.outside_id) > char_length(other.outside_id)
                    AND pg_temp.compared(other.outside_id) = pg_temp.compared(client.outside_id))
    )
"""
OPT_OUTS = """
    INSERT INTO opt_out (project_id, identity, source, note, user_id, created_at)
    SELECT project_id, pg_temp.compared(identity), source, note, user_id, created_at FROM opt_out
    WHERE octet_length(identity) > char_length(identity) AND pg_temp.compared(identity) <> ''
    ORDER BY id
    ON CONFLICT DO NOTHING
"""
OPT_OUTS_OF_NOBODY = """
    DELETE FROM opt_out
    WHERE octet_length(identity) > char_length(identity) AND pg_temp.compared(identity) NOT IN ('', identity)
        AND NOT EXISTS (SELECT FROM client WHERE client.outside_id = opt_out.identity)
"""

MARK = "'{sign}' || encode(sha256(convert_to(CAST(:key AS text) || client.{contact}, 'UTF8')), 'hex')"
# As privacy.marks makes them.
KEYS = """
    INSERT INTO opt_out_key (opt_out_id, key)
    SELECT opt_out.id, {mark} FROM client JOIN opt_out
        ON opt_out.identity = coalesce(client.outside_id, '#' || client.fingerprint)
        AND (opt_out.project_id = client.project_id OR opt_out.project_id IS NULL)
    WHERE client.{contact} IS NOT NULL
    ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.create_table(
        "opt_out_key",
        sa.Column("opt_out_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(130, collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["opt_out_id"], ["opt_out.id"], name=op.f("fk_opt_out_key_opt_out_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("opt_out_id", "key", name=op.f("pk_opt_out_key")),
    )
    op.create_index("ix_opt_out_key_key", "opt_out_key", ["key"])
    op.create_table(
        "opt_out_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("added_count", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_opt_out_list_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_opt_out_list_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_out_list")),
    )
    op.create_index(op.f("ix_opt_out_list_project_id"), "opt_out_list", ["project_id"])
    op.add_column("opt_out", sa.Column("list_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_opt_out_list_id"), "opt_out", ["list_id"])
    op.create_foreign_key(
        op.f("fk_opt_out_list_id"), "opt_out", "opt_out_list", ["list_id"], ["id"], ondelete="CASCADE"
    )
    op.add_column("client", sa.Column("written_id", sa.String(120), nullable=True))
    for statement in (COMPARED, CLIENTS, OPT_OUTS, OPT_OUTS_OF_NOBODY):
        op.execute(statement)
    for sign, contact in (("+", "phone"), ("@", "email")):
        keys = KEYS.format(mark=MARK.format(sign=sign, contact=contact), contact=contact)
        op.get_bind().execute(sa.text(keys), {"key": _key_of_marks()})


def _key_of_marks() -> str:
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, b"marks of contacts", hashlib.sha256).hexdigest()[:32]


def downgrade() -> None:
    """Ids stay as they were compared where the bank writes them otherwise; refusals by contact alone are lost."""
    op.execute("DELETE FROM opt_out WHERE identity ~ '^[+@][0-9a-f]{64}$'")
    op.drop_column("client", "written_id")
    op.drop_column("opt_out", "list_id")
    op.drop_table("opt_out_list")
    op.drop_table("opt_out_key")
