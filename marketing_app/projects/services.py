"""What people do with a project: make it, change it, choose channels, save prompts, appoint members."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager

from ..database import db
from ..dictionary.services import begin_dictionary
from ..models import (
    USUAL_RETENTION_DAYS,
    AuditEntry,
    Offer,
    OfferCount,
    Product,
    Project,
    ProjectSaleChannel,
    ProjectUser,
    PromptVersion,
    Role,
    SaleChannel,
    User,
)
from ..offers.prompting import first_prompt


class ProjectError(Exception):
    """Something that the rules of projects do not allow."""


class ProjectArchived(ProjectError):
    """An archived project can be read and restored, not changed."""


class ProductInUse(ProjectError):
    """The product cannot change any more: offers were written for it."""


class ChannelInUse(ProjectError):
    """The channel cannot be removed: offers were written in it."""


class LastManager(ProjectError):
    """A project keeps at least one manager."""


class AccountClosed(ProjectError):
    """Whoever may not sign in is appointed to nothing."""


class AlreadyMember(ProjectError):
    """The person is a member already."""


class PromptChanged(ProjectError):
    """Somebody saved another version since this text was opened."""

    def __init__(self, newest: PromptVersion) -> None:
        super().__init__(f"version {newest.number} is newer")
        self.newest = newest


def create_project(
    name: str,
    product: Product,
    occasion: str,
    language: str,
    channels: Sequence[SaleChannel],
    author: User,
    retention_days: int = USUAL_RETENTION_DAYS,
) -> Project:
    """A project with its first channels; whoever creates it is its manager."""
    project = Project(name=name, product=product, occasion=occasion, language=language, retention_days=retention_days)
    project.members.append(ProjectUser(user_id=author.id, role=Role.MANAGER))
    db.session.add(project)
    db.session.flush()
    begin_dictionary(project)
    add_channels(project, channels, author)
    return project


def change_project(
    project: Project, name: str, product: Product, occasion: str, language: str, retention_days: int
) -> None:
    """Raises ProjectArchived; ProductInUse when the product would change after offers were written."""
    must_be_active(project)
    if product.id != project.product_id and has_offers(project):
        raise ProductInUse
    project.name, project.product, project.occasion, project.language = name, product, occasion, language
    project.retention_days = retention_days
    db.session.flush()


def archive_project(project: Project) -> None:
    project.is_archived = True
    db.session.flush()


def restore_project(project: Project) -> None:
    project.is_archived = False
    db.session.flush()


def add_channels(project: Project, channels: Collection[SaleChannel], author: User) -> None:
    """Add those that the project does not have yet, each with a first prompt in the project's language."""
    must_be_active(project)
    present = {project_channel.sale_channel_id for project_channel in project.channels}
    for channel in channels:
        if channel.id in present:
            continue
        text = first_prompt(project, channel)
        project_channel = ProjectSaleChannel(sale_channel_id=channel.id, channel=channel)
        project_channel.versions.append(PromptVersion(number=1, text=text, author_id=author.id))
        project.channels.append(project_channel)
    db.session.flush()


def remove_channel(project_channel: ProjectSaleChannel) -> None:
    """Raises ChannelInUse once offers exist, even when the first is being written at this moment."""
    must_be_active(project_channel.project)
    if db.session.scalar(db.select(Offer.id).filter_by(project_channel_id=project_channel.id).limit(1)):
        raise ChannelInUse
    try:
        with db.session.begin_nested():
            db.session.delete(project_channel)
    except IntegrityError as error:
        raise ChannelInUse from error


def current_version(project_channel: ProjectSaleChannel) -> PromptVersion:
    """The newest version: the prompt of the channel."""
    query = db.select(PromptVersion).filter_by(project_channel_id=project_channel.id)
    return db.session.scalars(query.order_by(PromptVersion.number.desc()).limit(1)).one()


