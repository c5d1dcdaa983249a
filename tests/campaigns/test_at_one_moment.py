"""Two people start campaigns at one moment: "only clients who have no offer" holds for both."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.campaigns import services
from marketing_app.campaigns.services import ClientChoice
from marketing_app.database import db
from marketing_app.models import Campaign, Client, DraftState, Message, MessageRole, Offer, OfferState, Project, User
from tests.campaigns.test_pages import form_of, newest, page, plan, start
from tests.factories import a_campaign, a_client, a_project, a_user, an_offer, saved

WAITING_SECONDS = 0.5


@pytest.fixture
def project(app: Flask, client: FlaskClient) -> Project:
    """With three clients; a performer has signed in."""
    project = a_project(a_user("Мария"), a_user("Пётр", language="en"))
    for name in ("A1", "A2", "B1"):
        a_client(project, name)
    client.sign_in(project.members[-1].user)
    return project


@pytest.fixture
def meanwhile(app: Flask) -> Iterator[Callable[[Callable[[], Any]], Future[Any]]]:
    """Do something beside the test, which has done something itself and not committed it yet."""
    with ThreadPoolExecutor(1) as executor:

        def begin(work: Callable[[], Any]) -> Future[Any]:
            def in_own_context() -> Any:
                with app.app_context():
                    return work()

            future = executor.submit(in_own_context)
            with pytest.raises(TimeoutError):
                future.result(WAITING_SECONDS)
            return future

        yield begin


def begin_campaign(project: Project, author: User, search: str = "") -> Campaign:
    """Started, and not committed."""
    channel = project.channels[0]
    choice = ClientChoice(search=search, without_offer=True)
    return services.start_campaign(channel, channel.versions[0], choice, name="Осень", drafts=1, seed=7, author=author)


def offers_by_client() -> dict[str | None, int]:
    query = db.select(Client.outside_id, db.func.count()).join(Offer, Offer.client_id == Client.id)
    return {name: count for name, count in db.session.execute(query.group_by(Client.outside_id))}


def test_nobody_is_written_twice_and_the_second_person_is_told_who_was_first(
    client: FlaskClient, project: Project, meanwhile: Any
) -> None:
    begin_campaign(project, project.members[0].user)
    form = form_of(project)
    second = meanwhile(lambda: client.post(f"/projects/{project.id}/campaigns", data=form))
    db.session.commit()
    answer = second.result(30)
    assert offers_by_client() == {"A1": 1, "A2": 1, "B1": 1}
    assert answer.status_code == 422 and db.session.scalar(db.select(db.func.count(Campaign.id))) == 1
    assert "All clients of this choice have an offer" in answer.text and "“Осень”, started by Мария" in answer.text


def test_the_second_campaign_gets_the_clients_that_are_left_and_says_so(
    client: FlaskClient, project: Project, meanwhile: Any
) -> None:
    begin_campaign(project, project.members[0].user, search="A")
    form = form_of(project)
    second = meanwhile(lambda: client.post(f"/projects/{project.id}/campaigns", data=form))
    db.session.commit()
    answer = second.result(30)
    assert offers_by_client() == {"A1": 1, "A2": 1, "B1": 1} and newest().offer_count == 1
    shown = page(client, answer.location)
    assert "1 offer is on its way." in shown and "2 clients are left out: they have an offer in this channel" in shown


def test_a_campaign_without_anybody_left_out_says_nothing_of_them(client: FlaskClient, project: Project) -> None:
    assert "left out" not in page(client, start(client, project).location)


def test_two_campaigns_that_ask_for_all_clients_write_to_all(client: FlaskClient, project: Project) -> None:
    start(client, project)
    form = form_of(project)
    del form["without_offer"]
    client.post(f"/projects/{project.id}/campaigns", data=form)
    assert offers_by_client() == {"A1": 2, "A2": 2, "B1": 2}


def test_a_failed_offer_that_somebody_writes_by_hand_counts_as_one(client: FlaskClient, project: Project) -> None:
    person = db.session.scalars(db.select(Client).limit(1)).one()
    offer = an_offer(a_campaign(project), person, state=OfferState.FAILED, failure="empty")
    assert plan(client, project) == 3
    saved(Message(offer_id=offer.id, role=MessageRole.DRAFT, state=DraftState.WRITING))
    assert plan(client, project) == 2


def test_what_failed_is_not_tried_again_for_clients_who_got_another_offer(
    client: FlaskClient, project: Project
) -> None:
    start(client, project)
    first = newest()
    db.session.execute(db.update(Offer).values(state=OfferState.FAILED, failure="server_away"))
    db.session.commit()
    start(client, project, clients="search", search="A")
    client.post(f"/projects/{project.id}/campaigns/{first.id}/retry")
    rows = db.session.execute(db.select(Client.outside_id, Offer.state).join(Client).filter_by(campaign_id=first.id))
    failed, waiting = OfferState.FAILED, OfferState.WAITING
    assert {name: state for name, state in rows} == {"A1": failed, "A2": failed, "B1": waiting}
    shown = page(client, f"/projects/{project.id}/campaigns/{first.id}")
    assert "1 offer is tried again. 2 clients are left out: they have an offer in this channel" in shown


def test_what_failed_is_tried_again_for_everybody_where_offers_did_not_matter(
    client: FlaskClient, project: Project
) -> None:
    campaign = a_campaign(project)
    person = db.session.scalars(db.select(Client).limit(1)).one()
    an_offer(campaign, person, state=OfferState.FAILED, failure="empty")
    an_offer(a_campaign(project), person)
    assert services.retry_failed(campaign) == 1


def test_retrying_and_starting_at_one_moment_write_to_nobody_twice(
    client: FlaskClient, project: Project, meanwhile: Any
) -> None:
    start(client, project)
    db.session.execute(db.update(Offer).values(state=OfferState.FAILED, failure="server_away"))
    db.session.commit()
    services.retry_failed(newest())
    form = form_of(project)
    second = meanwhile(lambda: client.post(f"/projects/{project.id}/campaigns", data=form))
    db.session.commit()
    assert second.result(30).status_code == 422 and offers_by_client() == {"A1": 1, "A2": 1, "B1": 1}
