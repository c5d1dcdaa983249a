"""The jobs of campaigns in Procrastinate's queue: one for each offer that waits in a campaign that runs.

All of it is SQL on the tables of offers and of the queue together, so that an offer and its job change in one
statement. A job's queueing lock names its offer: the database itself refuses a second waiting job for it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import CTE, ColumnElement, Delete, String, cast, column, func, literal_column, table, text
from sqlalchemy.dialects.postgresql import ARRAY

from ..database import db
from ..models import Campaign, CampaignState, Offer, OfferState, Project

QUEUE = "offers"
BANK_QUEUE = "offers_from_bank"
"""Of campaigns that take their texts from the text bank: their jobs wait for no model."""
TASK = "write_offer"

MOST_DEATHS = 10
"""An offer at which so many workers died one after another is not given to the next: it may be what kills them."""
SILENT_SECONDS = 20
"""A worker without a heartbeat for so long is taken for dead; it gives one every five seconds."""
LEFT_SECONDS = 30
"""A job that was taken so long ago and whose offer nobody writes was lost between the queue and its worker."""

_jobs = table("procrastinate_jobs", column("id"), column("status"), column("queueing_lock"))
_worker_is_silent = text(
    """
    NOT EXISTS (
        SELECT 1 FROM procrastinate_workers AS worker
        WHERE worker.id = procrastinate_jobs.worker_id
            AND worker.last_heartbeat > now() - make_interval(secs => :seconds)
    )
    """
).bindparams(seconds=SILENT_SECONDS)
_offer_is_not_written = text(
    """
    task_name = :task
    AND NOT EXISTS (SELECT 1 FROM offer WHERE offer.id = (args->>'offer_id')::bigint AND offer.state = 'writing')
    AND NOT EXISTS (
        SELECT 1 FROM procrastinate_events AS event
        WHERE event.job_id = procrastinate_jobs.id AND event.type = 'started'
            AND event.at > now() - make_interval(secs => :seconds)
    )
    """
).bindparams(task=TASK, seconds=LEFT_SECONDS)


def queue_new(offers: CTE) -> int:
    """Queue the offers that a statement makes, in that statement; returns their number.

    The statement gives their ids, and whether they are `is_from_bank`.
    """
    return _queue(offers)


def queue_waiting(campaign_ids: Sequence[int]) -> int:
    """Queue every waiting offer of these campaigns that has no job, where the campaign runs; returns their number.

    The caller holds the locks of the campaigns: two of these at once would queue an offer twice, which the
    database refuses.
    """
    waiting = (
        db.select(Offer.id, Campaign.is_from_bank)
        .join(Campaign, Campaign.id == Offer.campaign_id)
        .join(Project, Project.id == Campaign.project_id)
        .where(Offer.campaign_id.in_(campaign_ids), Offer.state == OfferState.WAITING, may_run(), ~has_job())
    )
    with hash_joins():
        return _queue(waiting.cte("waiting"))


def remove_waiting(campaign: Campaign) -> None:
    """Take the jobs of a campaign out of the queue; those that a worker has taken already go on."""
    waiting = _waiting().where(_jobs.c.queueing_lock == lock_of_offer(), Offer.campaign_id == campaign.id)
    with hash_joins():
        db.session.execute(waiting)


def remove_waiting_of(offer_ids: Sequence[int]) -> None:
    """Take the jobs of these offers, which may be gone already, out of the queue."""
    locks = cast([f"offer-{number}" for number in offer_ids], ARRAY(String))
    db.session.execute(_waiting().where(_jobs.c.queueing_lock == func.any(locks)))


@contextmanager
def hash_joins() -> Iterator[None]:
    """Join large sets in one pass over each.

    Of the rows that this minute made the planner knows nothing yet: it takes ten thousand for one, and would go
    through all jobs for each offer, a hundred million times.
    """
    db.session.execute(text("SET LOCAL enable_nestloop = off"))
    yield
    db.session.execute(text("SET LOCAL enable_nestloop = on"))


def may_run() -> ColumnElement[bool]:
    """Whether offers of a joined Campaign and its Project are written now: what is archived rests."""
    return (Campaign.state == CampaignState.RUNNING) & ~Project.is_archived


def is_open() -> ColumnElement[bool]:
    return (Campaign.state != CampaignState.CANCELLED) & Campaign.finished_at.is_(None)


def lock_of_offer() -> ColumnElement[str]:
    return literal_column("'offer-'").concat(Offer.id)


def has_job(*statuses: str) -> ColumnElement[bool]:
    """Whether the offer's job waits or is being done, or is in one of the given statuses."""
    which = _jobs.c.status.in_([literal_column(f"'{status}'") for status in statuses or ("todo", "doing")])
    return db.select(_jobs.c.id).where(which, _jobs.c.queueing_lock == lock_of_offer()).exists()


