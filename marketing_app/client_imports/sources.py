"""Sources of clients between the first look and the load: kept, read again, opened, forgotten."""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from flask import current_app
from sqlalchemy import ColumnElement, func, text
from sqlalchemy.orm import defer

from ..database import db
from ..imports.errors import SourceChanged
from ..imports.files import FileSource, open_file
from ..imports.kept_rows import KeptRows
from ..imports.layout import Layout
from ..imports.profile import Profile, profile
from ..imports.reading import Limits, Reading
from ..imports.source import Source
from ..models import ClientImport, ClientSource, ClientSourcePart, ImportState, Project, SourceKind, SourceState, User
from ..projects.services import must_be_active
from ..settings import Settings
from .columns import ColumnPlan, to_json

KEPT_DAYS = 7
PART_BYTES = 2**20
LEAVE_THEIR_SOURCE = (ImportState.CANCELLED, ImportState.FAILED)
"""Loads that ended without their source having been used up: it can be loaded again."""
BESIDE_THE_PROFILE = ("sheets", "layout", "late_columns")
"""What else the first look told: the names of a workbook's sheets, what a file holds around its rows, fields that the
first documents did not have."""


def keep_file(
    project: Project,
    filename: str,
    stream: IO[bytes],
    author: User,
    limits: Limits,
    instead_of: ClientSource | None = None,
    header_row: int | None = None,
) -> ClientSource:
    """Look at a file and keep it, in the place of another source if one is named.

    Raises ProjectArchived, or the SourceError that says why the file cannot be read.
    """
    must_be_active(project)
    with NamedTemporaryFile() as file:
        shutil.copyfileobj(stream, file, PART_BYTES)
        file.flush()
        source = ClientSource(
            project=project, user_id=author.id, kind=SourceKind.FILE, name=filename[:255], state=SourceState.READY
        )
        with open_file(Path(file.name), limits, Reading(header_row=header_row)) as table:
            keep_look(source, look_at(table))
        add_in_place_of(source, instead_of)
        file.seek(0)
        _keep_parts(source, file)
    return source


@dataclass(frozen=True)
class Look:
    """What a look at a file tells, and how it was read."""

    profile: dict[str, Any]
    settings: dict[str, Any]
    row_count: int


def look_at(table: FileSource) -> Look:
    seen = profile(table)
    beside = {"sheets": list(table.sheets), "layout": table.layout.to_dict()}
    return Look(seen.to_dict() | beside, table.reading.to_dict(), seen.row_count)


def look_again(source: ClientSource, reading: Reading) -> Look:
    """Read a kept file in another way. Raises SourceError. Nothing is kept of it yet: it may take half a minute."""
    with _kept(source) as path, open_file(path, _limits_of(source), reading) as table:
        return look_at(table)


def keep_look(source: ClientSource, look: Look) -> None:
    source.profile = look.profile
    source.settings = look.settings
    source.row_count = look.row_count
    _touch(source)


def add_in_place_of(source: ClientSource, other: ClientSource | None) -> None:
    """Store a source; what was said of the columns of the one that it replaces is said of its own."""
    if other is not None:
        source.answers = other.answers
        discard(other)
    db.session.add(source)
    db.session.flush()


def keep_answers(source: ClientSource, plan: Sequence[ColumnPlan], duplicates: str) -> None:
    """Remember what a person said of the columns so far."""
    source.answers = {"columns": to_json(plan), "duplicates": duplicates}
    _touch(source)


def profile_of(source: ClientSource) -> Profile | None:
    """What the first look told; None while a database has not given enough for one."""
    words: dict[str, Any] = {key: value for key, value in source.profile.items() if key not in BESIDE_THE_PROFILE}
    return Profile.from_dict(words) if words else None


def layout_of(source: ClientSource) -> Layout | None:
    """What a file holds around its rows; None for a database."""
    words = source.profile.get("layout")
    return Layout.from_dict(words) if words else None


