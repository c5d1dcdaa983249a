"""Reading campaigns. All numbers come from the database, so that every screen and every worker's machine says the same.

Counts are grouped on the index (campaign, state, id), the rate is read from the index (campaign, written_at): no
query looks at the texts of a campaign, whatever its size.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, func, true
from sqlalchemy.orm import joinedload

from ..database import db
from ..models import (
    Campaign,
    CampaignState,
    Client,
    ClientImport,
    Message,
    MessageRole,
    Offer,
    OfferState,
    Project,
    ProjectUser,
    PromptVersion,
    ReviewAction,
    ReviewVerb,
    User,
)
from ..privacy.services import opted_out
from ..projects.results import Results, results_of_campaigns
from ..web.paging import Page, page_of

TEXTS_SHOWN = 5
RUNNING_SHOWN = 5
"""In the navigation of every page."""
LOADS_OFFERED = 50
RATE_SECONDS = 60
JUST_ENDED_MINUTES = 60


class Stage(StrEnum):
    """Where a campaign stands, in one word for people."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


STAGES: dict[Stage, ColumnElement[bool]] = {
    Stage.RUNNING: (Campaign.state == CampaignState.RUNNING) & Campaign.finished_at.is_(None),
    Stage.PAUSED: (Campaign.state == CampaignState.PAUSED) & Campaign.finished_at.is_(None),
    Stage.FINISHED: (Campaign.state != CampaignState.CANCELLED) & Campaign.finished_at.is_not(None),
    Stage.CANCELLED: Campaign.state == CampaignState.CANCELLED,
}
IS_OPEN = (Campaign.state != CampaignState.CANCELLED) & Campaign.finished_at.is_(None)


@dataclass(frozen=True)
class Progress:
    """How far a campaign is. `per_minute` is how many texts a minute became ready in the last one."""

    campaign_id: int
    project_id: int
    name: str
    channel: str
    channel_key: str
    stage: Stage
    total: int
    counts: Mapping[OfferState, int] = field(default_factory=dict)
    per_minute: int = 0

    def count(self, state: OfferState) -> int:
        return self.counts.get(state, 0)

    @property
    def rest(self) -> int:
        """Offers that are still to be written."""
        return self.count(OfferState.WAITING) + self.count(OfferState.WRITING)

    @property
    def done(self) -> int:
        """Offers that are written, whether a person must mend them or not, have failed, or will not be written since
        their clients opted out."""
        ended = (OfferState.READY, OfferState.NEEDS_PERSON, OfferState.FAILED, OfferState.OPTED_OUT)
        return sum(map(self.count, ended))

    @property
    def percent(self) -> int:
        """Full only when nothing is left."""
        return self.done * 100 // self.total if self.total else 100

    @property
    def is_over(self) -> bool:
        """Nothing moves any more; a cancelled campaign's last texts may still be under way."""
        is_ended = self.stage in (Stage.FINISHED, Stage.CANCELLED)
        return is_ended and not self.count(OfferState.WRITING)

    @property
    def seconds_left(self) -> int | None:
        """None while nothing tells how fast it goes."""
        if self.stage is not Stage.RUNNING or not self.per_minute:
            return None
        return self.rest * 60 // self.per_minute


@dataclass(frozen=True)
class NewText:
    """A text that became ready, with all drafts it was chosen from. It must not be sent where its client opted out."""

    offer_id: int
    client: str
    text: str
    written_at: datetime
    is_opted_out: bool = False
    drafts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failures:
    """How many offers of a campaign failed for one reason, and the largest numbers among them where it has numbers."""

    code: str
    count: int
    tokens: int | None = None
    limit: int | None = None


@dataclass(frozen=True)
class CampaignView:
    """What the page of a campaign shows of it while it runs."""

    progress: Progress
    texts: tuple[NewText, ...] = ()
    failures: tuple[Failures, ...] = ()
    finished_count: int = 0
    """How many of its offers have a text of the text bank."""
    withdrawn_count: int = 0
    """How many of its offers were approved until their clients opted out."""
    compared: tuple[tuple[int, Results], ...] = ()
    """The numbers of the versions that the campaign is split between, each with its results so far."""


@dataclass(frozen=True)
class RunningCampaign:
    """A campaign in the navigation of every page."""

    campaign_id: int
    project_id: int
    name: str
    stage: Stage
    percent: int


