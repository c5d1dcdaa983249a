"""What happens to a campaign when something breaks or many press buttons: no offer is lost, none is written twice.

Every test runs the real program; what it kills or stops are its processes, its database, its model server.
"""

import signal
import time

from sqlalchemy import text

from marketing_app.campaigns import services
from marketing_app.database import db
from marketing_app.models import Campaign, OfferState
from tests.faults.conftest import (
    House,
    attempts,
    check_nothing_lost_or_twice,
    jobs,
    start_campaign,
    states,
    wait_for,
    wait_until_finished,
    wait_until_written,
)

OFFERS = 100
"""Of the scripted model: seven seconds for one worker, so that some are left when a test breaks something."""
OFFERS_OF_THE_MODEL = 20
"""Enough that some wait while the first ones are written, eight at a time."""
TAKEN_UP_SECONDS = 60
DATABASE_AWAY_SECONDS = 20
SERVER_AWAY_SECONDS = 30
STOPPING_SECONDS = 15


def were_begun_again(campaign_id: int, left: dict[int, int]) -> bool:
    now = attempts(campaign_id)
    return all(now[offer_id] > count for offer_id, count in left.items())


def test_the_web_process_is_killed_in_mid_campaign(house: House) -> None:
    house.use_the_real_model()
    web = house.serve()
    campaign = start_campaign(OFFERS_OF_THE_MODEL).id
    wait_until_written(campaign, 5)
    house.kill(web)
    left = attempts(campaign, OfferState.WRITING)
    assert left and states(campaign)["waiting"]
    house.serve()
    wait_for(lambda: were_begun_again(campaign, left), "what was being written", TAKEN_UP_SECONDS)
    wait_until_finished(campaign)
    assert states(campaign) == {"written": OFFERS_OF_THE_MODEL}
    check_nothing_lost_or_twice(house.app, campaign)


def test_a_worker_is_killed_in_mid_campaign_and_another_takes_over(house: House) -> None:
    worker = house.work()
    campaign = start_campaign(OFFERS).id
    wait_until_written(campaign, 5)
    house.kill(worker)
    left = attempts(campaign, OfferState.WRITING)
    assert left and states(campaign)["waiting"]
    house.work()
    wait_for(lambda: were_begun_again(campaign, left), "what was being written", TAKEN_UP_SECONDS)
    wait_until_finished(campaign)
    assert states(campaign) == {"written": OFFERS}
    check_nothing_lost_or_twice(house.app, campaign)


def test_a_restart_of_the_web_process_gives_back_what_was_being_written(house: House) -> None:
    house.use_the_real_model()
    web = house.serve()
    campaign = start_campaign(OFFERS_OF_THE_MODEL).id
    wait_until_written(campaign, 5)
    web.send_signal(signal.SIGTERM)
    web.wait(STOPPING_SECONDS)
    assert states(campaign)["writing"] == jobs("doing") == 0
    house.serve()
    wait_until_finished(campaign)
    assert states(campaign) == {"written": OFFERS_OF_THE_MODEL}
    check_nothing_lost_or_twice(house.app, campaign)


def test_a_worker_that_is_told_to_stop_gives_back_what_it_was_writing(house: House) -> None:
    worker = house.work()
    campaign = start_campaign(OFFERS).id
    wait_until_written(campaign, 5)
    worker.send_signal(signal.SIGINT)
    assert worker.wait(STOPPING_SECONDS) == 0
    assert states(campaign)["writing"] == jobs("doing") == 0
    assert jobs("todo") == states(campaign)["waiting"] > 0
    services.cancel_campaign(db.session.get_one(Campaign, campaign))
    db.session.commit()
    check_nothing_lost_or_twice(house.app, campaign)


def test_a_web_process_without_a_worker_leaves_the_campaign_to_others(house: House) -> None:
    house.serve(WORKER="false")
    campaign = start_campaign(1).id
    time.sleep(2)
    assert states(campaign) == {"waiting": 1}
    house.work()
    wait_until_finished(campaign)
    check_nothing_lost_or_twice(house.app, campaign)


def test_a_worker_without_a_model_leaves_the_campaign_to_others(house: House) -> None:
    campaign = start_campaign(2).id
    house.use_the_real_model()
    worker = house.work(MODEL_PATH="/nowhere/model.gguf")
    assert worker.wait(STOPPING_SECONDS) == 1
    assert states(campaign) == {"waiting": 2}
    assert "MODEL_PATH" in (house.directory / "log").read_text()
    house.use_a_model_server()
    house.work()
    wait_until_finished(campaign)
    assert states(campaign) == {"written": 2}


def test_the_database_stops_for_twenty_seconds(house: House) -> None:
    house.serve()
    campaign = start_campaign(OFFERS).id
    wait_until_written(campaign, 5)
    house.stop_database()
    time.sleep(DATABASE_AWAY_SECONDS)
    house.start_database()
    assert 0 < states(campaign)["written"] < OFFERS
    wait_until_finished(campaign)
    assert states(campaign) == {"written": OFFERS}
    check_nothing_lost_or_twice(house.app, campaign)


def test_the_model_server_is_away_for_thirty_seconds(house: House) -> None:
    house.work()
    campaign = start_campaign(OFFERS).id
    wait_until_written(campaign, 5)
    with house.without_model_server():
        time.sleep(SERVER_AWAY_SECONDS)
        counts = states(campaign)
        assert counts["failed"] == 0 and counts["written"] < OFFERS
    wait_until_finished(campaign)
    assert states(campaign) == {"written": OFFERS}
    check_nothing_lost_or_twice(house.app, campaign)


def test_two_workers_share_a_campaign(house: House) -> None:
    house.work()
    house.work()
    campaign = start_campaign(2 * OFFERS).id
    wait_for(lambda: workers_at_work() == 2, "two workers at work")
    wait_until_finished(campaign)
    assert states(campaign) == {"written": 2 * OFFERS}
    assert set(attempts(campaign).values()) == {1}
    check_nothing_lost_or_twice(house.app, campaign)


def test_a_campaign_is_paused_under_load_and_goes_on(house: House) -> None:
    house.work()
    campaign = start_campaign(OFFERS).id
    wait_until_written(campaign, 5)
    services.pause_campaign(db.session.get_one(Campaign, campaign))
    db.session.commit()
    assert jobs("todo") == 0 and states(campaign)["waiting"] > 0
    wait_for(lambda: states(campaign)["writing"] == 0, "the end of what was begun", 30)
    paused = states(campaign)
    time.sleep(3)
    assert states(campaign) == paused and jobs("doing") == 0
    services.resume_campaign(db.session.get_one(Campaign, campaign))
    db.session.commit()
    wait_until_finished(campaign)
    assert states(campaign) == {"written": OFFERS}
    check_nothing_lost_or_twice(house.app, campaign)


def test_a_campaign_is_cancelled_with_ten_thousand_waiting(house: House) -> None:
    house.work()
    campaign = start_campaign(10_000).id
    wait_until_written(campaign, 5)
    services.cancel_campaign(db.session.get_one(Campaign, campaign))
    db.session.commit()
    counts = states(campaign)
    assert counts["written"] >= 5 and counts["written"] + counts["cancelled"] == 10_000
    wait_for(lambda: jobs("doing") == 0, "the end of what was begun")
    assert states(campaign) == counts
    check_nothing_lost_or_twice(house.app, campaign)


def workers_at_work() -> int:
    db.session.rollback()
    query = "SELECT count(DISTINCT worker_id) FROM procrastinate_jobs WHERE queue_name = 'offers' AND status = 'doing'"
    return db.session.scalar(text(query)) or 0
