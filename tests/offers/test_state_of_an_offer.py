"""An offer says whether it has its text, whoever wrote it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.llm.registry import Registry
from marketing_app.models import Client, DraftState, Message, MessageRole, Offer, OfferState, Project
from marketing_app.offers import services, writing
from marketing_app.offers.checking import facts_of_offer
from marketing_app.offers.choosing import Choice
from marketing_app.offers.drafting import Round
from marketing_app.offers.services import StillWriting
from marketing_app.review.queries import WITH_TEXT
from tests.factories import PROMPT, a_campaign, a_client, a_project, an_offer
from tests.offers.test_write_an_offer import wait_until_written


@pytest.fixture
def project(app: Flask) -> Project:
    return a_project()


def begin(app: Flask, project: Project, client: Client) -> Message:
    channel = project.channels[0]
    draft, prompt = services.begin_offer(channel, client, PROMPT, project.members[0].user)
    options = services.options_for(channel)
    db.session.commit()
    writing.begin(app, draft, prompt, options)
    db.session.commit()
    return draft


def test_it_is_being_written_and_then_ready(app: Flask, project: Project, loaded_model: Registry) -> None:
    draft = begin(app, project, a_client(project))
    assert draft.offer.state is OfferState.WRITING
    offer = wait_until_written().offer
    assert offer.state in WITH_TEXT and offer.written_at
    begin(app, project, offer.client)
    assert offer.state in WITH_TEXT, "the text that it has is there while another is written"
    wait_until_written()


def test_one_that_was_stopped_before_its_first_word_is_cancelled(
    app: Flask, project: Project, loaded_model: Registry
) -> None:
    channel = project.channels[0]
    draft, prompt = services.begin_offer(channel, a_client(project), PROMPT, project.members[0].user)
    db.session.commit()
    first = loaded_model.engine().submit(prompt, services.options_for(channel))
    live = writing.LiveDraft(draft.id, draft.offer.revision, first)
    live.stop()
    live.generation.result()
    live.generation.drafts = []
    rounds = [Round(prompt, live.generation, Choice("", []))]
    writing._store(app, live, rounds, failure="", facts=facts_of_offer(draft.offer))
    db.session.rollback()
    assert (draft.state, draft.offer.state) == (DraftState.STOPPED, OfferState.CANCELLED)


def test_one_whose_process_died_has_failed_and_says_why(project: Project) -> None:
    channel = project.channels[0]
    offer = Offer(
        project_id=project.id,
        project_channel_id=channel.id,
        client_id=a_client(project).id,
        prompt_version_id=channel.versions[0].id,
        state=OfferState.WRITING,
    )
    long_ago = db.func.now() - db.text("interval '1 hour'")
    offer.messages = [Message(role=MessageRole.DRAFT, state=DraftState.WRITING, touched_at=long_ago)]
    db.session.add(offer)
    db.session.commit()
    writing.close_abandoned()
    db.session.commit()
    assert (offer.state, offer.failure) == (OfferState.FAILED, "interrupted")


@pytest.mark.parametrize("state", [OfferState.WAITING, OfferState.WRITING])
def test_nobody_changes_an_offer_that_its_campaign_is_about_to_write(
    project: Project, loaded_model: Registry, state: OfferState
) -> None:
    offer = an_offer(a_campaign(project), state=state)
    with pytest.raises(StillWriting):
        services.ask_for_change(offer, "Короче", project.members[0].user)


def test_an_offer_that_its_campaign_could_not_write_is_written_by_hand(
    app: Flask, project: Project, loaded_model: Registry
) -> None:
    offer = an_offer(a_campaign(project), state=OfferState.FAILED, failure="empty")
    draft, prompt = services.ask_for_change(offer, "Короче", project.members[0].user)
    options = services.options_for(offer.project_channel)
    assert "Напиши" in prompt.text, "it begins with the campaign's prompt"
    db.session.commit()
    writing.begin(app, draft, prompt, options)
    db.session.commit()
    wait_until_written()
    db.session.refresh(offer)
    assert offer.state in WITH_TEXT and offer.text and offer.failure == ""


def test_one_of_a_campaign_that_needs_a_person_waits_for_nothing_else(project: Project, client: FlaskClient) -> None:
    campaign = a_campaign(project)
    client.sign_in(project.members[0].user)
    to_the_campaign = f'alert-link text-decoration-underline" href="/projects/{project.id}/campaigns/{campaign.id}'
    for state, says_why in ((OfferState.NEEDS_PERSON, False), (OfferState.WAITING, True)):
        offer = an_offer(campaign, state=state, text="" if says_why else "Карта под 7%", written_at=db.func.now())
        page = client.get(f"/projects/{project.id}/offers/{offer.id}").get_data(as_text=True)
        assert (to_the_campaign in page) is says_why


def test_an_offer_by_hand_stands_beside_that_of_a_campaign(
    app: Flask, project: Project, loaded_model: Registry
) -> None:
    of_campaign = an_offer(a_campaign(project))
    draft = begin(app, project, of_campaign.client)
    assert draft.offer_id != of_campaign.id and draft.offer.campaign_id is None
    wait_until_written()