def save_prompt(
    project_channel: ProjectSaleChannel, text: str, based_on: int, author: User, note: str = ""
) -> PromptVersion:
    """Save a text as the next version; the same text again makes none. `note` says why it was made.

    `based_on` is the number of the version that was edited. Raises PromptChanged when there is a newer one by now.
    """
    must_be_active(project_channel.project)
    db.session.execute(db.select(ProjectSaleChannel.id).filter_by(id=project_channel.id).with_for_update())
    newest = current_version(project_channel)
    if newest.text == text:
        return newest
    if newest.number != based_on:
        raise PromptChanged(newest)
    version = PromptVersion(
        project_channel_id=project_channel.id, number=newest.number + 1, text=text, author_id=author.id, note=note
    )
    db.session.add(version)
    db.session.flush()
    return version


def change_role(member: ProjectUser, role: Role, author: User) -> None:
    """Raises LastManager when nobody would be left to manage, AccountClosed for a person who may not sign in."""
    must_be_active(member.project)
    if not member.user.is_active:
        raise AccountClosed
    if role is not Role.MANAGER:
        _must_not_be_the_last_manager(member)
    record_role("change role", member.project, author, member.user.email, member.role, role)
    member.role = role
    db.session.flush()


def remove_member(member: ProjectUser, author: User) -> None:
    """Raises LastManager when nobody would be left to manage."""
    must_be_active(member.project)
    _must_not_be_the_last_manager(member)
    record_role("remove member", member.project, author, member.user.email, member.role, None)
    db.session.delete(member)
    db.session.flush()


def record_role(
    action: str, project: Project, author: User, email: str, before: Role | None, after: Role | None
) -> None:
    """A line in the audit: who may do what in the project from now on."""
    roles = [role.value if role else None for role in (before, after)]
    db.session.add(AuditEntry.about(project, action, author, {email: roles}))


def managed_alone(user: User) -> Sequence[Project]:
    """Projects, archived ones too, that nobody with an open account would manage without this person.

    The person's row and the managers' rows are locked, so that two managers cannot leave at the same moment.
    """
    db.session.execute(db.select(User.id).filter_by(id=user.id).with_for_update(key_share=True))
    theirs = db.select(ProjectUser.project_id).filter_by(user_id=user.id, role=Role.MANAGER)
    managers = _open_managers(ProjectUser.project_id.in_(theirs))
    shared = {member.project_id for member in managers if member.user_id != user.id}
    return db.session.scalars(
        db.select(Project).where(Project.id.in_(theirs), Project.id.not_in(shared)).order_by(Project.name)
    ).all()


def hand_over(projects: Collection[Project], successor: User) -> None:
    """Make the successor a manager of these projects, whether a member of them before or not."""
    for project in projects:
        member = db.session.get(ProjectUser, (project.id, successor.id))
        if member is None:
            db.session.add(ProjectUser(project_id=project.id, user_id=successor.id, role=Role.MANAGER))
        else:
            member.role = Role.MANAGER
    db.session.flush()


def has_offers(project: Project) -> bool:
    query = db.select(OfferCount.count).join(ProjectSaleChannel, ProjectSaleChannel.id == OfferCount.project_channel_id)
    return bool(
        db.session.scalar(query.where(ProjectSaleChannel.project_id == project.id, OfferCount.count > 0).limit(1))
    )


def must_be_active(project: Project) -> None:
    """Raises ProjectArchived."""
    if project.is_archived:
        raise ProjectArchived


def _must_not_be_the_last_manager(member: ProjectUser) -> None:
    """Managers whose accounts are closed do not count."""
    managers = _open_managers(ProjectUser.project_id == member.project_id)
    if [manager.user_id for manager in managers] == [member.user_id]:
        raise LastManager


def _open_managers(which: ColumnElement[bool]) -> Sequence[ProjectUser]:
    """Their rows are locked, so that two of them cannot remove each other at the same moment."""
    query = db.select(ProjectUser).join(ProjectUser.user).options(contains_eager(ProjectUser.user))
    query = query.where(which, ProjectUser.role == Role.MANAGER, User.is_active)
    query = query.order_by(ProjectUser.project_id, ProjectUser.user_id).with_for_update(key_share=True)
    return db.session.scalars(query).all()
