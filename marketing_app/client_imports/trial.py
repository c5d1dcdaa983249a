"""The demonstration's own database as a source, so that a newcomer loads clients before they know a database."""

from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import text

from ..database import db
from ..imports.addresses import own_server

TABLE = "demonstration.clients"
USER = "demonstration_reader"
PASSWORD = "demonstration"  # noqa: S105 no secret: production has no such user
IS_THERE = text("SELECT to_regclass(:table) IS NOT NULL AND EXISTS (SELECT FROM pg_roles WHERE rolname = :role)")


@dataclass(frozen=True)
class TrialDatabase:
    """What the form for PostgreSQL is filled with; the password is no secret."""

    settings: dict[str, Any]
    password: str


def trial_database() -> TrialDatabase | None:
    """None in production, and where the demonstration was never loaded."""
    if current_app.config["STUDIO"].is_production:
        return None
    if not db.session.scalar(IS_THERE, {"table": TABLE, "role": USER}):
        return None
    host, port = own_server(current_app.config["SQLALCHEMY_DATABASE_URI"]).places[0]
    query = f"SELECT * FROM {TABLE}"  # noqa: S608 our own name
    where = {"host": host, "port": port, "database": db.engine.url.database, "user": USER}
    return TrialDatabase(where | {"query": query}, PASSWORD)
