"""Offers to clients and the conversation in which each was written."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Model, big_key, created_now, words_of
from .campaign import Campaign
from .client import Client
from .project import ProjectSaleChannel, PromptVersion
from .text_bank import BankText
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
    """Whether an offer has its text, and why not. One that NEEDS_PERSON has a text that may not be sent as it is.

    OPTED_OUT is one whose client opted out before its text was stored: nothing failed, and it is not tried again.
    """

    WAITING = "waiting"
    WRITING = "writing"
    READY = "ready"
    NEEDS_PERSON = "needs_person"
    FAILED = "failed"
    CANCELLED = "cancelled"
    OPTED_OUT = "opted_out"


class Verdict(StrEnum):
    """The gravest that the checks said of an offer's text when it came to be."""

    UNCHECKED = "unchecked"
    CLEAN = "clean"
    WARN = "warn"
    BLOCK = "block"


class Review(StrEnum):
    """What a person decided about an offer's text."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"


class ReviewVerb(StrEnum):
    """WITHDRAW is the program's own: it takes an approval back when the client opts out."""

    APPROVE = "approve"
    REJECT = "reject"
    EDIT = "edit"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"


class DraftState(StrEnum):
    WRITING = "writing"
    READY = "ready"
    STOPPED = "stopped"
    FAILED = "failed"


class MessageRole(StrEnum):
    """A PROMPT from a person, a DRAFT of the model's, a text that a person wrote as an EDIT of one before, or one from
    the text BANK."""

    PROMPT = "prompt"
    DRAFT = "draft"
    EDIT = "edit"
    BANK = "bank"


FINISHED = (
    ("finished_with_id", "review", "outcome"),
    ("opened_with_id", "review", "outcome"),
    ("project_channel_id", "finished_with_id"),
    ("campaign_id", "finished_with_id"),
)
"""What is counted of offers with a text of the text bank; most offers have none and are in none of these indexes."""


def _of_finished(*columns: str) -> Index:
    used = "opened_with_id" if "opened_with_id" in columns else "finished_with_id"
    return Index(f"ix_offer_{'_'.join(columns)}", *columns, postgresql_where=text(f"{used} IS NOT NULL"))


