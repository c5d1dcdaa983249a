"""Campaigns: one prompt of one channel, written for many clients."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Model, big_key, created_now, words_of
from .catalogue import Benefit
from .project import Project, ProjectSaleChannel, PromptVersion
from .user import User

MOST_DRAFTS = 8


class CampaignState(StrEnum):
    """What people decided about a campaign; whether it is finished says `Campaign.finished_at`."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"


class Campaign(Model):
    """One bulk generation: an offer for each of the chosen clients, the best of `drafts_per_client` drafts.

    `compared_version` writes `compared_share` per cent of the offers instead of `prompt_version`; both are NULL in a
    campaign of one version. `seed` draws the clients who get it.
    `benefit` is the one angle of all its offers; without it each client gets the one that suits best.
    `chosen` tells how the clients were chosen, for people to read; with `without_offer` a retry leaves out who has got
    an offer since. The same `seed` gives the same texts again.
    `is_from_bank` takes every text from the text bank and asks no model; `drafts_per_client` has no meaning then.
    `finished_at` is when the last offer came to its end, empty again while failed ones are retried.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint(f"drafts_per_client BETWEEN 1 AND {MOST_DRAFTS}", name="drafts_per_client_possible"),
        CheckConstraint("compared_version_id <> prompt_version_id", name="compared_versions_differ"),
        CheckConstraint("compared_share BETWEEN 1 AND 99", name="compared_share_possible"),
        CheckConstraint("(compared_version_id IS NULL) = (compared_share IS NULL)", name="compared_with_share"),
        Index("ix_campaign_project_id_id", "project_id", "id"),
    )

    id: Mapped[int] = big_key()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    project_channel_id: Mapped[int] = mapped_column(
        ForeignKey("project_sale_channel.id", ondelete="RESTRICT"), index=True
    )
    prompt_version_id: Mapped[int] = mapped_column(ForeignKey("prompt_version.id"), index=True)
    compared_version_id: Mapped[int | None] = mapped_column(ForeignKey("prompt_version.id"), index=True)
    compared_share: Mapped[int | None]
    benefit_id: Mapped[int | None] = mapped_column(ForeignKey("benefit.id", ondelete="SET NULL"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    drafts_per_client: Mapped[int]
    seed: Mapped[int] = mapped_column(BigInteger)
    is_from_bank: Mapped[bool] = mapped_column(default=False, server_default="false")
    chosen: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[CampaignState] = mapped_column(words_of(CampaignState, "state"), default=CampaignState.RUNNING)
    offer_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = created_now()
    finished_at: Mapped[datetime | None]

    project: Mapped[Project] = relationship()
    project_channel: Mapped[ProjectSaleChannel] = relationship(lazy="joined", innerjoin=True)
    prompt_version: Mapped[PromptVersion] = relationship(foreign_keys=[prompt_version_id])
    compared_version: Mapped[PromptVersion | None] = relationship(foreign_keys=[compared_version_id])
    benefit: Mapped[Benefit | None] = relationship()
    author: Mapped[User] = relationship(lazy="joined", innerjoin=True)

    @property
    def versions(self) -> tuple[PromptVersion, ...]:
        """Those that its offers are written with: one, or the two that are compared."""
        return (self.prompt_version, self.compared_version) if self.compared_version else (self.prompt_version,)

    @property
    def is_split(self) -> bool:
        """Whether two versions share its clients."""
        return self.compared_version_id is not None

    @property
    def is_over(self) -> bool:
        """Nothing will be written any more, unless somebody retries what failed."""
        return self.state is CampaignState.CANCELLED or self.finished_at is not None

    @property
    def is_running(self) -> bool:
        return self.state is CampaignState.RUNNING and self.finished_at is None

    def __str__(self) -> str:
        return self.name
