"""A marketer starts a campaign, pauses it, goes on, cancels it, retries what failed."""

import time
from collections import Counter
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from marketing_app.campaigns import jobs, services
from marketing_app.campaigns.services import CampaignOver, ClientChoice, UnknownClients
from marketing_app.database import db, own_transaction
from marketing_app.models import Campaign, CampaignState, Client, Offer, OfferState, Project
from marketing_app.projects.services import ProjectArchived, archive_project
from tests.factories import a_campaign, a_client, a_project, an_offer, many_clients

ALL = ClientChoice()


@pytest.fixture
def project(app: Flask) -> Project:
    return a_project()


def start(project: Project, choice: ClientChoice = ALL) -> Campaign:
    channel = project.channels[0]
    campaign = services.start_campaign(
        channel, channel.versions[0], choice, name="Осень", drafts=2, seed=7, author=project.members[0].user
    )
    db.session.commit()
    return campaign


def states(campaign: Campaign) -> Counter[str]:
    query = db.select(Offer.state, db.func.count()).filter_by(campaign_id=campaign.id).group_by(Offer.state)
    return Counter({state.value: count for state, count in db.session.execute(query)})


def queued() -> list[int]:
    """The offers that have a waiting job."""
    query = text("SELECT (args->>'offer_id')::bigint FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
    return list(db.session.scalars(query))


def take_a_job() -> int:
    """As a worker takes it; returns the offer's id."""
    worker = db.session.scalar(text("SELECT worker_id FROM procrastinate_register_worker_v1()"))
    args = db.session.scalar(text(f"SELECT args FROM procrastinate_fetch_job_v2(ARRAY['offers'], {worker})"))
    db.session.execute(db.update(Offer).filter_by(id=args["offer_id"]).values(state=OfferState.WRITING))
    db.session.commit()
    return int(args["offer_id"])


def test_every_client_gets_an_offer_and_every_offer_a_job(project: Project) -> None:
    clients = [a_client(project).id for _number in range(3)]
    campaign = start(project)
    offers = db.session.scalars(db.select(Offer).order_by(Offer.id)).all()
    assert [offer.client_id for offer in offers] == clients
    assert {offer.state for offer in offers} == {OfferState.WAITING}
    assert campaign.offer_count == 3
    assert queued() == [offer.id for offer in offers]


def test_a_campaign_that_is_not_committed_leaves_neither_offer_nor_job(project: Project) -> None:
    a_client(project)
    channel = project.channels[0]
    author = project.members[0].user
    services.start_campaign(channel, channel.versions[0], ALL, name="Осень", drafts=1, seed=1, author=author)
    db.session.rollback()
    assert queued() == [] and db.session.scalar(db.select(db.func.count(Offer.id))) == 0


def test_clients_of_other_projects_are_never_chosen(project: Project) -> None:
    stranger = a_client(a_project())
    with pytest.raises(UnknownClients):
        start(project, ClientChoice(client_ids=(stranger.id,)))
    assert db.session.scalar(db.select(db.func.count(Campaign.id))) == 0


def test_clients_are_chosen_by_id_by_search_by_load_and_without_offer(project: Project) -> None:
    people = [a_client(project, outside_id) for outside_id in ("A1", "A2", "B1")]
    channel = project.channels[0]
    an_offer(a_campaign(project), people[0])
    choices = {
        ClientChoice(client_ids=(people[0].id, people[2].id)): 2,
        ClientChoice(client_ids=(people[0].id, people[2].id), without_offer=True): 1,
        ClientChoice(search="A"): 2,
        ClientChoice(search="%"): 0,
        ClientChoice(import_id=people[1].import_id): 1,
        ClientChoice(search="A", without_offer=True): 1,
        ClientChoice(): 3,
    }
    assert {choice: services.count_clients(channel, choice) for choice in choices} == choices


def test_a_client_whose_offer_failed_counts_as_one_without_offer(project: Project) -> None:
    an_offer(a_campaign(project), state=OfferState.FAILED)
    assert services.count_clients(project.channels[0], ClientChoice(without_offer=True)) == 1


def test_a_client_may_be_in_two_campaigns_but_once_in_each(project: Project) -> None:
    a_client(project)
    first, second = start(project), start(project)
    assert states(first) == states(second) == {"waiting": 1}
    with pytest.raises(Exception, match="uq_offer_campaign_id_client_id"):
        an_offer(first, db.session.scalars(db.select(Client)).one())
    db.session.rollback()


def test_a_pause_empties_the_queue_and_lets_what_is_being_written_finish(project: Project) -> None:
    many_clients(project, 3)
    campaign = start(project)
    taken = take_a_job()
    services.pause_campaign(campaign)
    db.session.commit()
    assert queued() == [] and states(campaign) == {"writing": 1, "waiting": 2}
    services.resume_campaign(campaign)
    db.session.commit()
    assert campaign.is_running and len(queued()) == 2 and taken not in queued()


def test_each_button_may_be_pressed_twice(project: Project) -> None:
    many_clients(project, 3)
    campaign = start(project)
    for press in (services.pause_campaign, services.resume_campaign, services.cancel_campaign):
        press(campaign)
        press(campaign)
        db.session.commit()
    assert states(campaign) == {"cancelled": 3} and queued() == []


def test_a_pause_of_one_campaign_leaves_the_others_alone(project: Project) -> None:
    many_clients(project, 2)
    paused, running = start(project), start(project)
    services.pause_campaign(paused)
    db.session.commit()
    assert queued() == list(db.session.scalars(db.select(Offer.id).filter_by(campaign_id=running.id)))


def test_cancelling_keeps_what_is_ready_and_takes_the_rest_back(project: Project) -> None:
    many_clients(project, 3)
    campaign = start(project)
    ready = take_a_job()
    values = {"state": OfferState.READY, "text": "Готово.", "written_at": db.func.now()}
    db.session.execute(db.update(Offer).filter_by(id=ready).values(values))
    take_a_job()
    services.cancel_campaign(campaign)
    db.session.commit()
    assert states(campaign) == {"ready": 1, "cancelled": 2} and queued() == []
    assert campaign.is_over


def test_failed_offers_wait_again_without_their_reason(project: Project) -> None:
    campaign = a_campaign(project, finished_at=db.func.now())
    offer = an_offer(campaign, state=OfferState.FAILED, failure="prompt_too_long", failure_detail={"tokens": 9})
    assert services.retry_failed(campaign) == 1
    db.session.commit()
    assert (offer.state, offer.failure, offer.failure_detail) == (OfferState.WAITING, "", {})
    assert campaign.is_running and queued() == [offer.id]
    assert services.retry_failed(campaign) == 0


def test_what_failed_in_a_paused_campaign_waits_until_it_goes_on(project: Project) -> None:
    campaign = a_campaign(project, state=CampaignState.PAUSED)
    an_offer(campaign, state=OfferState.FAILED, failure="empty")
    an_offer(campaign)
    services.retry_failed(campaign)
    db.session.commit()
    assert campaign.state is CampaignState.PAUSED and queued() == []
    services.resume_campaign(campaign)
    assert len(queued()) == 2


@pytest.mark.parametrize("press", [services.pause_campaign, services.resume_campaign, services.cancel_campaign])
def test_a_finished_campaign_can_only_be_retried(project: Project, press: Callable[[Campaign], Any]) -> None:
    campaign = a_campaign(project, finished_at=db.func.now())
    with pytest.raises(CampaignOver):
        press(campaign)


@pytest.mark.parametrize(
    "press",
    [services.pause_campaign, services.resume_campaign, services.retry_failed],
    ids=lambda each: each.__name__,
)
def test_a_cancelled_campaign_stays_cancelled(project: Project, press: Callable[[Campaign], Any]) -> None:
    campaign = a_campaign(project, state=CampaignState.CANCELLED)
    with pytest.raises(CampaignOver):
        press(campaign)


def test_in_an_archived_project_nothing_begins_and_what_runs_can_be_stopped(project: Project) -> None:
    a_client(project)
    campaign = start(project)
    archive_project(project)
    with pytest.raises(ProjectArchived):
        start(project)
    for press in (services.resume_campaign, services.retry_failed):
        with pytest.raises(ProjectArchived):
            press(campaign)
    services.pause_campaign(campaign)
    services.cancel_campaign(campaign)
    assert states(campaign) == {"cancelled": 1}


def test_ten_thousand_offers_are_queued_in_five_seconds_and_stopped_in_two(project: Project) -> None:
    many_clients(project, 10_000)
    started = time.monotonic()
    campaign = start(project)
    assert time.monotonic() - started < 5
    assert len(queued()) == 10_000
    for press in (services.pause_campaign, services.resume_campaign, services.cancel_campaign):
        started = time.monotonic()
        press(campaign)
        db.session.commit()
        assert time.monotonic() - started < 5, press.__name__
    assert queued() == [] and states(campaign) == {"cancelled": 10_000}


def test_offers_of_a_dead_worker_are_taken_up_again(project: Project) -> None:
    many_clients(project, 3)
    campaign = start(project)
    dead = take_a_job()
    db.session.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"))
    alive = take_a_job()
    jobs.take_up_abandoned()
    db.session.commit()
    assert states(campaign) == {"waiting": 2, "writing": 1}
    assert dead in queued() and alive not in queued()


def test_an_offer_that_nobody_writes_though_it_says_so_waits_again(project: Project) -> None:
    offer = an_offer(a_campaign(project), state=OfferState.WRITING)
    jobs.take_up_abandoned()
    db.session.commit()
    assert offer.state is OfferState.WAITING and queued() == [offer.id]


def test_a_job_that_was_taken_and_never_begun_is_given_out_again(project: Project) -> None:
    a_client(project)
    start(project)
    offer_id = take_a_job()
    db.session.execute(db.update(Offer).filter_by(id=offer_id).values(state=OfferState.WAITING))
    jobs.take_up_abandoned()
    assert queued() == []
    db.session.execute(text("UPDATE procrastinate_events SET at = at - interval '1 minute'"))
    jobs.take_up_abandoned()
    assert queued() == [offer_id]


def test_offers_written_by_hand_are_none_of_the_upkeep(project: Project) -> None:
    channel = project.channels[0]
    offer = Offer(
        project_id=project.id,
        project_channel_id=channel.id,
        client_id=a_client(project).id,
        prompt_version_id=channel.versions[0].id,
        state=OfferState.WRITING,
    )
    db.session.add(offer)
    db.session.commit()
    jobs.take_up_abandoned()
    assert offer.state is OfferState.WRITING and queued() == []


def test_a_campaign_rests_while_its_project_is_archived(project: Project) -> None:
    campaign = a_campaign(project, 1)
    archive_project(project)
    jobs.take_up_abandoned()
    assert queued() == []
    project.is_archived = False
    jobs.take_up_abandoned()
    assert len(queued()) == 1
    assert campaign.is_running


def test_a_campaign_does_not_finish_while_somebody_retries_what_failed(app: Flask, project: Project) -> None:
    campaign = a_campaign(project)
    an_offer(campaign, state=OfferState.FAILED, failure="empty")
    campaign_id = campaign.id

    def finish() -> None:
        with app.app_context(), own_transaction():
            jobs.finish_campaigns([campaign_id])

    services.retry_failed(campaign)
    worker = Thread(target=finish)
    worker.start()
    worker.join(0.5)
    assert worker.is_alive(), "it waits for the one who retries"
    db.session.commit()
    worker.join(10)
    assert campaign.is_running