def take_up_abandoned() -> None:
    """Bring offers and jobs together again where a worker or the database died in between.

    Jobs of dead workers are forgotten, not repeated: what they were for is found here by the state of the offers, or
    by the next period. A campaign that somebody changes at this moment is left for the next time.
    """
    campaign_ids = _lock_open_campaigns()
    _forget_lost_jobs()
    _release_unwritten(campaign_ids)
    queue_waiting(campaign_ids)
    finish_campaigns(campaign_ids)


def finish_campaigns(campaign_ids: Sequence[int]) -> None:
    """Mark those in which nothing waits or is written any more.

    The campaign is locked between looking and marking: somebody may retry what failed at this moment, and a statement
    that waits for him would still see the offers as they were before.
    """
    ended = _ended(campaign_ids)
    if not ended:
        return
    db.session.execute(db.select(Campaign.id).where(Campaign.id.in_(ended)).with_for_update(key_share=True))
    db.session.execute(
        db.update(Campaign)
        .where(Campaign.id.in_(_ended(ended)))
        .values(finished_at=func.now())
        .execution_options(synchronize_session=False)
    )


def _ended(campaign_ids: Sequence[int]) -> Sequence[int]:
    rest = db.select(Offer.id).where(
        Offer.campaign_id == Campaign.id, Offer.state.in_((OfferState.WAITING, OfferState.WRITING))
    )
    query = db.select(Campaign.id).where(Campaign.id.in_(campaign_ids), is_open(), ~rest.exists())
    return db.session.scalars(query).all()


def _queue(offers: CTE) -> int:
    """Procrastinate's own way of adding jobs, for all rows of a statement at once."""
    queue = f"CASE WHEN is_from_bank THEN '{BANK_QUEUE}' ELSE '{QUEUE}' END"
    row = f"ROW({queue}, '{TASK}', 0, NULL, 'offer-' || id, jsonb_build_object('offer_id', id), NULL)"
    jobs: ColumnElement[Any] = literal_column(f"array_agg({row}::procrastinate_job_to_defer_v1 ORDER BY id)")
    query = db.select(func.cardinality(func.procrastinate_defer_jobs_v1(jobs))).select_from(offers)
    return db.session.scalar(query) or 0


def _waiting() -> Delete:
    return db.delete(_jobs).where(_jobs.c.status == literal_column("'todo'"))


def _lock_open_campaigns() -> Sequence[int]:
    query = db.select(Campaign.id).where(is_open())
    # Not the lock of a deletion: the foreign keys of new offers may refer to the row meanwhile.
    return db.session.scalars(query.order_by(Campaign.id).with_for_update(key_share=True, skip_locked=True)).all()


def _forget_lost_jobs() -> None:
    """Delete the jobs of silent workers, and count a death for each offer that was in work. A job that never reached
    its worker counts no death."""
    lost = db.delete(_jobs).where(_jobs.c.status == literal_column("'doing'"))
    offer_id: ColumnElement[int] = literal_column("(args->>'offer_id')::bigint")
    of_the_dead = lost.where(_worker_is_silent).returning(offer_id.label("offer_id")).cte("of_the_dead")
    db.session.execute(
        db.update(Offer)
        .where(Offer.id == of_the_dead.c.offer_id, Offer.state == OfferState.WRITING)
        .values(death_count=Offer.death_count + 1)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(lost.where(_offer_is_not_written))


def _release_unwritten(campaign_ids: Sequence[int]) -> None:
    """Offers that nobody writes though they say so wait again, or are given up."""
    unwritten = (
        db.update(Offer)
        .where(Offer.campaign_id.in_(campaign_ids), Offer.state == OfferState.WRITING, ~has_job("doing"))
        .execution_options(synchronize_session=False)
    )
    hopeless = Offer.death_count >= MOST_DEATHS
    db.session.execute(unwritten.where(hopeless).values(state=OfferState.FAILED, failure="interrupted"))
    db.session.execute(unwritten.values(state=OfferState.WAITING))
