"""What a person does with a load of clients: start it, cancel it, go on with it, undo it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import text

from ..database import db
from ..dictionary.editing import lock_dictionary
from ..dictionary.ranges import usual_ends
from ..dictionary.services import KnownField, add_fields, known_fields
from ..imports.source import Row
from ..models import (
    Client,
    ClientImport,
    ClientSource,
    Duplicates,
    ImportState,
    Offer,
    Project,
    SourceState,
    User,
)
from ..projects.services import must_be_active
from . import jobs
from .columns import ColumnPlan, to_json
from .loading import give_up, load_now
from .staging import one_at_a_time


class LoadError(Exception):
    """Something that cannot be done with a load."""


class SourceNotReady(LoadError):
    """The rows of the source are not fetched whole yet."""


class SourceGone(LoadError):
    """The source was forgotten meanwhile: by a colleague, or because a client was erased who may be in it."""


class AlreadyLoading(LoadError):
    """The source is being loaded at this moment."""


class LoadMovedOn(LoadError):
    """The load is in another state than the person saw: finished meanwhile, or undone."""


class FieldGone(LoadError):
    """A column is to fill a field that was taken out of the dictionary meanwhile."""


class ImportInUse(LoadError):
    """A load cannot be undone: offers were written for its clients."""


class BuiltUpon(LoadError):
    """A load cannot be taken back: later loads changed clients whom it changed or brought. Those go first."""


BRING_BACK = """
    UPDATE client SET data = before.data, email = before.email, phone = before.phone, updated_at = before.updated_at
    FROM client_change AS before WHERE before.import_id = :load AND client.id = before.client_id
"""
# `updated_at` of a change is that of the client before it: so it tells the order in which loads changed a client.
CHANGED_AGAIN = """
    SELECT EXISTS (
        SELECT FROM client_change AS change JOIN client_change AS later
            ON later.client_id = change.client_id AND later.updated_at > change.updated_at
        WHERE change.import_id = :load
    )
"""
# Whoever writes an offer for one of them meanwhile waits for us, or we for them, and then its offer is seen.
LOCK_ITS_CLIENTS = """
    SELECT count(*) FROM (SELECT FROM client WHERE import_id = :load ORDER BY id FOR UPDATE) AS locked
"""
ITS_CLIENTS_CHANGED = """
    SELECT EXISTS (
        SELECT FROM client JOIN client_change AS later ON later.client_id = client.id WHERE client.import_id = :load
    )
"""


def start_import(
    source: ClientSource, plan: Sequence[ColumnPlan], duplicates: Duplicates, author: User
) -> ClientImport:
    """Queue the load of a kept source. Raises ProjectArchived, SourceGone, SourceNotReady, AlreadyLoading
    or FieldGone."""
    must_be_active(source.project)
    if db.session.get(ClientSource, source.id, with_for_update={"of": ClientSource}, populate_existing=True) is None:
        raise SourceGone
    if source.state is not SourceState.READY:
        raise SourceNotReady
    if load_of(source):
        raise AlreadyLoading
    load = _add_import(source.project, source.name, plan, author, duplicates)
    load.source_id = source.id
    load.state = ImportState.WAITING
    load.form = {"kind": source.kind.value, "settings": source.settings}
    load.expected_count = source.row_count or 0
    jobs.queue(load)
    return load


def load_rows(
    project: Project, name: str, rows: Iterable[Row], plan: Sequence[ColumnPlan], author: User
) -> ClientImport:
    """Load numbered rows at once, within the caller's transaction. Raises ProjectArchived or FieldGone."""
    must_be_active(project)
    load = _add_import(project, name, plan, author, Duplicates.SKIP)
    db.session.flush()
    load_now(load, rows, len(plan))
    return load


def load_of(source: ClientSource) -> ClientImport | None:
    """The load that has this source, unless it was cancelled or failed."""
    ended = (ImportState.CANCELLED, ImportState.FAILED)
    query = db.select(ClientImport).filter_by(source_id=source.id).where(ClientImport.state.not_in(ended))
    return db.session.scalar(query.order_by(ClientImport.id.desc()).limit(1))


def cancel_import(load: ClientImport) -> None:
    """Stop a load that has not come to its end, or give up one that was interrupted or failed; no client of it stays.

    Its source is kept, so that it may be loaded again, unless a client was erased since the load began. Raises
    LoadMovedOn when it is past that.
    """
    _lock(load)
    if load.state not in (ImportState.WAITING, ImportState.READING, ImportState.INTERRUPTED, ImportState.FAILED):
        raise LoadMovedOn
    load.state = ImportState.CANCELLED
    give_up(load)
    db.session.flush()


def continue_import(load: ClientImport) -> None:
    """Go on where an interrupted load stopped. Raises ProjectArchived or LoadMovedOn."""
    must_be_active(load.project)
    _lock(load)
    if load.state is not ImportState.INTERRUPTED:
        raise LoadMovedOn
    load.state = ImportState.WAITING
    jobs.queue(load)


def undo_import(load: ClientImport) -> None:
    """Take back a finished load: its clients go, those whom it changed are again as they were.

    Raises ProjectArchived, LoadMovedOn, BuiltUpon, or ImportInUse when offers were written for one of its clients.
    """
    must_be_active(load.project)
    _lock(load)
    if load.state is not ImportState.FINISHED:
        raise LoadMovedOn
    one_at_a_time(load.project_id)
    db.session.execute(text(LOCK_ITS_CLIENTS), {"load": load.id})
    if db.session.scalar(text(ITS_CLIENTS_CHANGED), {"load": load.id}):
        raise BuiltUpon
    used = db.select(Offer.id).join(Client, Client.id == Offer.client_id).where(Client.import_id == load.id)
    if db.session.scalar(used.limit(1)):
        raise ImportInUse
    take_back_changes(load)
    db.session.delete(load)
    db.session.flush()


def take_back_changes(load: ClientImport) -> None:
    """Make the clients whom a load changed as they were before it. Raises BuiltUpon.

    The caller keeps other loads of the project from their end meanwhile (staging.one_at_a_time).
    """
    if db.session.scalar(text(CHANGED_AGAIN), {"load": load.id}):
        raise BuiltUpon
    db.session.execute(text(BRING_BACK), {"load": load.id})


def _add_import(
    project: Project, name: str, plan: Sequence[ColumnPlan], author: User, duplicates: Duplicates
) -> ClientImport:
    """A load, and in the project's dictionary the fields that it fills. Nobody takes one out meanwhile."""
    lock_dictionary(project)
    known = known_fields(project)
    if any(column.key not in known for column in plan if column.key and not column.new):
        raise FieldGone
    add_fields(project, [_described(column, known) for column in plan if column.key])
    load = ClientImport(
        project=project, user_id=author.id, source=name[:255], plan=to_json(plan), duplicates=duplicates
    )
    db.session.add(load)
    return load


def _described(column: ColumnPlan, known: dict[str, KnownField]) -> KnownField:
    key, new = str(column.key), column.new
    if new is None:
        return known[key]
    lowest, highest = usual_ends((key, new.label), new.type)
    return KnownField(key, new.label, new.type, {}, new.sensitivity, new.is_in_prompt, [], lowest, highest)


def _lock(load: ClientImport) -> None:
    db.session.refresh(load, with_for_update={"of": ClientImport})
