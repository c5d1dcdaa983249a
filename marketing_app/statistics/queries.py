"""Figures for managers, read from counts that triggers keep: no page counts offers or clients."""

from dataclasses import dataclass

from sqlalchemy import func

from ..database import db
from ..models import ClientCount, OfferCount, Outcome, Project, ProjectSaleChannel, ProjectUser, Role, SaleChannel, User


@dataclass(frozen=True)
class Figures:
    """Over one or more projects: how many of each, and offers per channel and outcome."""

    projects: int
    members: int
    channels: int
    clients: int
    offers_by_channel: list[tuple[str, dict[Outcome, int]]]
    """Under the channels' names, which need not differ."""

    @property
    def offers(self) -> int:
        return sum(self.offers_by_outcome.values())

    @property
    def offers_by_outcome(self) -> dict[Outcome, int]:
        return {outcome: sum(row.get(outcome, 0) for _name, row in self.offers_by_channel) for outcome in Outcome}


def managed_projects(user: User) -> list[Project]:
    """The projects of which one is manager, by name."""
    query = db.select(Project).join(ProjectUser).where(ProjectUser.user_id == user.id, ProjectUser.role == Role.MANAGER)
    return list(db.session.scalars(query.order_by(func.lower(Project.name), Project.id)))


def figures_of(project_ids: list[int]) -> Figures:
    """Four queries, whatever the number of projects, clients and offers."""
    members = db.select(func.count(ProjectUser.user_id.distinct())).where(ProjectUser.project_id.in_(project_ids))
    clients = db.select(func.coalesce(func.sum(ClientCount.count), 0)).where(ClientCount.project_id.in_(project_ids))
    channels = db.select(func.count(ProjectSaleChannel.sale_channel_id.distinct())).where(
        ProjectSaleChannel.project_id.in_(project_ids)
    )
    return Figures(
        projects=len(project_ids),
        members=db.session.scalar(members) or 0,
        channels=db.session.scalar(channels) or 0,
        clients=int(db.session.scalar(clients) or 0),
        offers_by_channel=_offers_by_channel(project_ids),
    )


def _offers_by_channel(project_ids: list[int]) -> list[tuple[str, dict[Outcome, int]]]:
    query = (
        db.select(SaleChannel.id, SaleChannel.name, OfferCount.outcome, func.sum(OfferCount.count))
        .select_from(ProjectSaleChannel)
        .join(SaleChannel, SaleChannel.id == ProjectSaleChannel.sale_channel_id)
        .outerjoin(OfferCount, OfferCount.project_channel_id == ProjectSaleChannel.id)
        .where(ProjectSaleChannel.project_id.in_(project_ids))
        .group_by(SaleChannel.id, OfferCount.outcome)
        .order_by(SaleChannel.name, SaleChannel.id)
    )
    table: dict[int, tuple[str, dict[Outcome, int]]] = {}
    for channel_id, name, outcome, count in db.session.execute(query):
        _name, row = table.setdefault(channel_id, (name, {}))
        if outcome is not None:
            row[outcome] = int(count)
    return list(table.values())
