"""What a load's job does: rows in chunks that commit into a staging table, then all at once among the clients.

What is committed is never read twice, unless the database itself crashed. Whoever changes a load's state meanwhile
(cancels it, or takes its worker for dead) is found out with the next chunk, and nothing more is stored: also when
another worker goes on with the load by then, for each claims it under a number of its own.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from threading import Event
from traceback import format_tb
from typing import Any, TypeVar

import structlog
from flask import Flask
from sqlalchemy import func
from sqlalchemy.exc import SQLAlchemyError

from ..database import db, own_transaction, patiently
from ..database_errors import cause_of, trouble_of
from ..dictionary.services import fields_of
from ..imports.errors import SourceError
from ..imports.ids import compared
from ..imports.source import Row
from ..imports.values import shown
from ..models import ClientImport, ClientRejection, ClientSource, ImportState
from . import sources
from .columns import Target, from_json, type_of
from .encoding import Encoded, RowEncoder
from .failures import NotStored, failure_of
from .reading_pace import reading_pace
from .rejections import Rejected
from .staging import Stage

log = structlog.get_logger()
T = TypeVar("T")

CHUNK = 10_000
SOME_ROWS = 10
CHUNK_BYTES = 4 * 2**20
REJECTIONS_KEPT = 100_000
LONGEST_DETAIL = 200


class GivenBack(Exception):
    """The worker stops before the load is finished: it waits for another one."""


class LoadTaken(Exception):
    """The load is not ours any more: somebody cancelled it, or another worker goes on with it."""


class RowsLost(Exception):
    """A crash of the database emptied the staging table meanwhile. Whoever continues the load reads
    its source from the beginning."""


@dataclass(frozen=True)
class Claim:
    """A worker's right to a load: the `number`th time that one began with it or went on."""

    import_id: int
    number: int


def encoder_of(load: ClientImport, width: int) -> RowEncoder:
    """For the rows of a source with so many columns. The dictionary is read once: a load does not change its mind."""
    types = {field.key: field.type for field in fields_of(load.project)}
    plan = from_json(load.plan)
    return RowEncoder(
        plan, {column.position: type_of(column, types[column.key]) for column in plan if column.key}, width
    )


def take(load: ClientImport, encoded: Encoded) -> None:
    """Put rows into the stage, keep those that are rejected, and count both."""
    stage = Stage(load)
    stage.copy([*encoded.lines, *encoded.refusals])
    _keep(load, _of_nobody_erased(stage, encoded.rejected))
    load.row_count += encoded.row_count
    load.rejected_count += len(encoded.rejected)
    load.touched_at = func.now()
    db.session.flush()


def place(load: ClientImport) -> None:
    """Bring the staged rows among the clients and finish the load."""
    plan = from_json(load.plan)
    targets = {column.target for column in plan}
    stage = Stage(load)
    stage.place(
        [column.key for column in plan if column.key],
        has_email=Target.EMAIL in targets,
        has_phone=Target.PHONE in targets,
    )
    stage.drop()
    load.state = ImportState.FINISHED
    load.finished_at = func.clock_timestamp()
    db.session.flush()


def give_up(load: ClientImport) -> None:
    """Drop what was staged. The source stays, to be loaded again, unless somebody was erased meanwhile: it has them."""
    stage = Stage(load)
    if stage.has_erased and load.source_id:
        sources.discard(db.session.get_one(ClientSource, load.source_id))
    stage.drop()


def load_now(load: ClientImport, rows: Iterable[Row], width: int) -> None:
    """Load all within the caller's transaction: for a few thousand rows, and nobody who watches."""
    Stage(load).make()
    encoder = encoder_of(load, width)
    for chunk in _chunks(rows, lambda: 0):
        take(load, encoder.encode(chunk))
    place(load)


def _of_nobody_erased(stage: Stage, rejected: Sequence[Rejected]) -> Sequence[Rejected]:
    """Without the rows in which stands who was erased since the load began."""
    words = {compared(shown(cell)) for row in rejected for cell in row.written_cells}
    if not (erased := stage.erased_among(words)):
        return rejected
    return [row for row in rejected if erased.isdisjoint(compared(shown(cell)) for cell in row.written_cells)]


def _keep(load: ClientImport, rejected: Sequence[Rejected]) -> None:
    """Keep rejected rows up to a number that nobody mends by hand; the rest are counted only."""
    room = max(0, REJECTIONS_KEPT - load.rejected_count)
    db.session.add_all(
        ClientRejection(
            import_id=load.id,
            row_number=row.number,
            reason=row.reason.value,
            detail=row.column[:LONGEST_DETAIL],
            cells=row.written_cells,
        )
        for row in rejected[:room]
    )


def _chunks(rows: Iterable[Row], bytes_read: Callable[[], float]) -> Iterator[list[Row]]:
    """As many rows as are worth a transaction, and no more bytes than the memory should hold: rows may be long."""
    rest = iter(rows)
    chunk: list[Row] = []
    begun_at = 0.0
    while some := list(islice(rest, min(SOME_ROWS, CHUNK))):
        chunk += some
        if len(chunk) >= CHUNK or bytes_read() - begun_at > CHUNK_BYTES:
            yield chunk
            chunk, begun_at = [], bytes_read()
    if chunk:
        yield chunk


