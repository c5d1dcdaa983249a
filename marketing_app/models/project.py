"""A project: one product, its channels with their prompts, its members."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Model, created_now, words_of
from .catalogue import Product, SaleChannel
from .user import User

USUAL_RETENTION_DAYS = 365
LONGEST_RETENTION_DAYS = 3650


class Role(StrEnum):
    MANAGER = "manager"
    PERFORMER = "performer"


class Project(Model):
    """Work on selling one product. `occasion` is why the bank writes now; `language` is that of the texts.

    A client's data is erased `retention_days` after the load that brought or last changed it.
    """

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("language IN ('ru', 'en')", name="language_known"),
        CheckConstraint(f"retention_days BETWEEN 1 AND {LONGEST_RETENTION_DAYS}", name="retention_days_in_range"),
        Index("ix_project_lower_name", text("lower(name)")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="RESTRICT"), index=True)
    occasion: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(2), default="ru")
    is_archived: Mapped[bool] = mapped_column(default=False)
    retention_days: Mapped[int] = mapped_column(default=USUAL_RETENTION_DAYS, server_default=text("365"))
    created_at: Mapped[datetime] = created_now()

    product: Mapped[Product] = relationship(lazy="joined", innerjoin=True)
    members: Mapped[list["ProjectUser"]] = relationship(
        back_populates="project",
        cascade="all, delete-orphan",
        order_by="(ProjectUser.role, ProjectUser.user_id)",
    )
    channels: Mapped[list["ProjectSaleChannel"]] = relationship(
        back_populates="project", cascade="all, delete-orphan", order_by="ProjectSaleChannel.id"
    )

    def __str__(self) -> str:
        return self.name


class ProjectUser(Model):
    """A member of a project. At least one manager has an open account (see projects.services.managed_alone)."""

    __tablename__ = "project_user"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True, index=True)
    role: Mapped[Role] = mapped_column(words_of(Role, "role"), default=Role.PERFORMER)

    project: Mapped[Project] = relationship(back_populates="members")
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class ProjectInvitation(Model):
    """Waits until somebody with an account of this e-mail accepts it. Who invites learns from it neither of an account
    nor of the lack of one."""

    __tablename__ = "project_invitation"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), primary_key=True, index=True)
    role: Mapped[Role] = mapped_column(words_of(Role, "role"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = created_now()

    project: Mapped[Project] = relationship(lazy="joined", innerjoin=True)
    author: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class ProjectSaleChannel(Model):
    """A channel in a project. Its prompt is the newest of its versions."""

    __tablename__ = "project_sale_channel"
    __table_args__ = (UniqueConstraint("project_id", "sale_channel_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    sale_channel_id: Mapped[int] = mapped_column(ForeignKey("sale_channel.id", ondelete="RESTRICT"), index=True)

    project: Mapped[Project] = relationship(back_populates="channels")
    channel: Mapped[SaleChannel] = relationship(lazy="joined", innerjoin=True)
    versions: Mapped[list["PromptVersion"]] = relationship(
        back_populates="project_channel", cascade="all, delete-orphan", order_by="PromptVersion.number.desc()"
    )

    def __str__(self) -> str:
        return self.channel.name


class PromptVersion(Model):
    """One saved text of a channel's prompt. Immutable: a trigger of the database refuses to change it.

    `note` says why it was made, in its author's words.
    """

    __tablename__ = "prompt_version"
    __table_args__ = (
        UniqueConstraint("project_channel_id", "number"),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("btrim(text) <> ''", name="text_not_empty"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_channel_id: Mapped[int] = mapped_column(ForeignKey("project_sale_channel.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(300), default="", server_default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = created_now()

    project_channel: Mapped[ProjectSaleChannel] = relationship(back_populates="versions")
    author: Mapped[User | None] = relationship(lazy="joined")
