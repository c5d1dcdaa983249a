"""Who must not be written to: the one place that knows, for campaigns, exports, loads and the pages."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import InstrumentedAttribute

from ..database import db
from ..models import AuditEntry, Client, Offer, OptOut, OptOutSource, Project, User

AT_ONCE = 10_000
"""Ids a statement takes."""


class OptedOut(Exception):
    """The client must not be written to."""


def opted_out(project_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Of a joined Client: whether the project, or the whole bank, must not write to them.

    Equality with `OptOut.identity` alone, so that the unique index on it answers for one client and a single pass
    over the opt-outs for all of them.
    """
    reaches = (OptOut.project_id == project_id) | OptOut.project_id.is_(None)
    query = db.select(OptOut.id).where(OptOut.identity == Client.identity, reaches)
    return query.correlate_except(OptOut).exists()


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


def opt_out(
    project: Project | None, identities: Collection[str], source: OptOutSource, note: str, author: User | None
) -> int:
    """Keep these people out of the project, or of the whole bank without one; returns how many were added.

    Who is out already stays so, with the note of the first time. Each `identity` is a Client's.
    """
    wanted = sorted(set(identities))
    added = sum(
        _add(project, wanted[start : start + AT_ONCE], source, note, author) for start in range(0, len(wanted), AT_ONCE)
    )
    if added:
        _record("opt_out", project, wanted, added, author)
    return added


def opt_in(project: Project, identity: str, author: User) -> None:
    """Lift the project's opt-out; one of the whole bank stays, it is lifted in the admin console."""
    lifting = db.delete(OptOut).where(OptOut.project_id == project.id, OptOut.identity == identity)
    if db.session.scalar(lifting.returning(OptOut.id)):
        _record("opt_in", project, [identity], 1, author)


def _add(
    project: Project | None, identities: Sequence[str], source: OptOutSource, note: str, author: User | None
) -> int:
    given = func.unnest(cast(list(identities), ARRAY(String))).column_valued("identity")
    values: dict[Any, Any] = {
        OptOut.project_id: project.id if project else None,
        OptOut.source: source,
        OptOut.note: note,
        OptOut.user_id: author.id if author else None,
    }
    columns = [db.literal(value, column.type) for column, value in values.items()]
    made = insert(OptOut).from_select([OptOut.identity, *values], db.select(given, *columns))
    return len(db.session.scalars(made.on_conflict_do_nothing().returning(OptOut.id)).all())


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
