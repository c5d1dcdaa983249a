"""Who changed what in the admin console, and who kept clients out or erased them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Model, big_key, created_now
from .user import User


class AuditEntry(Model):
    """One change: which object, what was done, and the fields before and after (never a password)."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_object", "object_type", "object_id"),)

    id: Mapped[int] = big_key()
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    action: Mapped[str] = mapped_column(String(20))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(40))
    object_name: Mapped[str] = mapped_column(String(254), default="")
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = created_now()

    user: Mapped[User | None] = relationship(lazy="joined")
