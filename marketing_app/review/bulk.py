"""Decisions about everything that matches a filter, a piece a transaction: a page asks for one piece after the other.

Nothing runs once the page is closed, and nothing is lost then: what was decided stays, and is undone at once.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import func

from ..checks.findings import Finding
from ..database import db
from ..models import Client, DraftState, Message, Offer, Project, Review, ReviewVerb, User, Verdict
from ..offers.checking import verdict_of
from ..offers.services import must_be_active
from ..privacy.services import opted_out
from .queries import ReviewFilter, matching
from .rechecking import findings_now
from .services import decide

AT_ONCE = 250
"""Offers of a piece: about a second of checks."""

GOALS = {
    ReviewVerb.APPROVE: Review.APPROVED,
    ReviewVerb.REJECT: Review.REJECTED,
    ReviewVerb.REOPEN: Review.OPEN,
}


class LeftOut(StrEnum):
    """Why an offer that matched was not decided about."""

    BLOCKED = "blocked"
    WARNED = "warned"
    OPTED_OUT = "opted_out"
    WRITING = "writing"
    ALREADY = "already"


@dataclass(frozen=True)
class Order:
    """What is to be done with all that match. `batch` names the decisions; `until` is the newest offer that counts."""

    verb: ReviewVerb
    chosen: ReviewFilter
    batch: str
    until: int
    reason: str = ""
    warned_too: bool = False


@dataclass(frozen=True)
class Piece:
    """What one piece did: `last` is the last offer that was looked at, None when there are no more."""

    last: int | None
    done: int = 0
    left_out: Counter[LeftOut] = field(default_factory=Counter)


def extent(project: Project, chosen: ReviewFilter) -> tuple[int, int]:
    """How many offers match, and the newest of them: what is written meanwhile is not decided about unseen."""
    query = matching(project, chosen).with_only_columns(func.count(), func.coalesce(func.max(Offer.id), 0))
    count, newest = db.session.execute(query).one()
    return count, newest


def carry_out(project: Project, order: Order, author: User, after: int) -> Piece:
    """The next offers past the number `after`. Raises ProjectArchived."""
    must_be_active(project)
    rows = _hold_next(project, order, after)
    if not rows:
        return Piece(None)
    offers = [offer for offer, _is_out in rows]
    out = {offer.id for offer, is_out in rows if is_out}
    writing = _being_written(offers)
    findings = findings_now(offers) if order.verb is ReviewVerb.APPROVE else {}
    left_out = Counter[LeftOut]()
    for offer in offers:
        why = _obstacle(offer, order, offer.id in out, offer.id in writing, findings.get(offer.id, []))
        if why:
            left_out[why] += 1
            continue
        verdict = verdict_of(findings[offer.id]) if offer.id in findings else None
        decide(offer, order.verb, author, order.batch, order.reason, verdict)
    db.session.flush()
    return Piece(offers[-1].id, len(offers) - left_out.total(), left_out)


def _hold_next(project: Project, order: Order, after: int) -> list[tuple[Offer, bool]]:
    """Offers that nobody else changes until this transaction ends, and whether their clients want no letters."""
    query = (
        matching(project, order.chosen)
        .join(Client, Client.id == Offer.client_id)
        .add_columns(opted_out(project.id))
        .where(Offer.id > after, Offer.id <= order.until)
        .order_by(Offer.id)
        .limit(AT_ONCE)
        .with_for_update(of=Offer)
        .execution_options(populate_existing=True)
    )
    return [(offer, is_out) for offer, is_out in db.session.execute(query)]


def _being_written(offers: Sequence[Offer]) -> set[int]:
    numbers = [offer.id for offer in offers]
    query = db.select(Message.offer_id).where(Message.offer_id.in_(numbers), Message.state == DraftState.WRITING)
    return set(db.session.scalars(query))


def _obstacle(
    offer: Offer, order: Order, is_out: bool, is_written: bool, findings: Sequence[Finding]
) -> LeftOut | None:
    if is_written:
        return LeftOut.WRITING
    if offer.review is GOALS[order.verb]:
        return LeftOut.ALREADY
    if order.verb is not ReviewVerb.APPROVE:
        return None
    if is_out:
        return LeftOut.OPTED_OUT
    verdict = verdict_of(findings)
    if verdict is Verdict.BLOCK:
        return LeftOut.BLOCKED
    return LeftOut.WARNED if verdict is Verdict.WARN and not order.warned_too else None
