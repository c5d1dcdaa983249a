"""What the pages of a dictionary read."""

from collections.abc import Sequence

from sqlalchemy import func, union

from ..database import db
from ..models import Client, Project, ProjectUser, User

LOOKED_THROUGH = 1_000
"""Clients, of the first and of the newest, among whom a preview looks for some that have a value."""
OFFERED = 30


def clients_to_preview(project: Project, key: str) -> Sequence[Client]:
    """Some of the project's first and newest clients; first of all those that have a value of the field."""
    theirs = db.select(Client.id).filter_by(project_id=project.id).limit(LOOKED_THROUGH)
    ends = union(theirs.order_by(Client.id), theirs.order_by(Client.id.desc()))
    query = db.select(Client).where(Client.id.in_(ends)).order_by(~Client.data.has_key(key), Client.id)
    return db.session.scalars(query.limit(OFFERED)).all()


def count_with_value(project: Project, key: str) -> int:
    query = db.select(func.count(Client.id)).where(Client.project_id == project.id, Client.data.has_key(key))
    return db.session.scalar(query) or 0


def other_projects(user: User, project: Project) -> Sequence[Project]:
    """Those of which the person is a member, archived ones too: their dictionaries can be read."""
    query = db.select(Project).join(ProjectUser).where(ProjectUser.user_id == user.id, Project.id != project.id)
    return db.session.scalars(query.order_by(Project.is_archived, Project.name)).all()
