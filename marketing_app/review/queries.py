"""Reading what is to be reviewed: the queue, one offer's place in it, the table, the counts of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func

from ..database import db
from ..models import Campaign, Message, MessageRole, Offer, OfferState, Project, Review, Verdict
from ..privacy.services import client_opted_out
from ..web.paging import Page, page_of

CAMPAIGNS_OFFERED = 100
WITH_TEXT = (OfferState.READY, OfferState.NEEDS_PERSON)
ALL, REFUSED = "all", "refused"
"""What the address says of decisions beside the words of Review."""


@dataclass(frozen=True)
class ReviewFilter:
    """Which offers of a project are reviewed; what is None does not matter.

    Approved ones may be sent. `is_refused` finds those whose clients opted out, whatever was decided about them.
    """

    channel_id: int | None = None
    campaign_id: int | None = None
    verdict: Verdict | None = None
    review: Review | None = Review.OPEN
    state: OfferState | None = None
    is_refused: bool = False

    @property
    def decision(self) -> str:
        """As the address has it."""
        if self.is_refused:
            return REFUSED
        return self.review.value if self.review else ALL

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        asked: list[tuple[Any, Any]] = [
            (Offer.project_channel_id, self.channel_id),
            (Offer.campaign_id, self.campaign_id),
            (Offer.verdict, self.verdict),
            (Offer.review, self.review),
        ]
        states = Offer.state == self.state if self.state else Offer.state.in_(WITH_TEXT)
        found = [states, *(column == value for column, value in asked if value is not None)]
        if self.is_refused:
            found.append(client_opted_out())
        elif self.review is Review.APPROVED:
            found.append(~client_opted_out())
        return found

    @property
    def words(self) -> dict[str, Any]:
        """As the URL has it."""
        named = {"channel_id": self.channel_id, "campaign_id": self.campaign_id}
        chosen = {"verdict": self.verdict, "state": self.state}
        said = {name: value.value for name, value in chosen.items() if value}
        return {name: value for name, value in named.items() if value} | said | {"review": self.decision}


@dataclass(frozen=True)
class Place:
    """Where an offer stands among those that match: its number from 1, and its neighbours."""

    number: int
    total: int
    previous: int | None
    next: int | None


def matching(project: Project, chosen: ReviewFilter) -> Select[Any]:
    """Offers with a text; those to review from the index on (project, review, verdict, id)."""
    return db.select(Offer).where(Offer.project_id == project.id, *chosen.conditions)


def table_page(project: Project, chosen: ReviewFilter, number: int) -> Page:
    query = matching(project, chosen)
    total = db.session.scalar(query.with_only_columns(func.count()))
    return page_of(query.order_by(Offer.id), int(total or 0), number)


def counts(project: Project, chosen: ReviewFilter) -> dict[Verdict, int]:
    """How many offers match whatever their verdict, by verdict, in one query."""
    grouped = (
        matching(project, replace(chosen, verdict=None))
        .with_only_columns(Offer.verdict, func.count())
        .group_by(Offer.verdict)
    )
    found = {verdict: count for verdict, count in db.session.execute(grouped)}
    return {verdict: found.get(verdict, 0) for verdict in Verdict}


def first_after(project: Project, chosen: ReviewFilter, after: int) -> int | None:
    """The next offer that matches, past the number `after`; the first of all where there is none past it."""
    numbers = matching(project, chosen).with_only_columns(Offer.id).order_by(Offer.id).limit(1)
    return db.session.scalar(numbers.where(Offer.id > after)) or db.session.scalar(numbers)


def place(project: Project, chosen: ReviewFilter, offer: Offer) -> Place:
    """An offer that was decided about stands where it stood; the neighbours are those that match."""
    query = matching(project, chosen).with_only_columns(
        func.count(),
        func.count().filter(Offer.id < offer.id),
        func.max(Offer.id).filter(Offer.id < offer.id),
        func.min(Offer.id).filter(Offer.id > offer.id),
    )
    total, earlier, previous, following = db.session.execute(query).one()
    return Place(earlier + 1, total, previous, following)


def text_before(offer: Offer) -> Message | None:
    """What a person's text was written over; None when the text is the model's own."""
    current = db.session.get(Message, offer.current_id) if offer.current_id else None
    if current is None or current.role is not MessageRole.EDIT or current.parent_id is None:
        return None
    return db.session.get(Message, current.parent_id)


def campaigns_of(project: Project) -> Sequence[tuple[int, str]]:
    """Ids and names of the newest campaigns, for the filter."""
    query = db.select(Campaign.id, Campaign.name).filter_by(project_id=project.id).order_by(Campaign.id.desc())
    return [(number, name) for number, name in db.session.execute(query.limit(CAMPAIGNS_OFFERED))]
