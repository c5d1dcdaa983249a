"""Loading clients: a file is kept, looked at, and loaded whole or not at all."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy import func, text

from ..database import db
from ..imports.spreadsheet import Limits, Workbook, open_workbook
from ..models import Client, ClientField, ClientImport, ClientUpload, Offer, Project, User
from ..projects.services import must_be_active
from .columns import ColumnPlan, KnownField, known_fields
from .loading import Loader

UPLOAD_HOURS = 24


class ImportInUse(Exception):
    """A load cannot be undone: offers were written for its clients."""


@contextmanager
def workbook_of(content: bytes, max_bytes: int) -> Iterator[Workbook]:
    """The spreadsheet in some bytes. Raises SpreadsheetError."""
    with NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(content)
        file.flush()
        yield open_workbook(Path(file.name), limits=Limits(max_bytes=max_bytes))


def keep_upload(project: Project, filename: str, content: bytes, author: User, max_bytes: int) -> ClientUpload:
    """Keep a file between its preview and its load. Raises SpreadsheetError when it cannot be read; nothing is kept."""
    must_be_active(project)
    with workbook_of(content, max_bytes):
        pass
    remove_abandoned_uploads()
    upload = ClientUpload(
        project_id=project.id, user_id=author.id, filename=filename.replace("\0", "")[:255], content=content
    )
    db.session.add(upload)
    db.session.flush()
    return upload


def remove_abandoned_uploads() -> None:
    """Forget files that nobody went on with for a day: they hold client data."""
    deadline = func.now() - text(f"interval '{UPLOAD_HOURS} hours'")
    db.session.execute(db.delete(ClientUpload).where(ClientUpload.created_at < deadline))


def discard_upload(upload: ClientUpload) -> None:
    db.session.delete(upload)
    db.session.flush()


def load_upload(
    project: Project, upload: ClientUpload, plan: Sequence[ColumnPlan], author: User, max_bytes: int
) -> ClientImport:
    """Load a kept file by a plan; the file is forgotten afterwards."""
    with workbook_of(upload.content, max_bytes) as workbook:
        load = load_clients(project, upload.filename, workbook.rows(), plan, author)
    discard_upload(upload)
    return load


def load_clients(
    project: Project,
    source: str,
    rows: Iterable[tuple[int, Sequence[object]]],
    plan: Sequence[ColumnPlan],
    author: User,
) -> ClientImport:
    """Load numbered rows; returns the report. Within one transaction, so that a failure leaves nothing behind."""
    must_be_active(project)
    known = known_fields(project)
    add_fields(project, plan, known)
    load = ClientImport(project_id=project.id, user_id=author.id, source=source[:255])
    db.session.add(load)
    db.session.flush()
    Loader(load, plan, {column.position: _type_of(column, known) for column in plan if column.key}).run(rows)
    db.session.flush()
    return load


def add_fields(project: Project, plan: Sequence[ColumnPlan], known: dict[str, KnownField]) -> None:
    """Put the fields that a plan fills into the project's dictionary, in the order of the columns."""
    present = set(db.session.scalars(db.select(ClientField.key).filter_by(project_id=project.id)))
    for column in plan:
        key = column.key
        if key is None or key in present:
            continue
        described = column.new or known[key]
        db.session.add(
            ClientField(
                project_id=project.id,
                key=key,
                label=described.label,
                type=described.type,
                codes=described.codes if isinstance(described, KnownField) else {},
                sensitivity=described.sensitivity,
                is_in_prompt=described.is_in_prompt,
                position=len(present) + column.position,
            )
        )
    db.session.flush()


def undo_import(load: ClientImport) -> None:
    """Take back a load with its clients. Raises ImportInUse when offers were written for one of them."""
    must_be_active(load.project)
    used = db.select(Offer.id).join(Client, Client.id == Offer.client_id).where(Client.import_id == load.id)
    if db.session.scalar(used.limit(1)):
        raise ImportInUse
    db.session.delete(load)
    db.session.flush()


def _type_of(column: ColumnPlan, known: dict[str, KnownField]) -> str:
    return column.new.type.value if column.new else known[str(column.key)].type.value
