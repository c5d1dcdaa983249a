"""Offers to clients and the conversation in which each was written."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Model, big_key, created_now, words_of
from .campaign import Campaign
from .client import Client
from .project import ProjectSaleChannel, PromptVersion
from .user import User


class Outcome(StrEnum):
    """What came of an offer."""

    UNKNOWN = "unknown"
    SOLD = "sold"
    INTERESTED = "interested"
    CONSIDERING = "considering"
    POSITIVE = "positive"
    NEGATIVE = "negative"


class OfferState(StrEnum):
    """Whether an offer has its text, and why not."""

    WAITING = "waiting"
    WRITING = "writing"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


class DraftState(StrEnum):
    WRITING = "writing"
    READY = "ready"
    STOPPED = "stopped"
    FAILED = "failed"


class MessageRole(StrEnum):
    PROMPT = "prompt"
    DRAFT = "draft"


class Offer(Model):
    """The offer for one client in one channel, of a campaign or written by hand. `text` is the newest finished draft.

    `failure` is a code and `failure_detail` its numbers, in words see the wording of campaigns. `attempt_count`
    numbers the attempts of a campaign's workers: only the newest of them may store what it wrote. `written_at` is
    when the text became ready.
    """

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("campaign_id", "client_id"),
        CheckConstraint("state <> 'ready' OR (text <> '' AND written_at IS NOT NULL)", name="ready_has_text"),
        Index(
            "uq_offer_by_hand",
            "project_channel_id",
            "client_id",
            unique=True,
            postgresql_where=text("campaign_id IS NULL"),
        ),
        Index("ix_offer_project_id_id", "project_id", "id"),
        Index("ix_offer_project_id_state_id", "project_id", "state", "id"),
        Index("ix_offer_campaign_id_state_id", "campaign_id", "state", "id"),
        Index("ix_offer_campaign_id_written_at", "campaign_id", "written_at"),
    )

    id: Mapped[int] = big_key()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    project_channel_id: Mapped[int] = mapped_column(
        ForeignKey("project_sale_channel.id", ondelete="RESTRICT"), index=True
    )
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    prompt_version_id: Mapped[int] = mapped_column(ForeignKey("prompt_version.id"), index=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    state: Mapped[OfferState] = mapped_column(words_of(OfferState, "state"), default=OfferState.WAITING)
    failure: Mapped[str] = mapped_column(String(40), default="")
    failure_detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    attempt_count: Mapped[int] = mapped_column(default=0)
    text: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[Outcome] = mapped_column(words_of(Outcome, "outcome"), default=Outcome.UNKNOWN)
    created_at: Mapped[datetime] = created_now()
    written_at: Mapped[datetime | None]

    project_channel: Mapped[ProjectSaleChannel] = relationship(lazy="joined", innerjoin=True)
    client: Mapped[Client] = relationship(lazy="joined", innerjoin=True)
    prompt_version: Mapped[PromptVersion] = relationship()
    campaign: Mapped[Campaign | None] = relationship()
    messages: Mapped[list["Message"]] = relationship(
        back_populates="offer", cascade="all, delete-orphan", order_by="Message.id", passive_deletes=True
    )


class Message(Model):
    """One turn: a prompt from a person, or a draft from the model.

    `is_beginning` marks a prompt with which the conversation starts anew. For a draft `prompt` is the exact text
    that went to the model, `drafts` every candidate as [text, tokens, mean log-probability], `touched_at` the last
    sign of life of the process that writes it.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_offer_id_id", "offer_id", "id"),
        Index("ix_message_writing", "touched_at", postgresql_where=text("state = 'writing'")),
        Index(
            "ix_message_written",
            "created_at",
            postgresql_include=["model_name", "token_count", "seconds"],
            postgresql_where=text("role = 'draft' AND state = 'ready'"),
        ),
    )

    id: Mapped[int] = big_key()
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"))
    role: Mapped[MessageRole] = mapped_column(words_of(MessageRole, "role"))
    state: Mapped[DraftState] = mapped_column(words_of(DraftState, "state"), default=DraftState.READY)
    text: Mapped[str] = mapped_column(Text, default="")
    is_beginning: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    prompt: Mapped[str] = mapped_column(Text, default="")
    drafts: Mapped[list[Any]] = mapped_column(default=list)
    model_name: Mapped[str] = mapped_column(String(200), default="")
    prompt_token_count: Mapped[int] = mapped_column(default=0)
    token_count: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[float] = mapped_column(default=0.0)
    failure: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = created_now()
    touched_at: Mapped[datetime] = mapped_column(server_default=func.now())

    offer: Mapped[Offer] = relationship(back_populates="messages")
    author: Mapped[User | None] = relationship(lazy="joined")

    @property
    def tokens_per_second(self) -> float:
        return self.token_count / self.seconds if self.seconds else 0.0


class OfferCount(Model):
    """How many offers a project's channel has per outcome, kept by triggers (see `ClientCount`)."""

    __tablename__ = "offer_count"

    project_channel_id: Mapped[int] = mapped_column(
        ForeignKey("project_sale_channel.id", ondelete="CASCADE"), primary_key=True
    )
    outcome: Mapped[Outcome] = mapped_column(words_of(Outcome, "outcome"), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger, default=0)
