"""Who must not be written to: the one place that knows, for campaigns, exports, loads and the pages."""

from collections.abc import Collection, Sequence
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute

from ..database import db
from ..models import (
    AuditEntry,
    Client,
    Offer,
    OfferState,
    OptOut,
    OptOutKey,
    OptOutList,
    OptOutSource,
    Project,
    Review,
    ReviewAction,
    ReviewVerb,
    User,
    Verdict,
)
from . import marks
from .gathering import Refusals
from .naming import searched

AT_ONCE = 10_000
"""Ids a statement takes."""
UNWRITTEN = (OfferState.WAITING, OfferState.WRITING)
GIVEN = "SELECT unnest(CAST(:identities AS text[])), NULL"


class OptedOut(Exception):
    """The client must not be written to."""


def opted_out(project_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Of a joined Client: whether the project, or the whole bank, must not write to them.

    Equality with `OptOut.identity` or `OptOutKey.key` alone, so that an index answers for one client and a single
    pass over the opt-outs for all of them. Nobody's contacts are hashed before there is a key to compare them with.
    """
    reaches = (OptOut.project_id == project_id) | OptOut.project_id.is_(None)
    named = db.select(OptOut.id).where(OptOut.identity == Client.identity, reaches).correlate_except(OptOut).exists()
    first = db.select(OptOutKey.key).order_by(OptOutKey.key).limit(1).correlate(None).scalar_subquery()
    return or_(named, and_(first.is_not(None), or_(*(_found_by(key, reaches) for key in _keys_of_clients()))))


def not_opted_out(project_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return ~opted_out(project_id)


def client_opted_out() -> ColumnElement[bool]:
    """Of Offer: whether its client must not be written to, so that it must not be sent even where it is approved."""
    theirs = db.select(Client.id).where(Client.id == Offer.client_id, opted_out(Offer.project_id))
    return theirs.correlate_except(Client).exists()


def opted_out_among(offers: Collection[Offer]) -> set[int]:
    """The ids of those offers whose clients must not be written to, in one query."""
    numbers = [offer.id for offer in offers]
    return set(db.session.scalars(db.select(Offer.id).where(Offer.id.in_(numbers), client_opted_out())))


def must_not_be_opted_out(client: Client) -> None:
    """Raises OptedOut."""
    if db.session.scalar(db.select(opted_out(client.project_id)).where(Client.id == client.id)):
        raise OptedOut


def concerns(client: Client) -> ColumnElement[bool]:
    """Of OptOut: whether it keeps this client out, wherever it reaches."""
    known = db.select(*_keys_of_clients()).where(Client.id == client.id)
    keys = [each for each in db.session.execute(known).one() if each]
    by_key = db.select(OptOutKey.opt_out_id).where(OptOutKey.key.in_(keys))
    return or_(OptOut.identity == keys[0], OptOut.id.in_(by_key))


def is_meant_by(search: str) -> ColumnElement[bool]:
    """Of OptOut: whether its identity begins so, or whether it is known by this telephone or e-mail."""
    meant = searched(search)
    by_key = db.select(OptOutKey.opt_out_id).where(OptOutKey.key == meant)
    return OptOut.identity.startswith(meant, autoescape=True) | OptOut.id.in_(by_key)


def opt_out(
    project: Project | None,
    identities: Collection[str],
    source: OptOutSource,
    note: str,
    author: User | None,
    of_list: OptOutList | None = None,
) -> int:
    """Keep these people out of the project, or of the whole bank without one; returns how many were added.

    Who is out already stays so, with the note of the first time. Each of `identities` is a Client's, or the mark of a
    contact; what else is known now of these clients is kept as a key, for when they come under another name.
    """
    wanted = sorted(set(identities))
    refusals = Refusals()
    for start in range(0, len(wanted), AT_ONCE):
        refusals.gather(GIVEN, {"identities": wanted[start : start + AT_ONCE]})
    added = refusals.keep(
        project.id if project else None,
        source,
        note,
        author.id if author else None,
        of_list.id if of_list else None,
    )
    heed_refusals(Offer.project_id == project.id if project else true())
    if added:
        _record("opt_out", project, wanted, added, author)
    return added


def heed_refusals(among: ColumnElement[bool]) -> None:
    """Bring offers, those `among` them, into line with what their clients refused: a campaign writes none of them, and
    who has one in work stores nothing; an approved one is to be decided about again.
    """
    held = db.select(Offer.id).where(among, client_opted_out()).order_by(Offer.id).with_for_update()
    unwritten = held.where(Offer.state.in_(UNWRITTEN), Offer.campaign_id.is_not(None))
    left_out = db.update(Offer).where(Offer.id.in_(unwritten)).values(state=OfferState.OPTED_OUT)
    db.session.execute(left_out.execution_options(synchronize_session=False))
    _withdraw(held.where(Offer.review == Review.APPROVED))


def _withdraw(approved: Select[tuple[int]]) -> None:
    """It is the program's own decision, which nobody undoes."""
    needs_person = (Offer.verdict == Verdict.BLOCK, OfferState.NEEDS_PERSON)
    withdrawn = (
        db.update(Offer)
        .where(Offer.id.in_(approved))
        .values(review=Review.OPEN, review_reason="", reviewer_id=None, reviewed_at=None)
        .values(revision=Offer.revision + 1, state=case(needs_person, else_=Offer.state))
        .returning(Offer.project_id, Offer.id, Offer.revision)
        .cte("withdrawn")
    )
    told = {"verb": ReviewVerb.WITHDRAW.value, "batch": str(uuid4()), "reason": ""}
    kept = [*map(db.literal, told.values()), db.literal({}, JSONB), false()]
    columns = ["project_id", "offer_id", "revision", *told, "before", "is_undone"]
    db.session.execute(db.insert(ReviewAction).from_select(columns, db.select(*withdrawn.c, *kept)))


def opt_out_list(
    project: Project | None, identities: Collection[str], source: OptOutSource, note: str, author: User
) -> int:
    """The same of a list, which is kept as one: it may be undone as a whole."""
    kept = OptOutList(project_id=project.id if project else None, note=note, user_id=author.id)
    db.session.add(kept)
    db.session.flush()
    kept.added_count = opt_out(project, identities, source, note, author, kept)
    if not kept.added_count:
        db.session.delete(kept)
    return kept.added_count


def undo_list(kept: OptOutList, author: User) -> int:
    """Lift what a project's list added and nobody lifted since; returns how many."""
    count = db.session.scalar(db.select(func.count()).select_from(OptOut).where(OptOut.list_id == kept.id)) or 0
    _record("opt_in", db.session.get_one(Project, kept.project_id), [], count, author)
    db.session.execute(db.delete(OptOutList).where(OptOutList.id == kept.id))
    return count


def opt_in(entry: OptOut, author: User) -> None:
    """Lift a project's opt-out; one of the whole bank is lifted in the admin console."""
    _record("opt_in", db.session.get_one(Project, entry.project_id), [entry.identity], 1, author)
    db.session.delete(entry)
    db.session.flush()


def _keys_of_clients() -> Sequence[ColumnElement[str]]:
    """By what OptOutKey knows a joined Client."""
    identity: ColumnElement[str] = Client.identity  # type: ignore[assignment]
    return identity, marks.phone_mark(), marks.email_mark()


def _found_by(key: ColumnElement[str], reaches: ColumnElement[bool]) -> ColumnElement[bool]:
    query = (
        db.select(OptOutKey.key).join(OptOut, OptOut.id == OptOutKey.opt_out_id).where(OptOutKey.key == key, reaches)
    )
    return query.correlate_except(OptOut, OptOutKey).exists()


def _record(action: str, project: Project | None, identities: Sequence[str], count: int, author: User | None) -> None:
    """One line for what a person did at once; it names the client when it was one."""
    db.session.add(
        AuditEntry(
            user_id=author.id if author else None,
            action=action,
            object_type="project" if project else "bank",
            object_id=str(project.id) if project else "",
            object_name=identities[0] if len(identities) == 1 else "",
            changes={"clients": [None, str(count)]},
        )
    )
    db.session.flush()
