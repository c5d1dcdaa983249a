"""What loads that are under way know of clients: it goes with the client, and none outlives its load."""

from collections.abc import Sequence

from ..client_imports.staging import Stage, drop_all_but
from ..database import db
from ..models import ClientImport, ImportState

UNDER_WAY = (ImportState.WAITING, ImportState.READING, ImportState.PLACING, ImportState.INTERRUPTED)
"""A load in one of these may still bring what it has staged, and what it has not read yet."""


def lock_loads(project_id: int) -> None:
    """Let no load of the project go on or be taken back until this transaction ends."""
    query = db.select(ClientImport.id).where(ClientImport.project_id == project_id)
    db.session.execute(query.order_by(ClientImport.id).with_for_update())


def forget(project_id: int, identities: Sequence[str]) -> None:
    """Let no load bring these clients back (see Client.identity); the caller has locked the loads."""
    query = db.select(ClientImport).where(ClientImport.project_id == project_id, ClientImport.state.in_(UNDER_WAY))
    for load in db.session.scalars(query).all():
        Stage(load).forget(identities)


def drop_left() -> None:
    """Drop the tables of loads that have ended or are gone."""
    loads = db.select(ClientImport.id).where(ClientImport.state.in_(UNDER_WAY))
    drop_all_but(db.session.scalars(loads).all())
