"""Reading clients: the same few queries for a hundred and for a hundred thousand."""

from collections.abc import Sequence

from sqlalchemy import func

from ..database import db
from ..models import Client, ClientCount, ClientImport, Offer, Project
from ..web.paging import Page, page_of

COLUMNS_SHOWN = 6
IMPORTS_SHOWN = 20
SEARCH_LIMIT = 10_000


def clients_page(project: Project, search: str, number: int) -> Page:
    """By outside id where something is searched (its index serves the prefix), else in the order of loading.

    The total comes from `ClientCount`; of a search at most SEARCH_LIMIT hits are counted.
    """
    query = db.select(Client).filter_by(project_id=project.id)
    if not search:
        return page_of(query.order_by(Client.id), client_count(project), number)
    query = query.where(Client.outside_id.startswith(search, autoescape=True))
    hits = db.select(func.count()).select_from(query.with_only_columns(Client.id).limit(SEARCH_LIMIT).subquery())
    return page_of(query.order_by(Client.id), db.session.scalar(hits) or 0, number)


def client_count(project: Project) -> int:
    kept = db.session.get(ClientCount, project.id)
    return kept.count if kept else 0


def imports_of(project: Project) -> Sequence[ClientImport]:
    query = db.select(ClientImport).filter_by(project_id=project.id).order_by(ClientImport.id.desc())
    return db.session.scalars(query.limit(IMPORTS_SHOWN)).all()


def offers_of(client: Client) -> Sequence[Offer]:
    return db.session.scalars(db.select(Offer).filter_by(client_id=client.id).order_by(Offer.id.desc())).all()