class Offer(Model):
    """The offer for one client in one channel, of a campaign or written by hand.

    `text` is that of the message `current_id`, a draft or an edit; `verdict` what the checks said of it then. `angle`
    is the benefit that it was written for, in its words of that time. `review_reason` is why the reviewer rejected it,
    or approved it though the checks block it. `revision` grows with every change of text or review: who saves on top
    of an older one is refused.
    `failure` is a code and `failure_detail` its numbers, in words see the wording of campaigns. `attempt_count`
    numbers the attempts of a campaign's workers: only the newest of them may store what it wrote. `death_count` is how
    many worker processes died one after another while they wrote it; an attempt that ends otherwise begins it anew.
    `written_at` is when the text became ready. `finished_with_id` and `opened_with_id` are the text bank's, while the
    text is from it.
    """

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("campaign_id", "client_id"),
        CheckConstraint("state <> 'ready' OR (text <> '' AND written_at IS NOT NULL)", name="ready_has_text"),
        CheckConstraint("state <> 'needs_person' OR text <> ''", name="needs_person_has_text"),
        CheckConstraint("review = 'open' OR (text <> '' AND reviewed_at IS NOT NULL)", name="reviewed_has_text"),
        CheckConstraint("review <> 'rejected' OR btrim(review_reason) <> ''", name="rejected_with_reason"),
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
        Index("ix_offer_project_id_review_verdict_id", "project_id", "review", "verdict", "id"),
        Index(
            "ix_offer_prompt_version_id_results",
            "prompt_version_id",
            "campaign_id",
            "state",
            "verdict",
            "review",
            "outcome",
        ),
        Index("ix_offer_project_channel_id_review_id", "project_channel_id", "review", "id"),
        *(_of_finished(*columns) for columns in FINISHED),
    )

    id: Mapped[int] = big_key()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    project_channel_id: Mapped[int] = mapped_column(
        ForeignKey("project_sale_channel.id", ondelete="RESTRICT"), index=True
    )
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    prompt_version_id: Mapped[int] = mapped_column(ForeignKey("prompt_version.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    state: Mapped[OfferState] = mapped_column(words_of(OfferState, "state"), default=OfferState.WAITING)
    failure: Mapped[str] = mapped_column(String(40), default="")
    failure_detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    attempt_count: Mapped[int] = mapped_column(default=0)
    death_count: Mapped[int] = mapped_column(default=0, server_default="0")
    text: Mapped[str] = mapped_column(Text, default="")
    current_id: Mapped[int | None] = mapped_column(
        ForeignKey("message.id", ondelete="SET NULL", use_alter=True), index=True
    )
    benefit_id: Mapped[int | None] = mapped_column(ForeignKey("benefit.id", ondelete="SET NULL"), index=True)
    angle: Mapped[str] = mapped_column(String(200), default="", server_default="")
    finished_with_id: Mapped[int | None] = mapped_column(ForeignKey("bank_text.id", ondelete="SET NULL"))
    opened_with_id: Mapped[int | None] = mapped_column(ForeignKey("bank_text.id", ondelete="SET NULL"))
    verdict: Mapped[Verdict] = mapped_column(
        words_of(Verdict, "verdict"), default=Verdict.UNCHECKED, server_default="unchecked"
    )
    review: Mapped[Review] = mapped_column(words_of(Review, "review"), default=Review.OPEN, server_default="open")
    review_reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    reviewed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    outcome: Mapped[Outcome] = mapped_column(words_of(Outcome, "outcome"), default=Outcome.UNKNOWN)
    created_at: Mapped[datetime] = created_now()
    written_at: Mapped[datetime | None]

    project_channel: Mapped[ProjectSaleChannel] = relationship(lazy="joined", innerjoin=True)
    client: Mapped[Client] = relationship(lazy="joined", innerjoin=True)
    prompt_version: Mapped[PromptVersion] = relationship()
    campaign: Mapped[Campaign | None] = relationship()
    reviewer: Mapped[User | None] = relationship()
    finished_with: Mapped[BankText | None] = relationship(foreign_keys=finished_with_id)
    messages: Mapped[list["Message"]] = relationship(
        back_populates="offer",
        cascade="all, delete-orphan",
        order_by="Message.id",
        passive_deletes=True,
        foreign_keys="Message.offer_id",
    )


class Message(Model):
    """One turn: a prompt from a person, a draft from the model, or a person's edit.

    `parent_id` is the draft or edit that a prompt or an edit goes on from, and the prompt that a draft answers; the
    newest message before it where none is named. `is_beginning` marks a prompt with which the conversation starts
    anew. For a draft `prompt` is the text that went to the model and `example_ids` the approved offers that were
    examples in it: the kept prompt has their numbers in place of what they say, so that nobody's data outlives its
    erasure in the prompts of others. `drafts` is every candidate as [text, tokens, mean log-probability], `certainty`
    how sure the model was of `text` (see offers.sense), `round_count` how often the model was asked before one passed
    the checks, `touched_at` the last sign of life of the process that writes it.
    For a text of the bank `finished_with_id` is its end or the whole of it, `opened_with_id` its beginning where that
    is the bank's too.
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
        *(
            Index(f"ix_message_{column}", column, postgresql_where=text(f"{column} IS NOT NULL"))
            for column in ("finished_with_id", "opened_with_id")
        ),
    )

    id: Mapped[int] = big_key()
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"), index=True)
    role: Mapped[MessageRole] = mapped_column(words_of(MessageRole, "role"))
    state: Mapped[DraftState] = mapped_column(words_of(DraftState, "state"), default=DraftState.READY)
    text: Mapped[str] = mapped_column(Text, default="")
    is_beginning: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    prompt: Mapped[str] = mapped_column(Text, default="")
    example_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list, server_default="{}")
    drafts: Mapped[list[Any]] = mapped_column(default=list)
    certainty: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    model_name: Mapped[str] = mapped_column(String(200), default="")
    prompt_token_count: Mapped[int] = mapped_column(default=0)
    token_count: Mapped[int] = mapped_column(default=0)
    round_count: Mapped[int] = mapped_column(default=1, server_default="1")
    seconds: Mapped[float] = mapped_column(default=0.0)
    failure: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = created_now()
    touched_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_with_id: Mapped[int | None] = mapped_column(ForeignKey("bank_text.id", ondelete="SET NULL"))
    opened_with_id: Mapped[int | None] = mapped_column(ForeignKey("bank_text.id", ondelete="SET NULL"))

    offer: Mapped[Offer] = relationship(back_populates="messages", foreign_keys=offer_id)
    author: Mapped[User | None] = relationship(lazy="joined")
    finished_with: Mapped[BankText | None] = relationship(foreign_keys=finished_with_id)

    @property
    def tokens_per_second(self) -> float:
        return self.token_count / self.seconds if self.seconds else 0.0


class ReviewAction(Model):
    """One decision about one offer, with what undoes it. Decisions made at once share a `batch`; those of the program
    have no `user` and are not undone.

    `before` holds the offer's columns as they were: text, current_id, state, verdict, review, review_reason,
    reviewer_id, reviewed_at (ISO), finished_with_id, opened_with_id, revision. `revision` is the offer's after the
    action: undone only while it is still that.
    """

    __tablename__ = "review_action"
    __table_args__ = (
        Index("ix_review_action_offer_id_id", "offer_id", "id"),
        Index("ix_review_action_project_id_id", "project_id", "id"),
        Index("ix_review_action_batch", "batch"),
        Index("ix_review_action_withdrawn", "project_id", "offer_id", postgresql_where=text("verb = 'withdraw'")),
    )

    id: Mapped[int] = big_key()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    verb: Mapped[ReviewVerb] = mapped_column(words_of(ReviewVerb, "verb"))
    batch: Mapped[str] = mapped_column(String(36))
    reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    revision: Mapped[int]
    is_undone: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = created_now()

    user: Mapped[User | None] = relationship(lazy="joined")


class ExampleUse(StrEnum):
    """What people decided about an approved offer as an example: PINNED always stands in the prompt, OFF never."""

    PINNED = "pinned"
    OFF = "off"


class ExampleChoice(Model):
    """Whether an approved offer is an example for its channel's next prompts; without a choice it may be one."""

    __tablename__ = "example_choice"

    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"), primary_key=True)
    project_channel_id: Mapped[int] = mapped_column(
        ForeignKey("project_sale_channel.id", ondelete="CASCADE"), index=True
    )
    use: Mapped[ExampleUse] = mapped_column(words_of(ExampleUse, "use"))


class OfferCount(Model):
    """How many offers a project's channel has per outcome, kept by triggers (see `ClientCount`)."""

    __tablename__ = "offer_count"

    project_channel_id: Mapped[int] = mapped_column(
        ForeignKey("project_sale_channel.id", ondelete="CASCADE"), primary_key=True
    )
    outcome: Mapped[Outcome] = mapped_column(words_of(Outcome, "outcome"), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger, default=0)
