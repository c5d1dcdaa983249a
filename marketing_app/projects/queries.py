"""Reading projects: lists and counts in a bounded number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func
from sqlalchemy.orm import contains_eager

from ..database import db
from ..models import (
    ClientCount,
    OfferCount,
    Product,
    Project,
    ProjectInvitation,
    ProjectSaleChannel,
    ProjectUser,
    PromptVersion,
    SaleChannel,
    User,
)
from ..web.paging import Page, page_of

ORDERS = {
    "newest": (Project.id.desc(),),
    "name": (func.lower(Project.name), Project.id),
}

INVITATIONS_SHOWN = 20


@dataclass(frozen=True)
class Counts:
    """How much there is in a project."""

    channels: int = 0
    clients: int = 0
    offers: int = 0


def projects_page(user: User, search: str, product_id: int | None, archived: bool, order: str, number: int) -> Page:
    """A person's projects; `order` is a key of ORDERS."""
    query = _projects_of(user).where(Project.is_archived == archived)
    if search:
        query = query.where(func.lower(Project.name).contains(search.lower(), autoescape=True))
    if product_id:
        query = query.where(Project.product_id == product_id)
    total = db.session.scalar(db.select(func.count()).select_from(query.subquery())) or 0
    return page_of(query.order_by(*ORDERS[order]), total, number)


def counts_of(project_ids: Sequence[int]) -> dict[int, Counts]:
    """Channels, clients and offers per project, in two queries whatever the number of projects."""
    offers = (
        db.select(
            ProjectSaleChannel.project_id,
            func.count(ProjectSaleChannel.id.distinct()),
            func.coalesce(func.sum(OfferCount.count), 0),
        )
        .outerjoin(OfferCount, OfferCount.project_channel_id == ProjectSaleChannel.id)
        .where(ProjectSaleChannel.project_id.in_(project_ids))
        .group_by(ProjectSaleChannel.project_id)
    )
    by_channel = {row[0]: (row[1], int(row[2])) for row in db.session.execute(offers)}
    clients = db.select(ClientCount.project_id, ClientCount.count).where(ClientCount.project_id.in_(project_ids))
    by_client = {row[0]: row[1] for row in db.session.execute(clients)}
    return {
        number: Counts(by_channel.get(number, (0, 0))[0], by_client.get(number, 0), by_channel.get(number, (0, 0))[1])
        for number in project_ids
    }


def roles_of(user: User, project_ids: Sequence[int]) -> dict[int, str]:
    query = db.select(ProjectUser.project_id, ProjectUser.role).where(
        ProjectUser.user_id == user.id, ProjectUser.project_id.in_(project_ids)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def products_of(user: User) -> Sequence[Product]:
    """The products of a person's projects, for the filter."""
    mine = db.select(Project.product_id).join(ProjectUser).where(ProjectUser.user_id == user.id)
    return db.session.scalars(db.select(Product).where(Product.id.in_(mine)).order_by(Product.name)).all()


def invitations_to(project: Project) -> Sequence[ProjectInvitation]:
    query = db.select(ProjectInvitation).filter_by(project_id=project.id)
    return db.session.scalars(query.order_by(ProjectInvitation.email)).all()


def invitations_for(user: User) -> Sequence[ProjectInvitation]:
    """The first ones that a person may accept."""
    query = (
        db.select(ProjectInvitation).join(ProjectInvitation.project).options(contains_eager(ProjectInvitation.project))
    )
    query = query.where(ProjectInvitation.email == user.email, ~Project.is_archived)
    return db.session.scalars(query.order_by(ProjectInvitation.created_at).limit(INVITATIONS_SHOWN)).all()


def all_channels() -> Sequence[SaleChannel]:
    return db.session.scalars(db.select(SaleChannel).order_by(SaleChannel.name)).all()


def channels_table(project: Project) -> list[tuple[ProjectSaleChannel, int, int]]:
    """Each channel of a project with the number of its newest prompt version and how many offers it has."""
    newest = (
        db.select(PromptVersion.project_channel_id, func.max(PromptVersion.number).label("number"))
        .group_by(PromptVersion.project_channel_id)
        .subquery()
    )
    offers = (
        db.select(OfferCount.project_channel_id, func.sum(OfferCount.count).label("count"))
        .group_by(OfferCount.project_channel_id)
        .subquery()
    )
    query = (
        db.select(ProjectSaleChannel, newest.c.number, func.coalesce(offers.c.count, 0))
        .join(newest, newest.c.project_channel_id == ProjectSaleChannel.id)
        .outerjoin(offers, offers.c.project_channel_id == ProjectSaleChannel.id)
        .where(ProjectSaleChannel.project_id == project.id)
        .order_by(ProjectSaleChannel.id)
    )
    return [(row[0], row[1], int(row[2])) for row in db.session.execute(query)]


def versions_of(project_channel: ProjectSaleChannel) -> Sequence[PromptVersion]:
    query = db.select(PromptVersion).filter_by(project_channel_id=project_channel.id)
    return db.session.scalars(query.order_by(PromptVersion.number.desc())).all()


def has_edited_prompt(project: Project) -> bool:
    """Whether somebody saved a version of their own of any prompt."""
    query = db.select(PromptVersion.id).join(ProjectSaleChannel).where(ProjectSaleChannel.project_id == project.id)
    return bool(db.session.scalar(query.where(PromptVersion.number > 1).limit(1)))


def _projects_of(user: User) -> Select[tuple[Project]]:
    return db.select(Project).join(ProjectUser).where(ProjectUser.user_id == user.id)
