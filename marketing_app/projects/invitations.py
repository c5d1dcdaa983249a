"""How a colleague comes into a project: a manager invites an e-mail, and its owner accepts.

Nothing that a manager sees depends on whether there is an account of the e-mail, until its owner has accepted.
"""

from sqlalchemy import func

from ..database import db
from ..models import Project, ProjectInvitation, ProjectUser, Role, User
from .services import AlreadyMember, ProjectError, must_be_active, record_role

MOST_INVITATIONS = 100
"""That wait in one project."""


class TooManyInvitations(ProjectError):
    """So many wait already that one of them has to be withdrawn first."""


class NotInvited(ProjectError):
    """The invitation was withdrawn, or accepted in another tab."""


def invite(project: Project, email: str, role: Role, author: User) -> None:
    """Once more changes the role. Raises AlreadyMember, of whom the list of members shows, or TooManyInvitations."""
    must_be_active(project)
    address = email.strip().lower()
    members = db.select(ProjectUser).join(ProjectUser.user).where(ProjectUser.project_id == project.id)
    if db.session.scalar(members.where(User.email == address)):
        raise AlreadyMember
    known = db.session.get(ProjectInvitation, (project.id, address))
    waiting = db.select(func.count()).select_from(ProjectInvitation).filter_by(project_id=project.id)
    if known is None and (db.session.scalar(waiting) or 0) >= MOST_INVITATIONS:
        raise TooManyInvitations
    record_role("invite", project, author, address, known.role if known else None, role)
    invitation = known or ProjectInvitation(project_id=project.id, email=address)
    invitation.role, invitation.author_id = role, author.id
    db.session.add(invitation)
    db.session.flush()


def withdraw(project: Project, email: str, author: User) -> None:
    """Does nothing when it is not there any more."""
    must_be_active(project)
    invitation = db.session.get(ProjectInvitation, (project.id, email))
    if invitation:
        record_role("withdraw invitation", project, author, email, invitation.role, None)
        db.session.delete(invitation)
        db.session.flush()


def accept(project_id: int, user: User) -> Project:
    """Raises NotInvited or ProjectArchived."""
    invitation = _invitation_of(project_id, user)
    project = invitation.project
    must_be_active(project)
    if db.session.get(ProjectUser, (project_id, user.id)) is None:
        add_member(project, user, invitation.role)
    record_role("join", project, user, user.email, None, invitation.role)
    db.session.delete(invitation)
    db.session.flush()
    return project


def decline(project_id: int, user: User) -> None:
    """Raises NotInvited."""
    invitation = _invitation_of(project_id, user)
    record_role("decline invitation", invitation.project, user, user.email, invitation.role, None)
    db.session.delete(invitation)
    db.session.flush()


def add_member(project: Project, user: User, role: Role) -> None:
    db.session.add(ProjectUser(project_id=project.id, user_id=user.id, role=role))
    db.session.flush()


def _invitation_of(project_id: int, user: User) -> ProjectInvitation:
    """Held, so that it is accepted once. Raises NotInvited."""
    query = db.select(ProjectInvitation).filter_by(project_id=project_id, email=user.email)
    invitation = db.session.scalar(query.with_for_update(of=ProjectInvitation))
    if invitation is None:
        raise NotInvited
    return invitation
