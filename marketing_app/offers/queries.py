"""Reading offers: each page takes the same few queries whatever the rows."""

from collections.abc import Sequence

from sqlalchemy import func
from sqlalchemy.orm import joinedload, selectinload

from ..database import db
from ..models import Client, Offer, OfferCount, Outcome, Project, ProjectSaleChannel
from ..web.paging import Page, page_of


def offers_page(project: Project, channel_id: int | None, outcome: Outcome | None, number: int) -> Page:
    """Newest offers first. Counts come from `OfferCount`; the rows from the index on (project, id)."""
    query = db.select(Offer).filter_by(project_id=project.id)
    total = (
        db.select(func.coalesce(func.sum(OfferCount.count), 0))
        .join(ProjectSaleChannel, ProjectSaleChannel.id == OfferCount.project_channel_id)
        .where(ProjectSaleChannel.project_id == project.id)
    )
    if channel_id:
        query = query.filter_by(project_channel_id=channel_id)
        total = total.where(OfferCount.project_channel_id == channel_id)
    if outcome:
        query = query.filter_by(outcome=outcome)
        total = total.where(OfferCount.outcome == outcome)
    return page_of(query.order_by(Offer.id.desc()), int(db.session.scalar(total) or 0), number)


def offer_with_conversation(project: Project, offer_id: int) -> Offer | None:
    return db.session.scalar(
        db.select(Offer).filter_by(id=offer_id, project_id=project.id).options(selectinload(Offer.messages))
    )


def channels_of(project: Project) -> Sequence[ProjectSaleChannel]:
    return db.session.scalars(
        db.select(ProjectSaleChannel)
        .filter_by(project_id=project.id)
        .options(joinedload(ProjectSaleChannel.channel))
        .order_by(ProjectSaleChannel.id)
    ).all()


def clients_to_choose(project: Project, search: str, limit: int = 20) -> Sequence[Client]:
    """A few clients whose outside id begins with what was typed."""
    query = db.select(Client).filter_by(project_id=project.id).order_by(Client.id).limit(limit)
    if search:
        query = query.where(Client.outside_id.startswith(search, autoescape=True))
    return db.session.scalars(query).all()
