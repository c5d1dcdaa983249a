"""Every change that an administrator makes leaves a line."""

from typing import Any

from flask_login import current_user
from sqlalchemy import inspect

from ..database import db
from ..models import AuditEntry

NEVER_SHOWN = "password_hash"


def changes_of(thing: Any) -> dict[str, Any]:
    """Column by column what was and what will be, of what is not written yet. Of a password only that it changed."""
    changes: dict[str, Any] = {}
    for column in inspect(thing).mapper.column_attrs:
        history = inspect(thing).attrs[column.key].history
        if not history.has_changes():
            continue
        if column.key == NEVER_SHOWN:
            changes["password"] = ["…", "…"]
        else:
            changes[column.key] = [_written(history.deleted), _written(history.added)]
    return changes


def record(action: str, thing: Any, changes: dict[str, Any]) -> None:
    """Add the line to the transaction that makes the change: there is never one without the other."""
    db.session.add(AuditEntry.about(thing, action, current_user, changes))


def _written(values: Any) -> str | None:
    return str(values[0]) if values and values[0] is not None else None
