"""Reading loads: how far one is, and what it did not take."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func

from ..database import db
from ..models import ClientImport, ClientRejection
from ..web.paging import Page, page_of


@dataclass(frozen=True)
class Progress:
    """How far a load is: `percent` is None where nobody knows how many rows there are."""

    percent: int | None
    rows_a_second: int
    seconds_left: int | None


def progress_of(load: ClientImport) -> Progress:
    seconds = (load.touched_at - load.started_at).total_seconds() if load.started_at else 0
    speed = load.row_count / seconds if seconds > 0 else 0
    if not load.expected_count:
        return Progress(None, round(speed), None)
    rest = max(0, load.expected_count - load.row_count)
    percent = min(99, 100 * load.row_count // load.expected_count)
    return Progress(percent, round(speed), round(rest / speed) if speed else None)


def seconds_taken(load: ClientImport) -> float:
    """From the first row read to the last client in its place."""
    begun = load.started_at or load.created_at
    return ((load.finished_at or datetime.now(UTC)) - begun).total_seconds()


def rejections_page(load: ClientImport, number: int) -> Page:
    query = db.select(ClientRejection).filter_by(import_id=load.id).order_by(ClientRejection.row_number)
    return page_of(query, kept_rejection_count(load), number)


def kept_rejection_count(load: ClientImport) -> int:
    query = db.select(func.count()).select_from(ClientRejection).filter_by(import_id=load.id)
    return db.session.scalar(query) or 0


def rejections_of(load: ClientImport) -> Iterator[ClientRejection]:
    """All that are kept, a thousand at a time."""
    query = db.select(ClientRejection).filter_by(import_id=load.id).order_by(ClientRejection.row_number)
    return iter(db.session.scalars(query.execution_options(yield_per=1000)))
