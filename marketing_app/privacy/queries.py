"""Reading for the pages of the clients' rights."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func
from sqlalchemy.dialects.postgresql import ARRAY

from ..client_imports.sources import unloaded
from ..database import db
from ..models import Client, ClientImport, ClientRejection, ClientSource, Offer, OptOut, Project
from ..web.paging import Page, page_of
from .retention import next_night

MOST_COUNTED = 10_000
"""Clients of one night that are counted; a page says of more only that they are more."""


@dataclass(frozen=True)
class Forecast:
    """The next night in which clients are erased because their time is over, and how many."""

    night: datetime
    count: int

    @property
    def is_more(self) -> bool:
        return self.count > MOST_COUNTED


@dataclass(frozen=True)
class Erased:
    """What goes with a client or a load."""

    client_count: int
    offer_count: int
    source_count: int
    rejection_count: int = 0


def opt_outs_page(project: Project, search: str, number: int) -> Page:
    """Those of the project and those of the whole bank, the newest first."""
    query = db.select(OptOut).where(_reaches(project.id))
    if search:
        query = query.where(OptOut.identity.startswith(search, autoescape=True))
    total = db.session.scalar(query.with_only_columns(func.count())) or 0
    return page_of(query.order_by(OptOut.id.desc()), total, number)


def opt_outs_of(client: Client) -> Sequence[OptOut]:
    """Those that keep the client from being written to, the bank's first."""
    query = db.select(OptOut).where(OptOut.identity == client.identity, _reaches(client.project_id))
    return db.session.scalars(query.order_by(OptOut.project_id.nulls_first())).all()


def count_known(project: Project, identities: Collection[str]) -> int:
    """How many of these ids are clients of the project."""
    given = cast(list(identities), ARRAY(String))
    return _count(db.select(Client.id).where(Client.project_id == project.id, Client.outside_id == func.any(given)))


def next_erasure(project: Project) -> Forecast | None:
    """None while the project has no clients."""
    kept = timedelta(days=project.retention_days)
    oldest = db.session.scalar(db.select(func.min(Client.updated_at)).where(Client.project_id == project.id))
    if oldest is None:
        return None
    night = next_night(max(oldest + kept, datetime.now(UTC)))
    theirs = db.select(Client.id).where(Client.project_id == project.id, Client.updated_at < night - kept)
    return Forecast(night, _count(theirs.limit(MOST_COUNTED + 1)))


def goes_with_client(client: Client) -> Erased:
    return _goes(client.project_id, Client.id == client.id)


def goes_with_import(load: ClientImport) -> Erased:
    theirs = (Client.import_id == load.id) & (Client.project_id == load.project_id)
    rejections = db.select(ClientRejection.row_number).where(ClientRejection.import_id == load.id)
    return _goes(load.project_id, theirs, _count(rejections))


def _goes(project_id: int, chosen: ColumnElement[bool], rejection_count: int = 0) -> Erased:
    clients = db.select(Client.id).where(chosen)
    return Erased(
        client_count=_count(clients),
        offer_count=_count(db.select(Offer.id).where(Offer.client_id.in_(clients))),
        source_count=_count(db.select(ClientSource.id).where(unloaded(project_id))),
        rejection_count=rejection_count,
    )


def _count(query: Select[Any]) -> int:
    return db.session.scalar(db.select(func.count()).select_from(query.subquery())) or 0


def _reaches(project_id: int) -> ColumnElement[bool]:
    return (OptOut.project_id == project_id) | OptOut.project_id.is_(None)
