"""How Alembic finds our tables and runs inside the application."""

from alembic import context
from flask import current_app

from marketing_app.database import db


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Procrastinate's tables come with its own schema; the autogeneration leaves them alone."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def run_migrations() -> None:
    """All pending migrations in one transaction: an upgrade that fails changes nothing."""
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_name=is_ours,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