def reading_of(source: ClientSource) -> Reading:
    """How a file is read; of a database there is nothing to say."""
    return Reading.from_dict(source.settings) if source.kind is SourceKind.FILE else Reading()


@contextmanager
def opened(source: ClientSource) -> Iterator[Source]:
    """The rows of a kept source, out of a file of this machine's own. Raises SourceError."""
    with _kept(source) as path:
        if source.kind is not SourceKind.FILE:
            yield KeptRows(path, source.row_count)
            return
        with open_file(path, _limits_of(source), reading_of(source), source.row_count) as table:
            yield table


def unfinished(project: Project) -> Sequence[ClientSource]:
    """Sources that nobody has loaded yet, the newest first. Their profiles, full of examples, stay where they are."""
    query = db.select(ClientSource).where(unloaded(project.id))
    return db.session.scalars(query.order_by(ClientSource.id.desc()).options(defer(ClientSource.profile))).all()


def unloaded(project_id: int) -> ColumnElement[bool]:
    """Whether a source is one of the project's that wait to be loaded."""
    return (ClientSource.project_id == project_id) & ~_has_load()


def discard(source: ClientSource) -> None:
    db.session.delete(source)
    db.session.flush()


def discard_unloaded(project_id: int) -> None:
    """Locked before their loads are looked for, as whoever starts one locks its source."""
    waiting = db.select(ClientSource.id).where(unloaded(project_id)).order_by(ClientSource.id)
    numbers = db.session.scalars(waiting.with_for_update()).all()
    gone = db.delete(ClientSource).where(ClientSource.id.in_(numbers), unloaded(project_id))
    db.session.execute(gone.execution_options(synchronize_session=False))


def remove_abandoned_sources() -> None:
    """Forget sources that nobody went on with for a week: they hold clients' data.

    Those of a load that is under way stay with it: an interrupted one could not go on without.
    """
    deadline = func.now() - text(f"interval '{KEPT_DAYS} days'")
    db.session.execute(db.delete(ClientSource).where(ClientSource.touched_at < deadline, ~_has_load()))


def file_limits() -> Limits:
    """What the settings let a file be at most."""
    settings: Settings = current_app.config["STUDIO"]
    return Limits(max_bytes=settings.max_upload_mb * 2**20, max_rows=settings.import_max_rows + 1)


def _has_load() -> ColumnElement[bool]:
    """Whether a source is being loaded, or is to be: a load that was cancelled or failed leaves it free."""
    return (
        db.select(ClientImport.id)
        .where(ClientImport.source_id == ClientSource.id, ClientImport.state.not_in(LEAVE_THEIR_SOURCE))
        .exists()
    )


def _limits_of(source: ClientSource) -> Limits:
    """Of a file that was let in already."""
    return replace(file_limits(), max_bytes=source.byte_count)


def _keep_parts(source: ClientSource, file: IO[bytes]) -> None:
    """One after the other, so that no more than one of them is in memory."""
    digest = hashlib.sha256()
    number = 0
    while content := file.read(PART_BYTES):
        db.session.execute(db.insert(ClientSourcePart).values(source_id=source.id, number=number, content=content))
        digest.update(content)
        source.byte_count = (source.byte_count or 0) + len(content)
        number += 1
    source.digest = digest.hexdigest()
    db.session.flush()


@contextmanager
def _kept(source: ClientSource) -> Iterator[Path]:
    """What was kept, as a file. Raises SourceChanged when it is not what was looked at."""
    with NamedTemporaryFile() as file:
        digest = hashlib.sha256()
        parts = db.select(ClientSourcePart.content).filter_by(source_id=source.id).order_by(ClientSourcePart.number)
        for content in db.session.scalars(parts.execution_options(yield_per=1)):
            digest.update(content)
            file.write(content)
        file.flush()
        if digest.hexdigest() != source.digest:
            raise SourceChanged
        yield Path(file.name)


def _touch(source: ClientSource) -> None:
    source.touched_at = func.now()
    db.session.flush()
