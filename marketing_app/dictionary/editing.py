"""What people do with the fields of a project's dictionary: add, change, move and remove one."""

import hashlib
import json
from typing import Any, cast

from sqlalchemy import CursorResult, Update

from ..database import db
from ..models import (
    AuditEntry,
    Client,
    ClientChange,
    ClientField,
    ClientImport,
    ImportState,
    Project,
    User,
)
from ..projects.services import must_be_active
from .services import KnownField, add_fields, as_known, fields_of

STILL_LOADS = (ImportState.WAITING, ImportState.READING, ImportState.PLACING, ImportState.INTERRUPTED)


class DictionaryError(Exception):
    """Something that the rules of a dictionary do not allow."""


class FieldChanged(DictionaryError):
    """Somebody saved the field since the form was opened: `newest` is what it is now."""

    def __init__(self, newest: KnownField) -> None:
        super().__init__(newest.key)
        self.newest = newest


class KeyTaken(DictionaryError):
    """The project has a field of this key."""


class LoadUnfinished(DictionaryError):
    """A load still fills the project's fields, or can be gone on with."""


def state_of(*fields: KnownField) -> str:
    """What changes whenever one of the fields does: by it a form knows that nobody was faster."""
    content = json.dumps([vars(field) for field in fields], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def add_field(project: Project, described: KnownField, author: User) -> ClientField:
    """Put a field at the end. Raises KeyTaken."""
    must_be_active(project)
    lock_dictionary(project)
    if any(own.key == described.key for own in fields_of(project)):
        raise KeyTaken
    add_fields(project, [described])
    added = fields_of(project)[-1]
    record("create", added, author, {})
    return added


def save_field(project: Project, field: ClientField, described: KnownField, state: str, author: User) -> None:
    """Make the field what is described. Raises FieldChanged when its state is not the one that was edited."""
    must_be_active(project)
    db.session.refresh(field, with_for_update=True)
    before = as_known(field)
    if described == before:
        return
    if state != state_of(before):
        raise FieldChanged(before)
    overwrite(field, described, author)


def overwrite(field: ClientField, described: KnownField, author: User) -> None:
    """Make it what is described, all but its place."""
    before = vars(as_known(field))
    for name, value in vars(described).items():
        setattr(field, name, value)
    after = vars(described)
    changes = {name: [before[name], value] for name, value in after.items() if before[name] != value}
    record("change", field, author, changes)
    db.session.flush()


def move_field(project: Project, field: ClientField, places: int) -> None:
    """Move it in the order of the prompt: up by a negative number of places, down by a positive one."""
    must_be_active(project)
    lock_dictionary(project)
    order = list(fields_of(project))
    place = order.index(field)
    order.insert(max(0, place + places), order.pop(place))
    for position, each in enumerate(order):
        each.position = position
    db.session.flush()


def remove_field(project: Project, field: ClientField, author: User) -> int:
    """Take the field out of the dictionary and its values out of the clients; returns how many had one.

    The earlier states of clients lose it too: undoing a load brings no value back. Raises LoadUnfinished.
    """
    must_be_active(project)
    lock_dictionary(project)
    loads = db.select(ClientImport.id).where(ClientImport.project_id == project.id)
    if db.session.scalar(loads.where(ClientImport.state.in_(STILL_LOADS)).limit(1)):
        raise LoadUnfinished
    without = {"data": Client.data.op("-")(field.key)}
    theirs = db.update(Client).where(Client.project_id == project.id, Client.data.has_key(field.key)).values(without)
    count = _run(theirs)
    earlier = ClientChange.import_id.in_(loads) & ClientChange.data.has_key(field.key)
    _run(db.update(ClientChange).where(earlier).values(data=ClientChange.data.op("-")(field.key)))
    record("delete", field, author, {"clients": [count, 0]})
    db.session.delete(field)
    db.session.flush()
    return count


def lock_dictionary(project: Project) -> None:
    """One at a time changes which fields there are and their order; clients may be loaded meanwhile."""
    db.session.execute(db.select(Project.id).filter_by(id=project.id).with_for_update(key_share=True))


def record(action: str, field: ClientField, author: User, changes: dict[str, Any]) -> None:
    """A line in the audit: who let what into prompts, or kept it out."""
    theirs = {"project": [field.project_id, field.project_id], **changes}
    db.session.add(AuditEntry.about(field, action, author, theirs, name=field.key))


def _run(statement: Update) -> int:
    """How many rows it changed. No client is in the session whom it would have to know of."""
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount
