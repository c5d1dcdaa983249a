"""Clients of a project: the dictionary of their fields, where they come from, their data."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    cast,
    func,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.sql import ColumnElement

from ..database import Model, big_key, created_now, words_of
from .project import Project
from .user import User

LONGEST_ID = 120
"""Characters of a client's outside id."""


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


class SourceKind(StrEnum):
    FILE = "file"
    POSTGRESQL = "postgresql"
    MONGODB = "mongodb"


class SourceState(StrEnum):
    FETCHING = "fetching"
    READY = "ready"
    FAILED = "failed"


class ImportState(StrEnum):
    """WAITING for a worker, READING rows into the staging table, PLACING them among the clients; then one of the rest.

    INTERRUPTED can be gone on with or undone; FAILED only undone.
    """

    WAITING = "waiting"
    READING = "reading"
    PLACING = "placing"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Duplicates(StrEnum):
    """What a load does with a client whom the project has already."""

    SKIP = "skip"
    UPDATE = "update"


class OptOutSource(StrEnum):
    COLUMN = "column"
    FILE = "file"
    HAND = "hand"


class ClientField(Model):
    """One field of a project's data dictionary. A secret field never goes into a prompt; the database keeps that.

    `bands` stand in for exact figures: [{"upto": 50000, "words": "below average"}, {"upto": null, "words": "high"}],
    in rising order, an end belonging to its band; the last has no end. With bands a prompt has only their words.
    `lowest` and `highest` are the ends of the likely values, as dictionary.ranges writes them: a load doubts others.
    """

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
    bands: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    sensitivity: Mapped[Sensitivity] = mapped_column(words_of(Sensitivity, "sensitivity"))
    is_in_prompt: Mapped[bool] = mapped_column(default=False)
    lowest: Mapped[str] = mapped_column(String(40), default="", server_default="")
    highest: Mapped[str] = mapped_column(String(40), default="", server_default="")
    position: Mapped[int] = mapped_column(default=0)


class ClientSource(Model):
    """Where clients are to come from, kept from the first look until they are loaded; the wizard's memory.

    A file as it came, or the rows of a database as JSON lines (imports.kept_rows); both in parts, so that no process
    holds them whole and any process can go on. `settings` say how it is read: a file's Reading, or a database's address
    and query, never a password. `profile` is imports.profile's, `answers` what was said of the columns so far.
    """

    __tablename__ = "client_source"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[SourceKind] = mapped_column(words_of(SourceKind, "kind"))
    name: Mapped[str] = mapped_column(String(255))
    state: Mapped[SourceState] = mapped_column(words_of(SourceState, "state"))
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    profile: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    byte_count: Mapped[int] = mapped_column(BigInteger, default=0)
    row_count: Mapped[int | None]
    digest: Mapped[str] = mapped_column(String(64), default="")
    failure: Mapped[str] = mapped_column(String(50), default="")
    failure_detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = created_now()
    touched_at: Mapped[datetime] = created_now()

    project: Mapped[Project] = relationship()
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class ClientSourcePart(Model):
    """A piece of a kept source, in the order of `number`."""

    __tablename__ = "client_source_part"

    source_id: Mapped[int] = mapped_column(ForeignKey("client_source.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ClientImport(Model):
    """One load of clients with its report. `plan` says what each column is (client_imports.columns.ColumnPlan).

    `form` is how the source was written, {"kind": ..., "reading": ...}: the rejected rows come back in it.
    `claim_count` is how often a worker began with it or went on: the last one alone may store anything.
    """

    __tablename__ = "client_import"
    __table_args__ = (
        UniqueConstraint("project_id", "id"),
        Index(
            "ix_client_import_open", "touched_at", postgresql_where=text("state IN ('waiting', 'reading', 'placing')")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("client_source.id", ondelete="SET NULL"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    source: Mapped[str] = mapped_column(String(255))
    state: Mapped[ImportState] = mapped_column(words_of(ImportState, "state"), default=ImportState.FINISHED)
    duplicates: Mapped[Duplicates] = mapped_column(words_of(Duplicates, "duplicates"), default=Duplicates.SKIP)
    plan: Mapped[list[Any]] = mapped_column(default=list)
    form: Mapped[dict[str, Any]] = mapped_column(default=dict)
    expected_count: Mapped[int] = mapped_column(default=0)
    row_count: Mapped[int] = mapped_column(default=0)
    added_count: Mapped[int] = mapped_column(default=0)
    updated_count: Mapped[int] = mapped_column(default=0)
    duplicate_count: Mapped[int] = mapped_column(default=0)
    rejected_count: Mapped[int] = mapped_column(default=0)
    opted_out_count: Mapped[int] = mapped_column(default=0)
    claim_count: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str] = mapped_column(String(50), default="")
    failure_detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = created_now()
    started_at: Mapped[datetime | None]
    touched_at: Mapped[datetime] = created_now()
    finished_at: Mapped[datetime | None]

    project: Mapped[Project] = relationship()
    user: Mapped[User | None] = relationship(lazy="joined")

    @property
    def is_open(self) -> bool:
        return self.state in (ImportState.WAITING, ImportState.READING, ImportState.PLACING)


class ClientRejection(Model):
    """A row that a load did not take: why, and its cells as text, so that they can be mended and loaded again."""

    __tablename__ = "client_rejection"

    import_id: Mapped[int] = mapped_column(ForeignKey("client_import.id", ondelete="CASCADE"), primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(String(200), default="")
    cells: Mapped[list[Any]] = mapped_column(default=list)


class Client(Model):
    """One client's data as loaded, by field key; `email` and `phone` are apart from it, so that no prompt has them.

    A client is known by `outside_id`, the bank's own as imports.ids.compared gives it, with `written_id` beside it
    where the bank writes it in other letters; one without it by `fingerprint`, the SHA-256 of the data.
    `updated_at` is when a load brought or changed the data: from then on the project's time of keeping counts.
    The load `import_id` is of the same project and never another; triggers see to that, and take its clients with it:
    a foreign key looks the load up for every row, and that is two fifths of the time of placing a million.
    """

    __tablename__ = "client"
    __table_args__ = (
        UniqueConstraint("project_id", "outside_id"),
        Index(
            "uq_client_project_id_fingerprint",
            "project_id",
            "fingerprint",
            unique=True,
            postgresql_where=text("outside_id IS NULL"),
        ),
        Index("ix_client_project_id_id", "project_id", "id"),
        Index("ix_client_project_id_updated_at", "project_id", "updated_at"),
        # Clients of one load lie side by side in the table, so that a few bytes for every megabyte find them.
        Index("ix_client_import_id", "import_id", postgresql_using="brin"),
        CheckConstraint("outside_id IS NOT NULL OR fingerprint IS NOT NULL", name="known"),
    )

    id: Mapped[int] = big_key()
    project_id: Mapped[int]
    import_id: Mapped[int]
    # Compared byte by byte: one index then serves equality and the beginnings of ids alike.
    outside_id: Mapped[str | None] = mapped_column(String(LONGEST_ID, collation="C"))
    written_id: Mapped[str | None] = mapped_column(String(LONGEST_ID))
    data: Mapped[dict[str, Any]]
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime] = created_now()
    updated_at: Mapped[datetime] = created_now()

    @hybrid_property
    def identity(self) -> str:
        """By what an opt-out knows the client, whatever becomes of this row."""
        return self.outside_id or f"#{self.fingerprint}"

    @identity.inplace.expression
    @classmethod
    def _identity_expression(cls) -> ColumnElement[str]:
        return func.coalesce(cls.outside_id, func.concat("#", cls.fingerprint))

    @hybrid_property
    def shown_id(self) -> str:
        """What pages call the client: the bank's id, or our own number where there is none."""
        return self.written_id or self.outside_id or str(self.id)

    @shown_id.inplace.expression
    @classmethod
    def _shown_id_expression(cls) -> ColumnElement[str]:
        return func.coalesce(cls.written_id, cls.outside_id, cast(cls.id, String))


class ClientChange(Model):
    """A client as it was before a load changed it: what undoing that load brings back."""

    __tablename__ = "client_change"

    import_id: Mapped[int] = mapped_column(ForeignKey("client_import.id", ondelete="CASCADE"), primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), primary_key=True, index=True)
    data: Mapped[dict[str, Any]]
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(20))
    updated_at: Mapped[datetime]


class ClientCount(Model):
    """How many clients a project has, kept by triggers so that a page does not count 100,000 rows."""

    __tablename__ = "client_count"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger, default=0)


class Segment(Model):
    """A saved filter of a project's clients, by name. `conditions` are those of clients.conditions."""

    __tablename__ = "segment"
    __table_args__ = (
        Index("uq_segment_project_id_name", "project_id", text("lower(name)"), unique=True),
        CheckConstraint("btrim(name) <> ''", name="named"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    conditions: Mapped[list[Any]] = mapped_column(default=list)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = created_now()

    author: Mapped[User | None] = relationship(lazy="joined")


class OptOutList(Model):
    """People who opted out at once, by a file or by hand, in one project or in the whole bank; deleted it lifts what it
    added."""

    __tablename__ = "opt_out_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    added_count: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(500), default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = created_now()

    user: Mapped[User | None] = relationship(lazy="joined")

    def __str__(self) -> str:
        return f"№ {self.id}"


class OptOut(Model):
    """Somebody whom no campaign and no export may reach, in one project, or in the whole bank when it names none.

    `identity` is Client.identity, or the mark of a contact (privacy.marks) where only that was named: it outlives the
    client's data, so that a later load does not bring them back. OptOutKey has what else it is found by.
    """

    __tablename__ = "opt_out"
    __table_args__ = (
        UniqueConstraint("identity", "project_id", postgresql_nulls_not_distinct=True),
        Index("ix_opt_out_project_id_id", "project_id", "id"),
        Index("ix_opt_out_noted", "project_id", postgresql_where=text("note <> '' AND list_id IS NULL")),
    )

    id: Mapped[int] = big_key()
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    identity: Mapped[str] = mapped_column(String(LONGEST_ID + 10, collation="C"))
    source: Mapped[OptOutSource] = mapped_column(words_of(OptOutSource, "source"))
    list_id: Mapped[int | None] = mapped_column(ForeignKey("opt_out_list.id", ondelete="CASCADE"), index=True)
    note: Mapped[str] = mapped_column(String(500), default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = created_now()

    user: Mapped[User | None] = relationship(lazy="joined")

    def __str__(self) -> str:
        return self.identity


class OptOutKey(Model):
    """By what else somebody who opted out is known: marks of telephones and e-mails, identities of their clients."""

    __tablename__ = "opt_out_key"
    __table_args__ = (Index("ix_opt_out_key_key", "key"),)

    opt_out_id: Mapped[int] = mapped_column(ForeignKey("opt_out.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(LONGEST_ID + 10, collation="C"), primary_key=True)
