"""Worker processes die while they write an offer: only that is counted, and only in a row."""

from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import text

from marketing_app.campaigns import jobs, services
from marketing_app.campaigns.writing import OfferWriter
from marketing_app.database import db
from marketing_app.llm.registry import ModelNotReady, Registry
from marketing_app.models import Campaign, Offer, OfferState, Project
from tests.campaigns.test_start_and_control import queued, start, take_a_job
from tests.campaigns.test_writing import slow_campaign, wait_for
from tests.factories import a_campaign, a_client, a_project, an_offer


@pytest.fixture
def project(app: Flask) -> Project:
    return a_project()


@pytest.fixture
def campaign(project: Project) -> Campaign:
    a_client(project)
    return start(project)


def the_offer() -> Offer:
    db.session.rollback()
    return db.session.scalars(db.select(Offer)).one()


def begin() -> Offer:
    """A worker takes the offer's job, and begins to write."""
    take_a_job()
    db.session.execute(db.update(Offer).values(attempt_count=Offer.attempt_count + 1))
    db.session.commit()
    return the_offer()


def die() -> Offer:
    """The worker that writes the offer is heard of no more."""
    begin()
    db.session.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"))
    jobs.take_up_abandoned()
    db.session.commit()
    return the_offer()


def not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketing_app.campaigns.writing.model", Registry())


def an_outage(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model is away, and the offer is tried more often than a process may die."""
    with monkeypatch.context() as patched:
        not_ready(patched)
        for _try in range(jobs.MOST_DEATHS + 2):
            with pytest.raises(ModelNotReady):
                OfferWriter(app).write(the_offer().id, is_last_try=False)


def test_the_first_death_after_an_outage_fails_no_offer(
    app: Flask, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_outage(app, monkeypatch)
    offer = die()
    assert (offer.state, offer.death_count) == (OfferState.WAITING, 1) and queued() == [offer.id]


def test_an_offer_at_which_one_process_after_another_died_is_given_up_with_the_reason(campaign: Campaign) -> None:
    for death in range(1, jobs.MOST_DEATHS):
        offer = die()
        assert (offer.state, offer.death_count) == (OfferState.WAITING, death)
    offer = die()
    assert (offer.state, offer.failure) == (OfferState.FAILED, "interrupted")
    assert db.session.get_one(Campaign, offer.campaign_id).is_over


def test_a_process_that_lived_through_it_ends_the_row(
    app: Flask, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _death in range(jobs.MOST_DEATHS - 1):
        die()
    an_outage(app, monkeypatch)
    assert die().state is OfferState.WAITING


def test_who_retries_what_was_given_up_begins_anew(campaign: Campaign) -> None:
    for _death in range(jobs.MOST_DEATHS):
        die()
    assert services.retry_failed(campaign) == 1
    db.session.commit()
    offer = die()
    assert (offer.state, offer.death_count) == (OfferState.WAITING, 1)


def test_a_worker_that_lost_the_database_is_not_taken_for_dead(campaign: Campaign) -> None:
    """It left the offer as it was, and its job waits to be tried again."""
    for _outage in range(jobs.MOST_DEATHS + 1):
        begin()
        db.session.execute(text("UPDATE procrastinate_jobs SET status = 'todo', worker_id = NULL"))
        jobs.take_up_abandoned()
        db.session.commit()
    offer = the_offer()
    assert (offer.state, offer.death_count) == (OfferState.WAITING, 0)


def test_a_worker_that_lost_the_database_for_longer_says_that_it_lives(
    app: Flask, project: Project, loaded_model: Registry
) -> None:
    """Others took its offer for left; its text ends, and nobody's death is counted."""
    campaign = slow_campaign(project)
    jobs.queue_waiting([campaign.id])
    db.session.commit()
    writer = OfferWriter(app)
    job = db.session.scalar(text("SELECT id FROM procrastinate_jobs"))
    db.session.execute(text("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = :job"), {"job": job})
    db.session.commit()
    thread = Thread(target=writer.write, args=(the_offer().id,), kwargs={"is_last_try": False})
    thread.start()
    wait_for(lambda: the_offer().state is OfferState.WRITING)
    jobs.take_up_abandoned()
    db.session.commit()
    assert (the_offer().state, the_offer().death_count) == (OfferState.WAITING, 1)
    Thread(target=writer.watch, daemon=True).start()
    thread.join(10)
    writer.stop()
    assert not thread.is_alive() and (the_offer().state, the_offer().death_count) == (OfferState.WAITING, 0)


def test_only_the_offer_that_was_in_work_has_a_death(project: Project) -> None:
    a_client(project), a_client(project)
    start(project)
    without_job = an_offer(a_campaign(project), state=OfferState.WRITING)
    taken = take_a_job()
    db.session.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"))
    jobs.take_up_abandoned()
    db.session.commit()
    deaths = db.select(Offer.id).where(Offer.death_count > 0)
    assert list(db.session.scalars(deaths)) == [taken] and without_job.state is OfferState.WAITING