def campaigns_page(project: Project, stage: Stage | None, number: int) -> Page:
    """Newest first."""
    query = db.select(Campaign).filter_by(project_id=project.id)
    if stage:
        query = query.where(STAGES[stage])
    total = db.session.scalar(query.with_only_columns(func.count())) or 0
    rows = query.options(joinedload(Campaign.prompt_version), joinedload(Campaign.compared_version)).order_by(
        Campaign.id.desc()
    )
    return page_of(rows, total, number)


def campaigns_by_id(campaign_ids: Iterable[int]) -> Sequence[Campaign]:
    return db.session.scalars(db.select(Campaign).where(Campaign.id.in_(list(campaign_ids)))).all()


def progress_of(campaigns: Iterable[Campaign]) -> dict[int, Progress]:
    """By campaign; two queries whatever their number."""
    known = {campaign.id: campaign for campaign in campaigns}
    counts: dict[int, dict[OfferState, int]] = {number: {} for number in known}
    for number, state, count in db.session.execute(_counts(known)):
        counts[number][state] = count
    rates = {number: rate for number, rate in db.session.execute(_rates(known))}
    return {
        number: Progress(
            number,
            campaign.project_id,
            campaign.name,
            campaign.project_channel.channel.name,
            campaign.project_channel.channel.key,
            stage_of(campaign),
            campaign.offer_count,
            counts[number],
            rates.get(number, 0),
        )
        for number, campaign in known.items()
    }


def view_of(campaign: Campaign) -> CampaignView:
    return views_of([campaign], {})[campaign.id]


def views_of(campaigns: Sequence[Campaign], known: Mapping[int, CampaignView]) -> dict[int, CampaignView]:
    """What the pages of these campaigns show. Texts and failures are read again only where the numbers have changed."""
    progress = progress_of(campaigns)
    changed = [number for number, new in progress.items() if number not in known or known[number].progress != new]
    texts, failures = _newest_texts(changed), _failures(changed)
    counted = _counted(changed)
    compared = results_of_campaigns(each for each in campaigns if each.id in changed)
    return {
        number: CampaignView(
            new,
            texts.get(number, ()),
            failures.get(number, ()),
            *counted.get(number, (0, 0)),
            compared.get(number, ()),
        )
        if number in changed
        else known[number]
        for number, new in progress.items()
    }


def projects_views(project_ids: Sequence[int]) -> dict[int, tuple[Progress, ...]]:
    """The campaigns of these projects that are open or have ended just now; newest first."""
    just_now = Campaign.finished_at > func.now() - func.make_interval(0, 0, 0, 0, 0, JUST_ENDED_MINUTES)
    query = db.select(Campaign).where(Campaign.project_id.in_(project_ids), IS_OPEN | just_now)
    found = progress_of(db.session.scalars(query.order_by(Campaign.id.desc()))).values()
    return {number: tuple(each for each in found if each.project_id == number) for number in project_ids}


