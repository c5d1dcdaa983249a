"""The first tables, the counts kept by triggers, and prompt versions that cannot change.

Revision ID: 0001
Create Date: 2026-11-24 02:14:10.207005

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

FUNCTIONS = (
    "count_clients_added",
    "count_clients_removed",
    "count_offers_added",
    "count_offers_removed",
    "count_offers_changed",
    "refuse_change_of_prompt_version",
)

# Statement triggers with transition tables: one addition per statement, however many rows COPY brings.
TRIGGERS = (
    """
    CREATE FUNCTION count_clients_added() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO client_count (project_id, count)
            SELECT project_id, count(*) FROM added GROUP BY project_id ORDER BY project_id
            ON CONFLICT (project_id) DO UPDATE SET count = client_count.count + excluded.count;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER client_added AFTER INSERT ON client REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION count_clients_added()
    """,
    """
    CREATE FUNCTION count_clients_removed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE client_count SET count = client_count.count - gone.count
            FROM (SELECT project_id, count(*) AS count FROM removed GROUP BY project_id) AS gone
            WHERE client_count.project_id = gone.project_id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER client_removed AFTER DELETE ON client REFERENCING OLD TABLE AS removed
        FOR EACH STATEMENT EXECUTE FUNCTION count_clients_removed()
    """,
    """
    CREATE FUNCTION count_offers_added() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO offer_count (project_channel_id, outcome, count)
            SELECT project_channel_id, outcome, count(*) FROM added GROUP BY 1, 2 ORDER BY 1, 2
            ON CONFLICT (project_channel_id, outcome) DO UPDATE SET count = offer_count.count + excluded.count;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER offer_added AFTER INSERT ON offer REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION count_offers_added()
    """,
    """
    CREATE FUNCTION count_offers_removed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE offer_count SET count = offer_count.count - gone.count
            FROM (SELECT project_channel_id, outcome, count(*) AS count FROM removed GROUP BY 1, 2) AS gone
            WHERE offer_count.project_channel_id = gone.project_channel_id AND offer_count.outcome = gone.outcome;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER offer_removed AFTER DELETE ON offer REFERENCING OLD TABLE AS removed
        FOR EACH STATEMENT EXECUTE FUNCTION count_offers_removed()
    """,
    """
    CREATE FUNCTION count_offers_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO offer_count (project_channel_id, outcome, count)
            SELECT project_channel_id, outcome, sum(change) FROM (
                SELECT added.project_channel_id, added.outcome, 1 AS change
                    FROM added JOIN removed USING (id) WHERE added.outcome <> removed.outcome
                UNION ALL
                SELECT removed.project_channel_id, removed.outcome, -1
                    FROM added JOIN removed USING (id) WHERE added.outcome <> removed.outcome
            ) AS changes GROUP BY 1, 2 ORDER BY 1, 2
            ON CONFLICT (project_channel_id, outcome) DO UPDATE SET count = offer_count.count + excluded.count;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER offer_changed AFTER UPDATE ON offer REFERENCING OLD TABLE AS removed NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION count_offers_changed()
    """,
    """
    CREATE FUNCTION refuse_change_of_prompt_version() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a prompt version cannot be changed' USING ERRCODE = 'check_violation';
    END $$
    """,
    """
    CREATE TRIGGER prompt_version_is_immutable BEFORE UPDATE ON prompt_version
        FOR EACH ROW EXECUTE FUNCTION refuse_change_of_prompt_version()
    """,
)


def upgrade():
    op.create_table('product',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.Enum('loan', 'card', 'deposit', 'mortgage', 'insurance', 'investment', 'account', 'service', name='kind', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('link', sa.String(length=500), nullable=False),
    sa.Column('image', sa.String(length=80), nullable=False),
    sa.CheckConstraint("key <> '' AND name <> ''", name=op.f('ck_product_named')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_product')),
    sa.UniqueConstraint('key', name=op.f('uq_product_key'))
    )
    op.create_table('sale_channel',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('max_length', sa.Integer(), nullable=True),
    sa.Column('image', sa.String(length=80), nullable=False),
    sa.CheckConstraint("key <> '' AND name <> ''", name=op.f('ck_sale_channel_named')),
    sa.CheckConstraint('max_length > 0', name=op.f('ck_sale_channel_max_length_positive')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sale_channel')),
    sa.UniqueConstraint('key', name=op.f('uq_sale_channel_key'))
    )
    op.create_table('user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('password_hash', sa.String(length=255), nullable=False),
    sa.Column('session_stamp', sa.String(length=32), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('is_administrator', sa.Boolean(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("language IN ('ru', 'en')", name=op.f('ck_user_language_known')),
    sa.CheckConstraint('email = lower(email)', name=op.f('ck_user_email_lower')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user')),
    sa.UniqueConstraint('email', name=op.f('uq_user_email'))
    )
    op.create_table('audit_entry',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('action', sa.String(length=20), nullable=False),
    sa.Column('object_type', sa.String(length=40), nullable=False),
    sa.Column('object_id', sa.String(length=40), nullable=False),
    sa.Column('object_name', sa.String(length=254), nullable=False),
    sa.Column('changes', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_audit_entry_user_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index('ix_audit_entry_object', ['object_type', 'object_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_user_id'), ['user_id'], unique=False)

    op.create_table('project',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('product_id', sa.Integer(), nullable=False),
    sa.Column('occasion', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('is_archived', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("language IN ('ru', 'en')", name=op.f('ck_project_language_known')),
    sa.CheckConstraint("name <> ''", name=op.f('ck_project_named')),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], name=op.f('fk_project_product_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project'))
    )
    with op.batch_alter_table('project', schema=None) as batch_op:
        batch_op.create_index('ix_project_lower_name', [sa.literal_column('lower(name)')], unique=False)
        batch_op.create_index(batch_op.f('ix_project_product_id'), ['product_id'], unique=False)

    op.create_table('client_count',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('count', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_client_count_project_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('project_id', name=op.f('pk_client_count'))
    )
    op.create_table('client_field',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('type', sa.Enum('text', 'integer', 'decimal', 'code', 'date', name='type', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('codes', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('sensitivity', sa.Enum('open', 'personal', 'behaviour', 'secret', name='sensitivity', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('is_in_prompt', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.CheckConstraint("NOT (sensitivity = 'secret' AND is_in_prompt)", name=op.f('ck_client_field_secret_stays_out_of_prompts')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_client_field_project_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_client_field')),
    sa.UniqueConstraint('project_id', 'key', name=op.f('uq_client_field_project_id_key'))
    )
    op.create_table('client_import',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('source', sa.String(length=255), nullable=False),
    sa.Column('row_count', sa.Integer(), nullable=False),
    sa.Column('added_count', sa.Integer(), nullable=False),
    sa.Column('duplicate_count', sa.Integer(), nullable=False),
    sa.Column('rejected_count', sa.Integer(), nullable=False),
    sa.Column('rejections', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_client_import_project_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_client_import_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_client_import'))
    )
    with op.batch_alter_table('client_import', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_client_import_project_id'), ['project_id'], unique=False)

    op.create_table('client_upload',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('filename', sa.String(length=255), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_client_upload_project_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_client_upload_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_client_upload'))
    )
    with op.batch_alter_table('client_upload', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_client_upload_project_id'), ['project_id'], unique=False)

    op.create_table('project_sale_channel',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('sale_channel_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_sale_channel_project_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['sale_channel_id'], ['sale_channel.id'], name=op.f('fk_project_sale_channel_sale_channel_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_sale_channel')),
    sa.UniqueConstraint('project_id', 'sale_channel_id', name=op.f('uq_project_sale_channel_project_id_sale_channel_id'))
    )
    with op.batch_alter_table('project_sale_channel', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_sale_channel_sale_channel_id'), ['sale_channel_id'], unique=False)

    op.create_table('project_user',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.Enum('manager', 'performer', name='role', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_user_project_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_project_user_user_id')),
    sa.PrimaryKeyConstraint('project_id', 'user_id', name=op.f('pk_project_user'))
    )
    with op.batch_alter_table('project_user', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_user_user_id'), ['user_id'], unique=False)

    op.create_table('client',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('outside_id', sa.String(length=120), nullable=True),
    sa.Column('data', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['client_import.id'], name=op.f('fk_client_import_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_client_project_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_client')),
    sa.UniqueConstraint('project_id', 'fingerprint', name=op.f('uq_client_project_id_fingerprint'))
    )
    with op.batch_alter_table('client', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_client_import_id'), ['import_id'], unique=False)
        batch_op.create_index('ix_client_project_id_id', ['project_id', 'id'], unique=False)
        batch_op.create_index('ix_client_project_outside', ['project_id', 'outside_id'], unique=False, postgresql_ops={'outside_id': 'text_pattern_ops'})

    op.create_table('offer_count',
    sa.Column('project_channel_id', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.Enum('unknown', 'sold', 'interested', 'considering', 'positive', 'negative', name='outcome', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('count', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['project_channel_id'], ['project_sale_channel.id'], name=op.f('fk_offer_count_project_channel_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('project_channel_id', 'outcome', name=op.f('pk_offer_count'))
    )
    op.create_table('prompt_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_channel_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("btrim(text) <> ''", name=op.f('ck_prompt_version_text_not_empty')),
    sa.CheckConstraint('number > 0', name=op.f('ck_prompt_version_number_positive')),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_prompt_version_author_id')),
    sa.ForeignKeyConstraint(['project_channel_id'], ['project_sale_channel.id'], name=op.f('fk_prompt_version_project_channel_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_prompt_version')),
    sa.UniqueConstraint('project_channel_id', 'number', name=op.f('uq_prompt_version_project_channel_id_number'))
    )
    op.create_table('offer',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('project_channel_id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.BigInteger(), nullable=False),
    sa.Column('prompt_version_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('outcome', sa.Enum('unknown', 'sold', 'interested', 'considering', 'positive', 'negative', name='outcome', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_offer_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['project_channel_id'], ['project_sale_channel.id'], name=op.f('fk_offer_project_channel_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_offer_project_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['prompt_version_id'], ['prompt_version.id'], name=op.f('fk_offer_prompt_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offer')),
    sa.UniqueConstraint('project_channel_id', 'client_id', name=op.f('uq_offer_project_channel_id_client_id'))
    )
    with op.batch_alter_table('offer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_offer_client_id'), ['client_id'], unique=False)
        batch_op.create_index('ix_offer_project_id_id', ['project_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_offer_prompt_version_id'), ['prompt_version_id'], unique=False)

    op.create_table('message',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('offer_id', sa.BigInteger(), nullable=False),
    sa.Column('role', sa.Enum('prompt', 'draft', name='role', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('state', sa.Enum('writing', 'ready', 'stopped', 'failed', name='state', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('is_beginning', sa.Boolean(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('prompt', sa.Text(), nullable=False),
    sa.Column('drafts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('model_name', sa.String(length=200), nullable=False),
    sa.Column('prompt_token_count', sa.Integer(), nullable=False),
    sa.Column('token_count', sa.Integer(), nullable=False),
    sa.Column('seconds', sa.Double(), nullable=False),
    sa.Column('failure', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('touched_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_message_author_id')),
    sa.ForeignKeyConstraint(['offer_id'], ['offer.id'], name=op.f('fk_message_offer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message'))
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index('ix_message_offer_id_id', ['offer_id', 'id'], unique=False)
        batch_op.create_index('ix_message_writing', ['touched_at'], unique=False, postgresql_where=sa.text("state = 'writing'"))

    for statement in TRIGGERS:
        op.execute(statement)


def downgrade():
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index('ix_message_writing', postgresql_where=sa.text("state = 'writing'"))
        batch_op.drop_index('ix_message_offer_id_id')

    op.drop_table('message')
    with op.batch_alter_table('offer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_offer_prompt_version_id'))
        batch_op.drop_index('ix_offer_project_id_id')
        batch_op.drop_index(batch_op.f('ix_offer_client_id'))

    op.drop_table('offer')
    op.drop_table('prompt_version')
    op.drop_table('offer_count')
    with op.batch_alter_table('client', schema=None) as batch_op:
        batch_op.drop_index('ix_client_project_outside', postgresql_ops={'outside_id': 'text_pattern_ops'})
        batch_op.drop_index('ix_client_project_id_id')
        batch_op.drop_index(batch_op.f('ix_client_import_id'))

    op.drop_table('client')
    with op.batch_alter_table('project_user', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_user_user_id'))

    op.drop_table('project_user')
    with op.batch_alter_table('project_sale_channel', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_sale_channel_sale_channel_id'))

    op.drop_table('project_sale_channel')
    with op.batch_alter_table('client_upload', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_client_upload_project_id'))

    op.drop_table('client_upload')
    with op.batch_alter_table('client_import', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_client_import_project_id'))

    op.drop_table('client_import')
    op.drop_table('client_field')
    op.drop_table('client_count')
    with op.batch_alter_table('project', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_product_id'))
        batch_op.drop_index('ix_project_lower_name')

    op.drop_table('project')
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_entry_user_id'))
        batch_op.drop_index('ix_audit_entry_object')

    op.drop_table('audit_entry')
    op.drop_table('user')
    op.drop_table('sale_channel')
    op.drop_table('product')
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}()")
