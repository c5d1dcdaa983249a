"""Rows of a database on their way into a kept source.

The request that has the password opens the connection; a thread goes on with it, so that the password is nowhere but
in these two. It tells with every beat that it lives: what a dead process leaves is found by its silence.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Event, Thread
from time import monotonic
from typing import IO, Any, Protocol

import structlog
from flask import Flask, current_app
from sqlalchemy import func, text
from sqlalchemy.exc import SQLAlchemyError

from ..database import db, own_transaction
from ..database_errors import cause_of, trouble_of
from ..imports.addresses import AddressRules, own_server, parse_allowed
from ..imports.errors import NoRows, SourceError
from ..imports.fetching import FetchLimits
from ..imports.kept_rows import KeptRows, encode
from ..imports.profile import ROWS_SHOWN, profile
from ..imports.source import Row
from ..models import ClientSource, ClientSourcePart, Project, SourceKind, SourceState, User
from ..projects.services import ProjectArchived, must_be_active
from ..settings import Settings
from .failures import NotStored, failure_of
from .sources import PART_BYTES, add_in_place_of

log = structlog.get_logger()

STORED_EVERY_SECONDS = 1
BEAT_SECONDS = 5
SILENT_SECONDS = 20
"""A source that says it is being fetched, but was silent for so long, has lost its process."""


class OpenTable(Protocol):
    """A connection that stands at the beginning of its rows. `late_columns` are those that only later rows had."""

    columns: Sequence[str]

    @property
    def late_columns(self) -> Iterable[str]: ...

    def rows(self) -> Iterator[Row]: ...
    def close(self) -> None: ...


class Forgotten(Exception):
    """The source is there no more: somebody cancelled the fetch."""


class Fetch:
    """Brings the rows of an open connection into a source, in a thread of its own."""

    def __init__(self, app: Flask, source_id: int, table: OpenTable) -> None:
        self._app = app
        self._source_id = source_id
        self._table = table
        self._has_ended = Event()
        self._digest = hashlib.sha256()
        self._part_count = 0
        self._byte_count = 0

    def start(self) -> None:
        """Once the source is committed."""
        Thread(target=self._run, name=f"fetch-{self._source_id}", daemon=True).start()

    def _run(self) -> None:
        Thread(target=self._beat, name=f"fetch-{self._source_id}-beat", daemon=True).start()
        try:
            with NamedTemporaryFile() as file:
                self._bring(file)
        except Forgotten:
            log.info("fetch_cancelled", source=self._source_id)
        except SourceError as error:
            self._fail(error)
        except Exception as error:
            log.error("fetch_failed", source=self._source_id, **cause_of(error))
            self._fail(NotStored(trouble_of(error)) if isinstance(error, SQLAlchemyError) else SourceError())
        finally:
            self._has_ended.set()
            self._table.close()

    def _bring(self, file: IO[bytes]) -> None:
        """The first rows are shown as soon as they are there, more are stored as they come."""
        path = Path(file.name)
        pending = bytearray(encode(self._table.columns))
        count = 0
        stored_at = monotonic()
        for count, row in self._table.rows():
            pending += encode(row)
            is_late = monotonic() - stored_at > STORED_EVERY_SECONDS
            if count == ROWS_SHOWN or len(pending) >= PART_BYTES or is_late:
                self._write(file, pending)
                look = {"profile": profile(KeptRows(path)).to_dict()} if count == ROWS_SHOWN else {}
                self._store(pending, row_count=count, **look)
                pending.clear()
                stored_at = monotonic()
        if not count:
            raise NoRows
        self._write(file, pending)
        seen = profile(KeptRows(path, count)).to_dict() | {"late_columns": list(self._table.late_columns)}
        self._store(pending, row_count=count, profile=seen, state=SourceState.READY)

    def _write(self, file: IO[bytes], pending: bytearray) -> None:
        file.write(pending)
        file.flush()
        self._digest.update(pending)
        self._byte_count += len(pending)

    def _store(self, pending: bytearray, **values: Any) -> None:
        """A part of the rows, and what is known now. Raises Forgotten."""
        with self._source_of_ours(
            byte_count=self._byte_count, digest=self._digest.hexdigest(), touched_at=func.now(), **values
        ):
            part = {"source_id": self._source_id, "number": self._part_count, "content": bytes(pending)}
            db.session.execute(db.insert(ClientSourcePart).values(**part))
        self._part_count += 1

    def _fail(self, error: SourceError) -> None:
        code, detail = failure_of(error)
        try:
            with self._source_of_ours(state=SourceState.FAILED, failure=code, failure_detail=detail):
                pass
        except Forgotten:
            log.info("fetch_cancelled", source=self._source_id)

    def _beat(self) -> None:
        try:
            while not self._has_ended.wait(BEAT_SECONDS):
                with self._source_of_ours(touched_at=func.now()):
                    pass
        except Forgotten:
            return

    @contextmanager
    def _source_of_ours(self, **values: Any) -> Iterator[None]:
        """Change the source in a transaction of its own, and what goes with it. Raises Forgotten."""
        ours = (ClientSource.id == self._source_id) & (ClientSource.state == SourceState.FETCHING)
        with self._app.app_context(), own_transaction():
            changed = db.session.execute(
                db.update(ClientSource).where(ours).values(**values).returning(ClientSource.id)
            )
            if changed.first() is None:
                raise Forgotten
            yield


def begin_fetch(
    project: Project,
    kind: SourceKind,
    settings: dict[str, Any],
    table: OpenTable,
    author: User,
    instead_of: ClientSource | None = None,
) -> tuple[ClientSource, Fetch]:
    """A source for the rows of an open connection, and what brings them; it is to be started once this is committed.

    `settings` say where they come from, without a password. Raises ProjectArchived.
    """
    try:
        must_be_active(project)
    except ProjectArchived:
        table.close()
        raise
    source = ClientSource(
        project=project,
        user_id=author.id,
        kind=kind,
        name=f"{settings['database']} · {settings['host']}"[:255],
        state=SourceState.FETCHING,
        settings=settings,
        row_count=0,
    )
    add_in_place_of(source, instead_of)
    return source, Fetch(current_app._get_current_object(), source.id, table)  # type: ignore[attr-defined]


def is_cut(source: ClientSource) -> bool:
    """Whether a fetch lost its process."""
    silent = ClientSource.touched_at < func.now() - text(f"interval '{SILENT_SECONDS} seconds'")
    query = db.select(ClientSource.id).where(ClientSource.id == source.id, silent)
    return source.state is SourceState.FETCHING and db.session.scalar(query) is not None


def address_rules() -> AddressRules:
    """Which databases the settings let us ask. In production none that they do not list: whoever may load clients would
    otherwise try every machine that ours can reach."""
    own = own_server(current_app.config["SQLALCHEMY_DATABASE_URI"])
    started_at = db.session.scalar(text("SELECT pg_postmaster_start_time()"))
    allowed = parse_allowed(_settings().import_allowed_hosts)
    if allowed is None and _settings().is_production:
        allowed = ()
    return AddressRules(allowed, replace(own, started_at=started_at))


def fetch_limits() -> FetchLimits:
    settings = _settings()
    return FetchLimits(settings.import_max_rows, settings.max_upload_mb * 2**20, settings.import_query_seconds)


def _settings() -> Settings:
    settings: Settings = current_app.config["STUDIO"]
    return settings
