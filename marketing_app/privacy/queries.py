"""Reading for the pages of the clients' rights."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from ..client_imports.sources import unloaded
from ..database import db
from ..imports.ids import compared
from ..models import Client, ClientImport, ClientRejection, ClientSource, Offer, OptOut, OptOutList, Project
from ..web.paging import Page, page_of
from .id_files import IdFile
from .naming import Kind, Named, named
from .retention import next_night
from .services import concerns, is_meant_by

MOST_COUNTED = 10_000
"""Clients of one night that are counted; a page says of more only that they are more."""
LISTS_SHOWN = 10
KNOWN_BY: dict[Kind, Any] = {Kind.ID: Client.identity, Kind.PHONE: Client.phone, Kind.EMAIL: Client.email}


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
        query = query.where(is_meant_by(search))
    total = db.session.scalar(query.with_only_columns(func.count())) or 0
    return page_of(query.order_by(OptOut.id.desc()), total, number)


def lists_of(project: Project) -> Sequence[OptOutList]:
    """The newest lists that the project was given."""
    query = db.select(OptOutList).filter_by(project_id=project.id).order_by(OptOutList.id.desc())
    return db.session.scalars(query.limit(LISTS_SHOWN)).all()


def opt_outs_of(client: Client) -> Sequence[OptOut]:
    """Those that keep the client from being written to, the bank's first."""
    query = db.select(OptOut).where(concerns(client), _reaches(client.project_id))
    return db.session.scalars(query.order_by(OptOut.project_id.nulls_first(), OptOut.id)).all()


def count_known(project: Project, named: Collection[Named]) -> int:
    """How many of these are clients of the project."""
    total = 0
    for kind, column in KNOWN_BY.items():
        given = [each.value for each in named if each.kind is kind]
        if given:
            theirs = db.select(column).where(Client.project_id == project.id, column == func.any(_texts(given)))
            total += _count(theirs.distinct())
    return total


def as_known_here(project: Project, found: IdFile) -> IdFile:
    """What looks like a telephone or an e-mail may be the bank's id, and ids may be telephones: what they look like,
    unless only the other is known in the project."""
    other = replace(found, kind=Kind.PHONE if found.kind is Kind.ID else Kind.ID)
    is_other = not count_known(project, found.named) and count_known(project, other.named)
    return other if is_other else found


def named_by_hand(project: Project, words: Sequence[str], *, is_bank_wide: bool) -> list[Named]:
    """Whom typed words name: a client's id first, then our number of a client without one, then what they look like.

    In the whole bank our number may be the id of another project's client too, so both are kept out.
    """
    ids = [compared(word) for word in words]
    theirs = db.select(Client.outside_id).where(Client.project_id == project.id)
    known = set(db.session.scalars(theirs.where(Client.outside_id == func.any(_texts(ids)))))
    numbers = _identities_by_number(project, ids)
    found = [
        Named(Kind.ID, numbers.get(each, each)) if each in known or each in numbers else named(word)
        for each, word in zip(ids, words, strict=True)
    ]
    if is_bank_wide:
        found += [Named(Kind.ID, each) for each in numbers]
    return [each for each in dict.fromkeys(found) if each]


def with_own_numbers(project: Project, listed: Sequence[Named]) -> list[Named]:
    """A list, and the clients without an id whom it names by our own numbers: pages show these, so they come back in
    lists. What is listed stays, since it may be the bank's id of somebody else."""
    numbers = _identities_by_number(project, [each.value for each in listed if each.kind is Kind.ID])
    return [*listed, *(Named(Kind.ID, identity) for identity in numbers.values())]


def _identities_by_number(project: Project, numbers: Collection[str]) -> dict[str, str]:
    """Of the clients without an id, by the number that pages show for them, unless it is the bank's id of another."""
    query = db.select(Client.shown_id, Client.identity).where(Client.project_id == project.id)
    query = query.where(Client.outside_id.is_(None), Client.shown_id == func.any(_texts(numbers)))
    other = aliased(Client)
    namesake = db.select(other.id).where(other.project_id == project.id, other.outside_id == Client.shown_id)
    query = query.where(~namesake.exists())
    return {number: identity for number, identity in db.session.execute(query)}


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


def _texts(values: Collection[str]) -> ColumnElement[Any]:
    """One parameter, however many values."""
    return cast(list(values), ARRAY(String))


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
