"""Who did what, and from where: changes in the admin console, members, sign-ins, downloads, refusals, erasures."""

from datetime import datetime
from typing import Any

from flask import has_request_context, request
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Model, big_key, created_now
from .user import User

LONGEST_ADDRESS = 64


def address_of_request() -> str | None:
    """Of who asks, as PROXY_COUNT resolves it; None for the night's work and for commands."""
    return (request.remote_addr or "")[:LONGEST_ADDRESS] or None if has_request_context() else None


class AuditEntry(Model):
    """One act: on which object, what was done, and the fields before and after (never a password)."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_object", "object_type", "object_id"),)

    id: Mapped[int] = big_key()
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    action: Mapped[str] = mapped_column(String(20))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(40))
    object_name: Mapped[str] = mapped_column(String(254), default="")
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    address: Mapped[str | None] = mapped_column(String(LONGEST_ADDRESS), default=address_of_request)
    created_at: Mapped[datetime] = created_now()

    user: Mapped[User | None] = relationship(lazy="joined")

    @classmethod
    def about(
        cls,
        thing: Any,
        action: str,
        author: User | None,
        changes: dict[str, Any] | None = None,
        name: str | None = None,
    ) -> "AuditEntry":
        """On a row with a number. Without an author it was a command or the night; `name` where str(thing) is none."""
        return cls(
            user_id=author.id if author else None,
            action=action,
            object_type=thing.__tablename__,
            object_id=str(thing.id),
            object_name=(str(thing) if name is None else name)[:254],
            changes=changes or {},
        )
