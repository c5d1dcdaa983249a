"""Sessions that the server ends, invitations to projects, and from where an entry of the audit came.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TRIGGER = (
    """
    CREATE FUNCTION end_sessions_of_user() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM user_session WHERE user_id = NEW.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER user_sessions_end AFTER UPDATE OF password_hash, is_active ON "user" FOR EACH ROW
        WHEN (NEW.password_hash <> OLD.password_hash OR NEW.is_active <> OLD.is_active)
        EXECUTE FUNCTION end_sessions_of_user()
    """,
)


def upgrade() -> None:
    op.create_table(
        "user_session",
        sa.Column("key", sa.String(43), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_user_session_user_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_user_session")),
    )
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"])
    for statement in TRIGGER:
        op.execute(statement)
    op.drop_column("user", "session_stamp")

    op.create_table(
        "project_invitation",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column(
            "role",
            sa.Enum("manager", "performer", name="role", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_project_invitation_email_lower")),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_project_invitation_author_id")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_invitation_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "email", name=op.f("pk_project_invitation")),
    )
    op.create_index(op.f("ix_project_invitation_email"), "project_invitation", ["email"])

    op.add_column("audit_entry", sa.Column("address", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("audit_entry", "address")
    op.drop_table("project_invitation")
    op.add_column("user", sa.Column("session_stamp", sa.String(32), nullable=True))
    op.execute("UPDATE \"user\" SET session_stamp = replace(gen_random_uuid()::text, '-', '')")
    op.alter_column("user", "session_stamp", nullable=False)
    op.execute('DROP TRIGGER user_sessions_end ON "user"')
    op.execute("DROP FUNCTION end_sessions_of_user")
    op.drop_table("user_session")
