"""Copies of clients in the staging tables of loads: they go with the client, and none outlives its load."""

from collections.abc import Sequence

from sqlalchemy import text

from ..database import db
from ..models import ClientImport, ImportState

UNDER_WAY = (ImportState.WAITING, ImportState.READING, ImportState.PLACING, ImportState.INTERRUPTED)
"""A load in one of these may still bring what it has staged."""
PREFIX = "load_"

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'staging'"
# The row itself stays: by their number the worker finds out whether a crash of the database emptied the table. One
# that says that its client must not be written to goes on saying that.
EMPTY = """
    UPDATE staging.{table} SET data = NULL, email = NULL, phone = NULL,
        outside_id = CASE WHEN has_refused THEN outside_id END,
        fingerprint = CASE WHEN has_refused THEN fingerprint END
    WHERE outside_id = ANY(CAST(:outside_ids AS text[])) OR fingerprint = ANY(CAST(:fingerprints AS text[]))
"""


def lock_loads(project_id: int, also: int | None = None) -> None:
    """Let no load of the project that is under way, nor the named one, go on until this transaction ends."""
    theirs = ClientImport.state.in_(UNDER_WAY) | (ClientImport.id == also)
    query = db.select(ClientImport.id).where(ClientImport.project_id == project_id, theirs)
    db.session.execute(query.order_by(ClientImport.id).with_for_update())


def forget(project_id: int, outside_ids: Sequence[str], fingerprints: Sequence[str]) -> None:
    """Empty the staged rows of these clients, so that no load brings them back; the caller has locked the loads."""
    loads = db.select(ClientImport.id).where(ClientImport.project_id == project_id, ClientImport.state.in_(UNDER_WAY))
    known = {"outside_ids": list(outside_ids), "fingerprints": list(fingerprints)}
    for table in _tables() & {f"{PREFIX}{number}" for number in db.session.scalars(loads)}:
        db.session.execute(text(EMPTY.format(table=table)), known)


def drop_left() -> None:
    """Drop the tables of loads that have ended or are gone."""
    loads = db.select(ClientImport.id).where(ClientImport.state.in_(UNDER_WAY))
    for table in _tables() - {f"{PREFIX}{number}" for number in db.session.scalars(loads)}:
        db.session.execute(text(f"DROP TABLE IF EXISTS staging.{table}"))


def _tables() -> set[str]:
    return set(db.session.scalars(text(TABLES)))
