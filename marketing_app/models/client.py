"""Clients of a project: the dictionary of their fields, their loads, their data."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Model, big_key, created_now, words_of
from .project import Project
from .user import User


class FieldType(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    CODE = "code"
    DATE = "date"


class Sensitivity(StrEnum):
    OPEN = "open"
    PERSONAL = "personal"
    BEHAVIOUR = "behaviour"
    SECRET = "secret"  # noqa: S105 a degree of sensitivity, not a password


class ClientField(Model):
    """One field of a project's data dictionary. A secret field never goes into a prompt; the database keeps that."""

    __tablename__ = "client_field"
    __table_args__ = (
        UniqueConstraint("project_id", "key"),
        CheckConstraint("NOT (sensitivity = 'secret' AND is_in_prompt)", name="secret_stays_out_of_prompts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(120))
    label: Mapped[str] = mapped_column(String(200))
    type: Mapped[FieldType] = mapped_column(words_of(FieldType, "type"))
    codes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sensitivity: Mapped[Sensitivity] = mapped_column(words_of(Sensitivity, "sensitivity"))
    is_in_prompt: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)


class ClientUpload(Model):
    """A file that was sent and is not loaded yet: kept in the database, so that any process can go on with it."""

    __tablename__ = "client_upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    filename: Mapped[str] = mapped_column(String(255))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = created_now()


class ClientImport(Model):
    """One load of clients with its report.

    `rejections` holds [row number, reason code, detail] of the first rejected rows.
    """

    __tablename__ = "client_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    source: Mapped[str] = mapped_column(String(255))
    row_count: Mapped[int] = mapped_column(default=0)
    added_count: Mapped[int] = mapped_column(default=0)
    duplicate_count: Mapped[int] = mapped_column(default=0)
    rejected_count: Mapped[int] = mapped_column(default=0)
    rejections: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = created_now()

    project: Mapped[Project] = relationship()
    user: Mapped[User | None] = relationship(lazy="joined")


class Client(Model):
    """One client's data as loaded, by field key.

    `fingerprint` is the SHA-256 of that data: the same client is not loaded twice.
    """

    __tablename__ = "client"
    __table_args__ = (
        UniqueConstraint("project_id", "fingerprint"),
        Index("ix_client_project_id_id", "project_id", "id"),
        Index(
            "ix_client_project_outside", "project_id", "outside_id", postgresql_ops={"outside_id": "text_pattern_ops"}
        ),
    )

    id: Mapped[int] = big_key()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    import_id: Mapped[int] = mapped_column(ForeignKey("client_import.id", ondelete="CASCADE"), index=True)
    outside_id: Mapped[str | None] = mapped_column(String(120))
    data: Mapped[dict[str, Any]]
    fingerprint: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = created_now()


class ClientCount(Model):
    """How many clients a project has, kept by triggers so that a page does not count 100,000 rows."""

    __tablename__ = "client_count"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger, default=0)
