"""How long a project keeps clients: what the nightly job erases, a batch a transaction: it may stop anywhere."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import func

from ..database import db, own_transaction
from ..models import AuditEntry, Client, ClientChange, ClientImport, ClientRejection, Project
from .erasure import erase_older, record_erasure

NIGHT = time(3, 30, tzinfo=UTC)
CRON = f"{NIGHT.minute} {NIGHT.hour} * * *"
REJECTION_DAYS = 30
"""How long a load's rejected rows wait to be mended."""


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
    with own_transaction():
        _erase_rejections()


def next_night(moment: datetime) -> datetime:
    """When the job runs next after a moment."""
    night = datetime.combine(moment.astimezone(UTC).date(), NIGHT)
    return night if night >= moment else night + timedelta(days=1)


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
        .where(ClientChange.updated_at < func.now() - func.make_interval(0, 0, 0, days))
        .execution_options(synchronize_session=False)
    )


def _erase_rejections() -> None:
    db.session.execute(
        db.delete(ClientRejection)
        .where(ClientImport.id == ClientRejection.import_id)
        .where(ClientImport.touched_at < func.now() - func.make_interval(0, 0, 0, REJECTION_DAYS))
        .execution_options(synchronize_session=False)
    )
