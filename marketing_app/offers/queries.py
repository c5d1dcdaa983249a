"""Reading offers: each page takes the same few queries whatever the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func
from sqlalchemy.orm import joinedload, selectinload

from ..clients.matching import is_shown_as
from ..database import db
from ..models import Campaign, Client, Offer, OfferCount, OfferState, Outcome, Project, ProjectSaleChannel
from ..privacy.services import not_opted_out
from ..web.paging import Page, page_of

CAMPAIGNS_OFFERED = 100


@dataclass(frozen=True)
class OfferFilter:
    """Which offers of a project are shown; what is None does not matter."""

    channel_id: int | None = None
    outcome: Outcome | None = None
    campaign_id: int | None = None
    state: OfferState | None = None
    is_finished: bool = False
    """Only those with a text of the text bank."""

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of Offer that are asked for."""
        asked = {
            "project_channel_id": self.channel_id,
            "outcome": self.outcome,
            "campaign_id": self.campaign_id,
            "state": self.state,
        }
        return {name: value for name, value in asked.items() if value is not None}


def offers_page(project: Project, chosen: OfferFilter, number: int) -> Page:
    """Newest offers first, from the index on (project, id), or those on states. A campaign is one of this project.

    Channel and outcome are counted in `OfferCount`; campaign and state in the offers themselves, on their indexes
    (campaign, state, id) and (project, state, id).
    """
    within = {"campaign_id": chosen.campaign_id} if chosen.campaign_id else {"project_id": project.id}
    query = db.select(Offer).filter_by(**(within | chosen.columns))
    if chosen.is_finished:
        query = query.where(Offer.finished_with_id.is_not(None))
        total = db.session.scalar(query.with_only_columns(func.count()))
    elif chosen.campaign_id is None and chosen.state is None:
        total = db.session.scalar(_kept_count(project, chosen))
    elif chosen.channel_id is None and chosen.outcome is None:
        total = _count_by_state(within, chosen.state)
    else:
        total = db.session.scalar(query.with_only_columns(func.count()))
    return page_of(query.order_by(Offer.id.desc()), int(total or 0), number)


def _count_by_state(within: dict[str, int], state: OfferState | None) -> int:
    """Grouped, since the index alone then tells all; asked for one state the database would read the offers."""
    grouped = db.select(Offer.state, func.count()).filter_by(**within).group_by(Offer.state)
    counts = {each: count for each, count in db.session.execute(grouped)}
    return counts.get(state, 0) if state else sum(counts.values())


def _kept_count(project: Project, chosen: OfferFilter) -> Select[Any]:
    total = (
        db.select(func.coalesce(func.sum(OfferCount.count), 0))
        .join(ProjectSaleChannel, ProjectSaleChannel.id == OfferCount.project_channel_id)
        .where(ProjectSaleChannel.project_id == project.id)
    )
    if chosen.channel_id:
        total = total.where(OfferCount.project_channel_id == chosen.channel_id)
    if chosen.outcome:
        total = total.where(OfferCount.outcome == chosen.outcome)
    return total


def campaigns_of(project: Project) -> Sequence[tuple[int, str]]:
    """Ids and names of the newest campaigns, for the filter."""
    query = db.select(Campaign.id, Campaign.name).filter_by(project_id=project.id).order_by(Campaign.id.desc())
    return [(number, name) for number, name in db.session.execute(query.limit(CAMPAIGNS_OFFERED))]


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
    """A few clients who may be written to, whose shown id begins with what was typed."""
    query = db.select(Client).where(Client.project_id == project.id, not_opted_out(project.id))
    query = query.order_by(Client.id).limit(limit)
    if search:
        query = query.where(is_shown_as(search))
    return db.session.scalars(query).all()
