"""Decisions as they are kept: what an offer was before, and how the newest of a person's decisions is undone."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, text

from ..database import db
from ..models import Message, MessageRole, Offer, Project, ReviewAction, ReviewVerb, User
from ..offers.finishing import lock_cleared
from ..offers.picking import Retired
from ..offers.services import must_be_active
from ..privacy.services import heed_refusals

KEPT = (
    "text", "current_id", "state", "verdict", "review", "review_reason", "reviewer_id", "reviewed_at",
    "finished_with_id", "opened_with_id",
)  # fmt: skip

# Every column that a decision kept is put back; who changed the offer since raised its revision, and keeps it.
_UNDO = text(
    """
    UPDATE offer SET
        (text, current_id, state, verdict, review, review_reason, reviewer_id, reviewed_at,
            finished_with_id, opened_with_id) = (
            SELECT b.text, b.current_id, b.state, b.verdict, b.review, b.review_reason, b.reviewer_id, b.reviewed_at,
                b.finished_with_id, b.opened_with_id
            FROM jsonb_populate_record(offer, action.before) AS b
        ),
        revision = offer.revision + 1
    FROM review_action AS action
    WHERE action.batch = :batch AND action.project_id = :project AND action.user_id = :person
        AND NOT action.is_undone AND action.offer_id = offer.id AND action.revision = offer.revision
    """
)

# Put back, an offer will be what the decision before the undone one left: that one may be undone next.
_CARRY_ON = text(
    """
    UPDATE review_action AS earlier SET revision = offer.revision + 1
    FROM review_action AS action JOIN offer ON offer.id = action.offer_id
    WHERE action.batch = :batch AND action.project_id = :project AND action.user_id = :person
        AND NOT action.is_undone AND offer.revision = action.revision
        AND earlier.offer_id = action.offer_id AND earlier.revision = (action.before ->> 'revision')::integer
        AND earlier.id < action.id AND NOT earlier.is_undone
    """
)


class NothingToUndo(Exception):
    """The person decided nothing here that is not undone yet."""


class TextRetired(Retired):
    """What the decision replaced is a text of the text bank that may not be used any more. It is not tried again."""

    def __init__(self, offer_id: int) -> None:
        super().__init__()
        self.offer_id = offer_id


class DecidedSince(Exception):
    """Every offer of the decision was changed after it: there is nothing left to put back. It is not tried again."""

    def __init__(self, offer_id: int) -> None:
        super().__init__()
        self.offer_id = offer_id


def new_batch() -> str:
    """A name for decisions that are made, and undone, at once."""
    return str(uuid4())


def before(offer: Offer) -> dict[str, Any]:
    """The offer's columns as an undo puts them back, and its revision."""
    values = {name: getattr(offer, name) for name in (*KEPT, "revision")}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def record(offer: Offer, verb: ReviewVerb, author: User, was: dict[str, Any], batch: str, reason: str) -> ReviewAction:
    """Keep a decision that was just made; the offer has its new revision already."""
    action = ReviewAction(
        project_id=offer.project_id,
        offer_id=offer.id,
        user_id=author.id,
        verb=verb,
        batch=batch,
        reason=reason,
        before=was,
        revision=offer.revision,
    )
    db.session.add(action)
    return action


def undo_newest(project: Project, author: User) -> tuple[ReviewAction, int, int]:
    """Take back the newest decision of a person's in the project, with all that was decided at once with it.

    It approves no offer whose client opted out.

    Returns the decision, how many offers were put back, and how many stay since somebody changed them. Raises
    ProjectArchived, NothingToUndo, TextRetired, DecidedSince.
    """
    must_be_active(project)
    newest = newest_action(project, author)
    if newest is None:
        raise NothingToUndo
    if _replaced_what_is_retired(newest):
        newest.is_undone = True
        db.session.flush()
        raise TextRetired(newest.offer_id)
    names = {"batch": newest.batch, "project": project.id, "person": author.id}
    db.session.execute(_CARRY_ON, names)
    undone = int(db.session.execute(_UNDO, names).rowcount)  # type: ignore[attr-defined]
    heed_refusals(Offer.id.in_(db.select(ReviewAction.offer_id).where(*_of_batch(newest))))
    mark = db.update(ReviewAction).where(*_of_batch(newest), ReviewAction.is_undone.is_(False)).values(is_undone=True)
    total = int(db.session.execute(mark).rowcount)  # type: ignore[attr-defined]
    db.session.expire_all()
    if not undone:
        raise DecidedSince(newest.offer_id)
    return newest, undone, total - undone


def newest_action(project: Project, author: User) -> ReviewAction | None:
    """The newest decision of a person's that can be tried to undo; from the index on (project, id)."""
    mine = db.select(ReviewAction).filter_by(project_id=project.id, user_id=author.id, is_undone=False)
    return db.session.scalar(mine.order_by(ReviewAction.id.desc()).limit(1))


def latest_of(offer: Offer) -> ReviewAction | None:
    """The newest decision about an offer, whoever made it."""
    query = db.select(ReviewAction).filter_by(offer_id=offer.id, is_undone=False)
    return db.session.scalar(query.order_by(ReviewAction.id.desc()).limit(1))


def is_withdrawn(offer: Offer) -> bool:
    """Whether the offer was approved until its client opted out, and nobody has decided about it since."""
    latest = latest_of(offer)
    return latest is not None and latest.verb is ReviewVerb.WITHDRAW and latest.revision == offer.revision


def _replaced_what_is_retired(action: ReviewAction) -> bool:
    """Whether an undo would give the offer a text of the text bank that may not be used any more. Only an edit replaces
    a text, and it is never one of many decisions."""
    replaced = db.session.scalar(
        db.select(Message)
        .join(Offer, Offer.id == Message.offer_id)
        .where(Offer.id == action.offer_id, Offer.revision == action.revision, Offer.current_id != Message.id)
        .where(Message.id == action.before["current_id"], Message.role == MessageRole.BANK)
    )
    return replaced is not None and not lock_cleared(replaced)


def _of_batch(action: ReviewAction) -> tuple[ColumnElement[bool], ...]:
    return (
        ReviewAction.batch == action.batch,
        ReviewAction.project_id == action.project_id,
        ReviewAction.user_id == action.user_id,
    )
