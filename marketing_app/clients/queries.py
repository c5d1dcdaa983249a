"""Reading clients: the same few queries for a hundred and for a hundred thousand."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, func, union
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from ..database import db
from ..models import Client, ClientCount, ClientImport, Offer, Project, Segment
from ..privacy.services import opted_out
from ..web.paging import PAGE_SIZE, Page, page_of

IMPORTS_SHOWN = 20
EXAMPLES_SHOWN = 8
LOOKED_THROUGH = 500
"""Clients whose values are looked through for examples."""


class Order(StrEnum):
    LOADED = "loaded"
    CLIENT_ID = "client_id"


ORDERS: dict[Order, tuple[InstrumentedAttribute[Any], ...]] = {
    Order.LOADED: (Client.id,),
    Order.CLIENT_ID: (Client.outside_id, Client.id),
}


@dataclass(frozen=True)
class Listed:
    """A client in the list."""

    client: Client
    is_opted_out: bool


def clients_page(project: Project, asked: ColumnElement[bool] | None, order: Order, number: int) -> Page:
    """Those of whom `asked` is true, or all; a number past the end gives the last page.

    All clients are counted in `ClientCount`, and an index in the asked order finds the page's. Otherwise one statement
    counts and cuts in a single scan over the project's rows.
    """
    if asked is None:
        total = client_count(project)
        number = min(number, max(1, -(-total // PAGE_SIZE)))
        ids = db.select(Client.id).filter_by(project_id=project.id).order_by(*ORDERS[order])
        cut = ids.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
        return Page(_listed(project, order, cut), number, total)
    total, ids = _scan(asked, order, number)
    last = max(1, -(-total // PAGE_SIZE))
    if number > last:
        number, (total, ids) = last, _scan(asked, order, last)
    return Page(_listed(project, order, ids), number, total)


def _scan(asked: ColumnElement[bool], order: Order, number: int) -> tuple[int, Sequence[int]]:
    """How many match, and the ids of one page of them: cut out of the ordered ids of all, which are 8 bytes each.

    Plan: a bitmap of the project's rows, one filter over them, a sort of ids; deep pages cost as much as the first.
    OFFSET 0 keeps the filter apart from the sort: to spare the sort PostgreSQL would walk the clients of all projects.
    """
    first = (number - 1) * PAGE_SIZE + 1  # PostgreSQL counts from 1
    found = db.select(Client.id, Client.outside_id).where(asked).offset(0).subquery()
    ordered = aggregate_order_by(found.c.id, *(found.c[column.key] for column in ORDERS[order]))
    ids = func.array_agg(ordered, type_=ARRAY(BigInteger))
    total, page = db.session.execute(db.select(func.count(), ids[first : first + PAGE_SIZE - 1])).one()
    return total, page or ()


def _listed(project: Project, order: Order, ids: Select[Any] | Collection[int]) -> list[Listed]:
    query = db.select(Client, opted_out(project.id)).where(Client.id.in_(ids)).order_by(*ORDERS[order])
    return [Listed(client, is_opted_out) for client, is_opted_out in db.session.execute(query)]


def count_matching(asked: ColumnElement[bool]) -> int:
    """One scan, as above."""
    return db.session.scalar(db.select(func.count()).select_from(Client).where(asked)) or 0


def client_count(project: Project) -> int:
    kept = db.session.get(ClientCount, project.id)
    return kept.count if kept else 0


def imports_of(project: Project) -> Sequence[ClientImport]:
    query = db.select(ClientImport).filter_by(project_id=project.id).order_by(ClientImport.id.desc())
    return db.session.scalars(query.limit(IMPORTS_SHOWN)).all()


def examples_of(project: Project, known: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    """A few values of each field that are not known, the commonest among the first and the newest clients first."""
    if not known:
        return {}
    theirs = db.select(Client.id, Client.data).filter_by(project_id=project.id).limit(LOOKED_THROUGH)
    ends = union(theirs.order_by(Client.id), theirs.order_by(Client.id.desc())).subquery()
    rows = db.session.scalars(db.select(ends.c.data)).all()
    found: dict[str, list[str]] = {}
    for key, codes in known.items():
        values = Counter(str(data[key]) for data in rows if data.get(key) is not None)
        unknown = [value for value in values if value not in codes]
        found[key] = sorted(unknown, key=lambda value: (-values[value], value))[:EXAMPLES_SHOWN]
    return found


def segments_page(project: Project, number: int) -> Page:
    """By name."""
    query = db.select(Segment).filter_by(project_id=project.id)
    total = db.session.scalar(query.with_only_columns(func.count())) or 0
    return page_of(query.order_by(func.lower(Segment.name)), total, number)


def offers_page(client: Client, number: int) -> Page:
    """Newest first, from the index on client_id."""
    query = db.select(Offer).filter_by(client_id=client.id)
    total = db.session.scalar(query.with_only_columns(func.count())) or 0
    return page_of(query.options(joinedload(Offer.campaign)).order_by(Offer.id.desc()), total, number)
