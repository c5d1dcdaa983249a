"""How long a project keeps clients: what the nightly job erases, a batch a transaction: it may stop anywhere."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import InstrumentedAttribute

from ..bank_time import bank_zone
from ..client_imports.services import cancel_import
from ..client_imports.sources import KEPT_DAYS
from ..database import db, own_transaction
from ..models import AuditEntry, Client, ClientChange, ClientImport, ClientRejection, ClientSource, ImportState, Project
from . import stages
from .erasure import erase_older, record_erasure

NIGHT = time(3, 30)
"""In the bank's zone."""
CRON = "*/15 * * * *"
"""When to ask whether it is night: Procrastinate reads a cron line in UTC, and zones differ by quarters of an hour."""
QUEUE = "retention"
"""Of its own: a night's erasing may take an hour, in which abandoned offers must be taken up all the same."""
REJECTION_DAYS = 30
"""How long a load's rejected rows wait to be mended, where the project keeps its clients as long."""


def enforce_retention() -> None:
    """Erase what is older than its project may keep it, archived projects too; one line in the audit per project.

    What an interruption leaves is erased the next night.
    """
    with own_transaction():
        projects = db.session.execute(db.select(Project.id, Project.retention_days).order_by(Project.id)).all()
    for project_id, days in projects:
        _erase_clients(project_id, days)
        with own_transaction():
            _erase_changes(project_id, days)
            _erase_rejections(project_id, min(REJECTION_DAYS, days))
            _give_up_interrupted(project_id, min(KEPT_DAYS, days))
            _forget_sources(project_id, min(KEPT_DAYS, days))
    with own_transaction():
        stages.drop_left()


def is_night(moment: datetime) -> bool:
    """Whether the job runs at this moment."""
    return next_night(moment) == moment


def next_night(moment: datetime) -> datetime:
    """When the job runs next: at the moment itself or after it."""
    day = moment.astimezone(bank_zone()).date()
    nights = (datetime.combine(day + timedelta(days=later), NIGHT, bank_zone()).astimezone(UTC) for later in (0, 1))
    return next(night for night in nights if night >= moment)


def _erase_clients(project_id: int, days: int) -> None:
    line_id: int | None = None
    total = 0
    while True:
        with own_transaction():
            count = erase_older(project_id, days)
            if not count:
                return
            total += count
            line_id = _tell(line_id, project_id, total)


def _tell(line_id: int | None, project_id: int, total: int) -> int:
    """The night's line about the project, true after every batch."""
    if line_id is None:
        return record_erasure("project", project_id, None, total).id
    db.session.get_one(AuditEntry, line_id).changes = {"clients": [str(total), "0"]}
    return line_id


def _erase_changes(project_id: int, days: int) -> None:
    """What a client was before a load, when that is too old to be kept."""
    db.session.execute(
        db.delete(ClientChange)
        .where(Client.id == ClientChange.client_id, Client.project_id == project_id)
        .where(_is_older(ClientChange.updated_at, days))
        .execution_options(synchronize_session=False)
    )


def _erase_rejections(project_id: int, days: int) -> None:
    db.session.execute(
        db.delete(ClientRejection)
        .where(ClientImport.id == ClientRejection.import_id, ClientImport.project_id == project_id)
        .where(_is_older(ClientImport.touched_at, days))
        .execution_options(synchronize_session=False)
    )


def _give_up_interrupted(project_id: int, days: int) -> None:
    """Cancel loads that nobody went on with: what they have staged are clients' data too."""
    query = db.select(ClientImport).filter_by(project_id=project_id, state=ImportState.INTERRUPTED)
    query = query.where(_is_older(ClientImport.touched_at, days))
    for load in db.session.scalars(query.with_for_update(of=ClientImport, skip_locked=True)).all():
        cancel_import(load)


def _forget_sources(project_id: int, days: int) -> None:
    """Those that were kept for a load, except where one is under way.

    Locked before their loads are looked for, as whoever starts one locks its source.
    """
    old = db.select(ClientSource.id).where(
        ClientSource.project_id == project_id, _is_older(ClientSource.touched_at, days)
    )
    numbers = db.session.scalars(old.with_for_update(skip_locked=True)).all()
    loads = db.select(ClientImport.id).where(
        ClientImport.source_id == ClientSource.id, ClientImport.state.in_(stages.UNDER_WAY)
    )
    db.session.execute(
        db.delete(ClientSource)
        .where(ClientSource.id.in_(numbers), ~loads.exists())
        .execution_options(synchronize_session=False)
    )


def _is_older(moment: InstrumentedAttribute[datetime], days: int) -> ColumnElement[bool]:
    return moment < func.now() - func.make_interval(0, 0, 0, days)