class BackgroundLoads:
    """Carries out loads in this process."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stopping = Event()

    def stop(self) -> None:
        """May be called from a signal handler."""
        self._stopping.set()

    def carry_out(self, import_id: int) -> None:
        """Load what waits. Raises GivenBack when this process stops; whatever else happens is told on the load."""
        if claim := self._claim(import_id):
            self._finish(claim)

    def _finish(self, claim: Claim) -> None:
        try:
            self._load(claim)
        except LoadTaken:
            log.info("load_taken", load=claim.import_id)
        except GivenBack:
            self._become(claim, ImportState.WAITING)
            raise
        except SQLAlchemyError as error:
            # Not raised: the queue would log its text, in which PostgreSQL may repeat a client's row.
            log.error(
                "load_not_stored", load=claim.import_id, **cause_of(error), where=format_tb(error.__traceback__)[-1]
            )
            failure, detail = failure_of(NotStored(trouble_of(error)))
            self._become(claim, ImportState.INTERRUPTED, failure=failure, failure_detail=detail)
        except Exception:
            self._become(claim, ImportState.INTERRUPTED)
            raise

    def _load(self, claim: Claim) -> None:
        try:
            self._read(claim)
            self._place(claim)
        except SourceError as error:
            self._fail(claim, error)

    def _claim(self, import_id: int) -> Claim | None:
        return self._do(lambda: _claimed(import_id))

    def _read(self, claim: Claim) -> None:
        with self._app.app_context():
            load = db.session.get_one(ClientImport, claim.import_id)
            done = load.row_count
            kept = db.session.get_one(ClientSource, load.source_id)
            kept.settings = load.form["settings"]  # as it was read when the load began, whatever was chosen since
            size = kept.byte_count
            with sources.opened(kept) as source:
                encoder = encoder_of(load, len(source.columns))
                db.session.remove()
                rows = islice(source.rows(), done, None)
                with reading_pace:
                    self._stage(claim, encoder, _chunks(rows, lambda: source.share_read * size), done)

    def _stage(self, claim: Claim, encoder: RowEncoder, chunks: Iterable[Sequence[Row]], done: int) -> None:
        """Encode one chunk while the database takes the one before it: they keep a processor busy each."""
        with ThreadPoolExecutor(1, "stage") as stager:
            storing = stager.submit(lambda: None)
            for chunk in chunks:
                encoded = encoder.encode(chunk)
                storing.result()
                if self._stopping.is_set():
                    raise GivenBack
                storing = stager.submit(self._store, claim, encoded, done)
                done += encoded.row_count
            storing.result()

    def _store(self, claim: Claim, encoded: Encoded, done: int) -> None:
        """`done` are the rows before these."""

        def take_once() -> None:
            load = _held(claim, ImportState.READING)
            if load.row_count == done:  # else they were committed, and the connection broke before we heard of it
                take(load, encoded)

        self._do(take_once)

    def _place(self, claim: Claim) -> None:
        self._do(lambda: _begin_placing(claim))
        self._do(lambda: _place_all(claim))

    def _do(self, work: Callable[[], T]) -> T:
        return patiently(self._app, work, give_up=self._stopping)

    def _fail(self, claim: Claim, error: SourceError) -> None:
        self._do(lambda: _mark_failed(claim, error))

    def _become(self, claim: Claim, state: ImportState, **why: Any) -> None:
        """Only from a state in which the load is ours."""
        ours = (ImportState.READING, ImportState.PLACING)
        with self._app.app_context(), own_transaction():
            change = db.update(ClientImport).filter_by(id=claim.import_id, claim_count=claim.number)
            change = change.where(ClientImport.state.in_(ours))
            db.session.execute(change.values(state=state, touched_at=func.now(), **why))


def _claimed(import_id: int) -> Claim | None:
    load = db.session.get(ClientImport, import_id, with_for_update={"of": ClientImport})
    if load is None or load.state is not ImportState.WAITING:
        return None
    if load.project.is_archived:
        load.state = ImportState.INTERRUPTED  # restored, the project can go on with it
        return None
    load.state = ImportState.READING
    load.claim_count += 1
    load.failure, load.failure_detail = "", {}
    load.started_at = load.started_at or func.now()
    load.touched_at = func.now()
    _begin_again_if_rows_are_missing(load)
    return Claim(load.id, load.claim_count)


def _held(claim: Claim, state: ImportState) -> ClientImport:
    """The load, locked for this transaction. Raises LoadTaken when it is not in that state any more, or another's."""
    load = db.session.get(ClientImport, claim.import_id, with_for_update={"of": ClientImport}, populate_existing=True)
    if load is None or load.state is not state or load.claim_count != claim.number:
        raise LoadTaken
    return load


def _begin_placing(claim: Claim) -> None:
    _held(claim, ImportState.READING).state = ImportState.PLACING


def _place_all(claim: Claim) -> None:
    load = _held(claim, ImportState.PLACING)
    if not _has_all_rows(load):
        raise RowsLost
    place(load)
    sources.discard(db.session.get_one(ClientSource, load.source_id))


def _mark_failed(claim: Claim, error: SourceError) -> None:
    load = _held(claim, ImportState.READING)
    load.failure, load.failure_detail = failure_of(error)
    load.state = ImportState.FAILED
    load.touched_at = func.now()
    give_up(load)


def _begin_again_if_rows_are_missing(load: ClientImport) -> None:
    """A new load has no stage yet, and a crash of the database empties it."""
    if load.row_count and _has_all_rows(load):
        return
    Stage(load).make()
    db.session.execute(db.delete(ClientRejection).filter_by(import_id=load.id))
    load.row_count = load.rejected_count = 0


def _has_all_rows(load: ClientImport) -> bool:
    staged = Stage(load).count()
    return staged is not None and staged >= load.row_count - load.rejected_count