def running_campaigns(user: User) -> list[RunningCampaign]:
    """The newest open campaigns of all projects a person is a member of: one query, for every page's navigation."""
    rest = (
        db.select(func.count())
        .where(Offer.campaign_id == Campaign.id, Offer.state.in_((OfferState.WAITING, OfferState.WRITING)))
        .scalar_subquery()
    )
    query = (
        db.select(Campaign.id, Campaign.project_id, Campaign.name, Campaign.state, Campaign.offer_count, rest)
        .join(ProjectUser, ProjectUser.project_id == Campaign.project_id)
        .join(Project, Project.id == Campaign.project_id)
        .where(ProjectUser.user_id == user.id, ~Project.is_archived, IS_OPEN)
        .order_by(Campaign.id.desc())
        .limit(RUNNING_SHOWN)
    )
    return [
        RunningCampaign(number, project_id, name, Stage(state), (total - left) * 100 // total if total else 100)
        for number, project_id, name, state, total, left in db.session.execute(query)
    ]


def newest_campaign(project_channel_id: int) -> Campaign | None:
    query = db.select(Campaign).filter_by(project_channel_id=project_channel_id).order_by(Campaign.id.desc())
    return db.session.scalars(query.limit(1)).first()


def versions_of(project_channel_id: int) -> Sequence[PromptVersion]:
    """Newest first."""
    query = db.select(PromptVersion).filter_by(project_channel_id=project_channel_id)
    return db.session.scalars(query.order_by(PromptVersion.number.desc())).all()


def has_clients(project: Project) -> bool:
    return bool(db.session.scalar(db.select(Client.id).filter_by(project_id=project.id).limit(1)))


def loads_of(project: Project) -> Sequence[ClientImport]:
    """Newest first."""
    query = db.select(ClientImport).filter_by(project_id=project.id).order_by(ClientImport.id.desc())
    return db.session.scalars(query.limit(LOADS_OFFERED)).all()


def stage_of(campaign: Campaign) -> Stage:
    if campaign.state is CampaignState.CANCELLED:
        return Stage.CANCELLED
    return Stage.FINISHED if campaign.finished_at else Stage(campaign.state)


def _counts(campaign_ids: Iterable[int]) -> Select[Any]:
    return (
        db.select(Offer.campaign_id, Offer.state, func.count())
        .where(Offer.campaign_id.in_(list(campaign_ids)))
        .group_by(Offer.campaign_id, Offer.state)
    )


def _rates(campaign_ids: Iterable[int]) -> Select[Any]:
    """Texts a minute over the last minute, or over the campaign's life while that is shorter."""
    age = func.extract("epoch", func.now() - func.min(Campaign.created_at))
    seconds = func.least(RATE_SECONDS, func.greatest(age, 1))
    return (
        db.select(Offer.campaign_id, func.round(func.count() * 60 / seconds).cast(Integer))
        .join(Campaign, Campaign.id == Offer.campaign_id)
        .where(
            Offer.campaign_id.in_(list(campaign_ids)),
            Offer.written_at > func.now() - func.make_interval(0, 0, 0, 0, 0, 0, RATE_SECONDS),
        )
        .group_by(Offer.campaign_id)
    )


def _newest_texts(campaign_ids: Sequence[int]) -> dict[int, tuple[NewText, ...]]:
    """The newest first, each with the drafts of its newest turn."""
    if not campaign_ids:
        return {}
    drafts = (
        db.select(Message.drafts)
        .where(Message.offer_id == Offer.id, Message.role == MessageRole.DRAFT)
        .order_by(Message.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    newest = (
        db.select(
            Offer.id,
            Client.shown_id.label("client"),
            Offer.text,
            Offer.written_at,
            opted_out(Offer.project_id).label("is_opted_out"),
            drafts.label("drafts"),
        )
        .join(Client, Client.id == Offer.client_id)
        .where(Offer.campaign_id == Campaign.id, Offer.written_at.is_not(None))
        .order_by(Offer.written_at.desc())
        .limit(TEXTS_SHOWN)
        .lateral()
    )
    query = db.select(Campaign.id, newest).join(newest, true()).where(Campaign.id.in_(campaign_ids))
    found: dict[int, tuple[NewText, ...]] = {}
    newest_first = query.order_by(newest.c.written_at.desc())
    for number, offer_id, client, text, at, is_out, made in db.session.execute(newest_first):
        shown = NewText(offer_id, client, text, at, is_out, tuple(draft[0] for draft in made or ()))
        found[number] = (*found.get(number, ()), shown)
    return found


def _failures(campaign_ids: Sequence[int]) -> dict[int, tuple[Failures, ...]]:
    """The commonest reason first."""
    if not campaign_ids:
        return {}
    tokens, limit = (func.max(Offer.failure_detail[name].as_integer()) for name in ("tokens", "limit"))
    query = (
        db.select(Offer.campaign_id, Offer.failure, func.count(), tokens, limit)
        .where(Offer.campaign_id.in_(campaign_ids), Offer.state == OfferState.FAILED)
        .group_by(Offer.campaign_id, Offer.failure)
        .order_by(Offer.campaign_id, func.count().desc())
    )
    found: dict[int, tuple[Failures, ...]] = {}
    for number, *reason in db.session.execute(query):
        found[number] = (*found.get(number, ()), Failures(*reason))
    return found


def _counted(campaign_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """How many offers have a text of the text bank, and how many were approved until their clients opted out: from
    indexes on such offers alone."""
    if not campaign_ids:
        return {}
    finished = db.select(func.count()).where(Offer.campaign_id == Campaign.id, Offer.finished_with_id.is_not(None))
    withdrawn = (
        db.select(func.count())
        .select_from(ReviewAction)
        .join(Offer, (Offer.id == ReviewAction.offer_id) & (Offer.revision == ReviewAction.revision))
        .where(ReviewAction.project_id == Campaign.project_id, ReviewAction.verb == ReviewVerb.WITHDRAW)
        .where(Offer.campaign_id == Campaign.id)
    )
    query = db.select(Campaign.id, finished.scalar_subquery(), withdrawn.scalar_subquery())
    found = db.session.execute(query.where(Campaign.id.in_(campaign_ids)))
    return {number: (with_bank_text, approved_before) for number, with_bank_text, approved_before in found}
