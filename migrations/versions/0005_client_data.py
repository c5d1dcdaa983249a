"""Sources of clients that are kept, loads in the background, opt-outs, segments, times of keeping.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ADDED_WITH_DEFAULT = (
    "state",
    "duplicates",
    "plan",
    "form",
    "expected_count",
    "updated_count",
    "opted_out_count",
    "failure",
    "failure_detail",
)

# A client's id was not unique before: of several with one id the newest keeps it, and nothing is lost.
OLDER_TWINS = """
    UPDATE client SET outside_id = left(outside_id, 100) || ' (' || id || ')'
    WHERE EXISTS (
        SELECT FROM client AS newer
        WHERE newer.project_id = client.project_id AND newer.outside_id = client.outside_id AND newer.id > client.id
    )
"""
KEEP_REJECTIONS = """
    INSERT INTO client_rejection (import_id, row_number, reason, detail, cells)
    SELECT client_import.id, (rejection ->> 0)::int, rejection ->> 1, left(coalesce(rejection ->> 2, ''), 200), '[]'
    FROM client_import, jsonb_array_elements(rejections) AS rejection
    ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.create_table(
        "client_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("file", "postgresql", "mongodb", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column(
            "state",
            sa.Enum("fetching", "ready", "failed", name="state", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("profile", postgresql.JSONB(), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("failure", sa.String(length=50), nullable=False),
        sa.Column("failure_detail", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_client_source_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_client_source_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_source")),
    )
    op.create_index(op.f("ix_client_source_project_id"), "client_source", ["project_id"], unique=False)
    op.create_table(
        "opt_out",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("identity", sa.String(length=130, collation="C"), nullable=False),
        sa.Column(
            "source",
            sa.Enum("column", "file", "hand", name="source", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_opt_out_project_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_opt_out_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_out")),
        sa.UniqueConstraint(
            "identity", "project_id", name=op.f("uq_opt_out_identity_project_id"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_index("ix_opt_out_project_id_id", "opt_out", ["project_id", "id"], unique=False)
    op.create_table(
        "segment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("conditions", postgresql.JSONB(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_segment_named")),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_segment_author_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_segment_project_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
    )
    op.create_index("uq_segment_project_id_name", "segment", ["project_id", sa.text("lower(name)")], unique=True)
    op.create_table(
        "client_source_part",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["client_source.id"], name=op.f("fk_client_source_part_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", "number", name=op.f("pk_client_source_part")),
    )
    op.create_table(
        "client_rejection",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("cells", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["client_import.id"], name=op.f("fk_client_rejection_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "row_number", name=op.f("pk_client_rejection")),
    )
    op.create_table(
        "client_change",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_client_change_client_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["client_import.id"], name=op.f("fk_client_change_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "client_id", name=op.f("pk_client_change")),
    )
    op.create_index(op.f("ix_client_change_client_id"), "client_change", ["client_id"], unique=False)
    op.drop_index(op.f("ix_client_upload_project_id"), table_name="client_upload")
    op.drop_table("client_upload")
    op.create_unique_constraint(op.f("uq_client_import_project_id_id"), "client_import", ["project_id", "id"])
    op.add_column("client", sa.Column("email", sa.String(length=254), nullable=True))
    op.add_column("client", sa.Column("phone", sa.String(length=20), nullable=True))
    op.add_column(
        "client", sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    op.create_index("ix_client_project_id_updated_at", "client", ["project_id", "updated_at"])
    op.execute(OLDER_TWINS)
    op.alter_column("client", "outside_id", type_=sa.String(length=120, collation="C"))
    op.alter_column("client", "fingerprint", existing_type=sa.VARCHAR(length=64), nullable=True)
    op.drop_index(
        op.f("ix_client_project_outside"), table_name="client", postgresql_ops={"outside_id": "text_pattern_ops"}
    )
    op.drop_constraint(op.f("uq_client_project_id_fingerprint"), "client", type_="unique")
    op.execute("UPDATE client SET fingerprint = NULL WHERE outside_id IS NOT NULL")
    op.create_index(
        "uq_client_project_id_fingerprint",
        "client",
        ["project_id", "fingerprint"],
        unique=True,
        postgresql_where=sa.text("outside_id IS NULL"),
    )
    op.create_unique_constraint(op.f("uq_client_project_id_outside_id"), "client", ["project_id", "outside_id"])
    op.drop_constraint(op.f("fk_client_import_id"), "client", type_="foreignkey")
    op.drop_constraint(op.f("fk_client_project_id"), "client", type_="foreignkey")
    op.drop_index(op.f("ix_client_import_id"), table_name="client")
    op.create_index("ix_client_import_id", "client", ["import_id"], postgresql_using="brin")
    op.create_check_constraint(op.f("ck_client_known"), "client", "outside_id IS NOT NULL OR fingerprint IS NOT NULL")
    op.create_foreign_key(
        op.f("fk_client_project_id_import_id"),
        "client",
        "client_import",
        ["project_id", "import_id"],
        ["project_id", "id"],
        ondelete="CASCADE",
    )
    op.add_column(
        "client_field", sa.Column("bands", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False)
    )
    op.add_column("client_import", sa.Column("source_id", sa.Integer(), nullable=True))
    op.add_column(
        "client_import",
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "reading",
                "placing",
                "finished",
                "interrupted",
                "failed",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="finished",
            nullable=False,
        ),
    )
    op.add_column(
        "client_import",
        sa.Column(
            "duplicates",
            sa.Enum("skip", "update", name="duplicates", native_enum=False, create_constraint=True, length=20),
            server_default="skip",
            nullable=False,
        ),
    )
    op.add_column("client_import", sa.Column("plan", postgresql.JSONB(), server_default="[]", nullable=False))
    op.add_column("client_import", sa.Column("form", postgresql.JSONB(), server_default="{}", nullable=False))
    op.add_column("client_import", sa.Column("expected_count", sa.Integer(), server_default="0", nullable=False))
    op.add_column("client_import", sa.Column("updated_count", sa.Integer(), server_default="0", nullable=False))
    op.add_column("client_import", sa.Column("opted_out_count", sa.Integer(), server_default="0", nullable=False))
    op.add_column("client_import", sa.Column("failure", sa.String(length=50), server_default="", nullable=False))
    op.add_column("client_import", sa.Column("failure_detail", postgresql.JSONB(), server_default="{}", nullable=False))
    op.add_column("client_import", sa.Column("started_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "client_import",
        sa.Column("touched_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.add_column("client_import", sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index(op.f("ix_client_import_project_id"), table_name="client_import")
    op.create_index(
        "ix_client_import_open",
        "client_import",
        ["touched_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'reading', 'placing')"),
    )
    op.create_index(op.f("ix_client_import_source_id"), "client_import", ["source_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_client_import_source_id"), "client_import", "client_source", ["source_id"], ["id"], ondelete="SET NULL"
    )
    op.execute(KEEP_REJECTIONS)
    op.drop_column("client_import", "rejections")
    op.add_column("project", sa.Column("retention_days", sa.Integer(), server_default=sa.text("365"), nullable=False))
    op.create_check_constraint(
        op.f("ck_project_retention_days_in_range"), "project", "retention_days BETWEEN 1 AND 3650"
    )
    for column in ADDED_WITH_DEFAULT:
        op.alter_column("client_import", column, server_default=None)
    op.execute("CREATE SCHEMA staging")


def downgrade() -> None:
    """Back to the tables of 0004; kept sources, opt-outs, segments and what loads changed are lost."""
    op.execute("DROP SCHEMA staging CASCADE")
    op.drop_column("project", "retention_days")
    op.drop_constraint("fk_client_project_id_import_id", "client")
    op.drop_constraint("uq_client_import_project_id_id", "client_import")
    for table in ("client_change", "client_rejection", "segment", "opt_out"):
        op.drop_table(table)
    for column in ("source_id", "started_at", "touched_at", "finished_at", *ADDED_WITH_DEFAULT):
        op.drop_column("client_import", column)
    op.add_column("client_import", sa.Column("rejections", postgresql.JSONB(), server_default="[]", nullable=False))
    op.create_index("ix_client_import_project_id", "client_import", ["project_id"])
    for table in ("client_source_part", "client_source"):
        op.drop_table(table)
    op.drop_column("client_field", "bands")
    op.drop_constraint("ck_client_known", "client")
    op.drop_constraint("uq_client_project_id_outside_id", "client")
    op.drop_index("uq_client_project_id_fingerprint", "client")
    op.drop_index("ix_client_import_id", "client")
    # Rows with an outside id had a fingerprint of the data as well; one of the row itself is as unique.
    op.execute("UPDATE client SET fingerprint = encode(sha256(id::text::bytea), 'hex') WHERE fingerprint IS NULL")
    op.alter_column("client", "fingerprint", nullable=False)
    op.create_unique_constraint("uq_client_project_id_fingerprint", "client", ["project_id", "fingerprint"])
    for column in ("email", "phone", "updated_at"):
        op.drop_column("client", column)
    op.create_index("ix_client_import_id", "client", ["import_id"])
    op.create_index(
        "ix_client_project_outside",
        "client",
        ["project_id", "outside_id"],
        postgresql_ops={"outside_id": "text_pattern_ops"},
    )
    op.create_foreign_key("fk_client_project_id", "client", "project", ["project_id"], ["id"], ondelete="CASCADE")
    op.create_foreign_key("fk_client_import_id", "client", "client_import", ["import_id"], ["id"], ondelete="CASCADE")
    op.create_table(
        "client_upload",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("project_id", sa.Integer(), sa.ForeignKey("project.id", ondelete="CASCADE"), nullable=False),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.create_index("ix_client_upload_project_id", "client_upload", ["project_id"])
