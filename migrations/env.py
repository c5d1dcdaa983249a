"""How Alembic finds our tables and runs inside the application."""

from alembic import context
from flask import current_app

from marketing_app.database import db


def run_migrations() -> None:
    """All pending migrations in one transaction: an upgrade that fails changes nothing."""
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
