"""The jobs of loads in Procrastinate's queue: one for each load that waits or runs."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, text

from ..database import db
from ..models import ClientImport, ImportState

QUEUE = "imports"
TASK = "load_clients"
LEFT_SECONDS = 30
"""A load that says it runs, but has had no job for so long, has lost its worker."""

DEFER = text(
    """
    SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
        :queue, :task, 0, NULL, 'import-' || :load,
        jsonb_build_object('import_id', CAST(:load AS integer)), NULL
    )::procrastinate_job_to_defer_v1])
    """
).bindparams(queue=QUEUE, task=TASK)
HAS_NO_JOB = text(
    "NOT EXISTS (SELECT FROM procrastinate_jobs WHERE queueing_lock = 'import-' || client_import.id"
    " AND status IN ('todo', 'doing'))"
)


def queue(load: ClientImport) -> None:
    """In the transaction that says that the load waits, so that neither is without the other."""
    db.session.flush()
    db.session.execute(DEFER, {"load": str(load.id)})


def take_up_abandoned() -> None:
    """Queue loads that wait without a job, and say of those whose worker died that they were interrupted: a person
    then goes on with them or undoes them. Dead workers' jobs are forgotten in campaigns.jobs.take_up_abandoned."""
    for load in _without_job(ImportState.WAITING):
        queue(load)
    for load in _without_job(ImportState.READING, ImportState.PLACING):
        load.state = ImportState.INTERRUPTED


def _without_job(*states: ImportState) -> Sequence[ClientImport]:
    silent: ColumnElement[bool] = ClientImport.touched_at < func.now() - text(f"interval '{LEFT_SECONDS} seconds'")
    query = db.select(ClientImport).where(ClientImport.state.in_(states), silent, HAS_NO_JOB)
    return db.session.scalars(query.with_for_update(of=ClientImport, skip_locked=True)).all()
