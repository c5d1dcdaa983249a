"""Campaigns and the text bank: what the model does not write well is finished, or no model is asked at all."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from marketing_app.campaigns import jobs, services
from marketing_app.campaigns.services import ClientChoice
from marketing_app.campaigns.writing import OfferWriter
from marketing_app.client_imports.loading import BackgroundLoads
from marketing_app.database import db
from marketing_app.llm.registry import Registry
from marketing_app.models import BankText, Campaign, MessageRole, Offer, OfferState, Project, Verdict
from marketing_app.tasks import task_queue
from marketing_app.worker import Worker
from tests.campaigns.conftest import Says, use
from tests.campaigns.test_writing import offers_of, wait_for
from tests.factories import a_bank_text, a_campaign, a_client, a_product, a_project, a_user, an_offer, many_clients
from tests.llm.model_servers import writing

WRONG = "Кредитная карта под 7% ждёт вас, оформите её."
RIGHT = "Оформите продукт: Кредитная карта ждёт вас в приложении."
SENTENCES = tuple(f"{word} карту в приложении." for word in ("Закажите", "Оформите", "Выберите", "Возьмите"))


@pytest.fixture
def project(app: Flask, client: FlaskClient) -> Project:
    project = a_project(a_user(language="en"), product=a_product(name="Кредитная карта"))
    client.sign_in(project.members[0].user)
    return project


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry that was never started: the model is still loading."""
    registry = Registry()
    use(registry, monkeypatch)
    monkeypatch.setattr("marketing_app.worker.model", registry)
    return registry


def start(project: Project, count: int, *, is_from_bank: bool = False) -> Campaign:
    """For so many new clients and those who are there."""
    if count:
        many_clients(project, count)
    channel = project.channels[0]
    campaign = services.start_campaign(
        channel,
        channel.versions[0],
        ClientChoice(),
        name="Осень",
        drafts=1,
        seed=7,
        author=project.members[0].user,
        is_from_bank=is_from_bank,
    )
    db.session.commit()
    return campaign


def work_off(app: Flask, concurrency: int = 4) -> None:
    """A worker takes the jobs of both queues of offers until none is left that may begin now."""
    queue = task_queue(app, OfferWriter(app), BackgroundLoads(app))

    async def work() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(concurrency))
        async with queue.open_async():
            await queue.run_worker_async(
                concurrency=concurrency,
                wait=False,
                install_signal_handlers=False,
                listen_notify=False,
                delete_jobs="always",
                queues=[jobs.QUEUE, jobs.BANK_QUEUE],
            )

    with ThreadPoolExecutor(1) as executor:
        executor.submit(lambda: asyncio.run(work())).result()
    db.session.rollback()


def page_of(client: FlaskClient, offer: Offer) -> str:
    return client.get(f"/projects/{offer.project_id}/offers/{offer.id}").get_data(as_text=True)


def form_of(project: Project, **values: Any) -> dict[str, Any]:
    channel = project.channels[0]
    defaults = {"channel_id": channel.id, "version_id": channel.versions[0].id, "clients": "all", "drafts": 3}
    return defaults | {"is_from_bank": "y"} | values


def test_what_the_model_does_not_write_well_is_finished(
    app: Flask, client: FlaskClient, project: Project, model_says: Says
) -> None:
    a_bank_text(SENTENCES[0])
    server = model_says(writing(WRONG))
    campaign = start(project, 2)
    work_off(app, concurrency=1)
    for offer in offers_of(campaign):
        assert offer.text.endswith(SENTENCES[0]) and offer.finished_with_id
        assert (offer.state, offer.verdict) == (OfferState.READY, Verdict.CLEAN)
        assert [message.role for message in offer.messages] == [
            MessageRole.PROMPT,
            MessageRole.DRAFT,
            MessageRole.BANK,
        ]
        assert offer.messages[1].text == WRONG and offer.current_id == offer.messages[2].id
    page = page_of(client, offer)
    assert "No draft of the model was good" in page and "No model was asked" not in page
    assert campaign.finished_at and len(server.questions) == 6
    page = client.get(f"/projects/{project.id}/campaigns/{campaign.id}").get_data(as_text=True)
    assert "2 offers are finished with texts of the text bank" in page
    an_offer(campaign, text=RIGHT)
    listed = f"/projects/{project.id}/offers?campaign_id={campaign.id}"
    assert f"{listed}&amp;is_finished=1" in page
    assert client.get(f"{listed}&is_finished=1").get_data(as_text=True).count(SENTENCES[0]) == 2
    assert RIGHT not in client.get(f"{listed}&is_finished=1").get_data(as_text=True)


def test_a_good_draft_stays_the_models(app: Flask, client: FlaskClient, project: Project, model_says: Says) -> None:
    a_bank_text(SENTENCES[0])
    model_says(writing(RIGHT))
    campaign = start(project, 1)
    work_off(app)
    (offer,) = offers_of(campaign)
    assert (offer.text, offer.finished_with_id) == (RIGHT, None)
    page = client.get(f"/projects/{project.id}/campaigns/{campaign.id}").get_data(as_text=True)
    assert "data-finished" not in page


def test_where_nothing_fits_the_best_draft_stays(app: Flask, project: Project, model_says: Says) -> None:
    model_says(writing(WRONG))
    campaign = start(project, 1)
    work_off(app)
    (offer,) = offers_of(campaign)
    assert (offer.text, offer.state) == (WRONG, OfferState.NEEDS_PERSON)


def test_no_model_is_asked_and_the_texts_are_used_evenly(
    app: Flask, client: FlaskClient, project: Project, no_model: Registry
) -> None:
    for sentence in SENTENCES:
        a_bank_text(sentence)
    campaign = start(project, 40, is_from_bank=True)
    work_off(app, concurrency=8)
    offers = offers_of(campaign)
    assert all(offer.state is OfferState.READY for offer in offers) and campaign.finished_at
    used = Counter(offer.finished_with_id for offer in offers)
    assert len(used) == len(SENTENCES) and max(used.values()) - min(used.values()) <= 4
    assert [message.role for message in offers[0].messages] == [MessageRole.BANK]
    assert "No model was asked" in page_of(client, offers[0])


def test_the_worker_does_not_wait_for_a_model(app: Flask, project: Project, no_model: Registry) -> None:
    a_bank_text(SENTENCES[0])
    campaign = start(project, 2, is_from_bank=True)
    asked = start(project, 0)
    worker = Worker(app)
    worker.start()
    try:
        wait_for(lambda: db.session.get_one(Campaign, campaign.id).finished_at is not None)
        assert offers_of(asked)[0].state is OfferState.WAITING
    finally:
        worker.stop()
        worker.join(30)


def test_an_offer_that_nothing_fits_fails_and_says_so(
    app: Flask, client: FlaskClient, project: Project, no_model: Registry
) -> None:
    a_bank_text("Откройте вклад под 20% годовых.")
    campaign = start(project, 1, is_from_bank=True)
    work_off(app)
    (offer,) = offers_of(campaign)
    assert (offer.state, offer.failure, offer.text) == (OfferState.FAILED, "nothing_fits", "")
    page = client.get(f"/projects/{project.id}/campaigns/{campaign.id}").get_data(as_text=True)
    assert "No cleared text of the text bank fits the client" in page
    a_bank_text(SENTENCES[0])
    client.post(f"/projects/{project.id}/campaigns/{campaign.id}/retry")
    queues = db.session.scalars(text("SELECT queue_name FROM procrastinate_jobs WHERE task_name = 'write_offer'"))
    assert list(queues) == [jobs.BANK_QUEUE], "what is retried waits for no model either"
    work_off(app)
    assert offers_of(campaign)[0].state is OfferState.READY


def test_a_text_that_is_retired_while_a_campaign_runs_is_used_no_more(
    app: Flask, project: Project, no_model: Registry
) -> None:
    kept, retired = a_bank_text(SENTENCES[0]), a_bank_text(SENTENCES[1])
    campaign = a_campaign(project, 2, is_from_bank=True)
    writer = OfferWriter(app)
    first, second = [offer.id for offer in offers_of(campaign)]
    writer.write(first, is_last_try=True)
    db.session.rollback()
    used = db.session.get_one(Offer, first).finished_with_id
    other = kept if used == retired.id else retired
    db.session.get_one(BankText, other.id).retired_at = db.func.now()
    db.session.commit()
    writer.write(second, is_last_try=True)  # with what it read before, when the other one would have been next
    db.session.rollback()
    assert db.session.get_one(Offer, second).finished_with_id == used


def test_a_marketer_chooses_the_text_bank_only(client: FlaskClient, project: Project, no_model: Registry) -> None:
    a_client(project)
    plan = f"/projects/{project.id}/campaigns/plan"
    assert "every offer would fail" in client.post(plan, data=form_of(project)).get_data(as_text=True)
    for sentence in SENTENCES:
        a_bank_text(sentence)
    page = client.post(plan, data=form_of(project)).get_data(as_text=True)
    assert "4 texts of the text bank fit" in page and "still loading" not in page and "drafts for them" not in page
    asked = form_of(project, drafts="", compared_id=project.channels[0].versions[0].id, compared_share=0)
    assert client.post(f"/projects/{project.id}/campaigns", data=asked).status_code == 303
    campaign = db.session.scalars(db.select(Campaign)).one()
    assert campaign.is_from_bank
    page = client.get(f"/projects/{project.id}/campaigns/{campaign.id}").get_data(as_text=True)
    assert "Text bank only" in page and "Drafts per client" not in page
    assert "Text bank only" in client.get(f"/projects/{project.id}/campaigns").get_data(as_text=True)


def test_an_offer_that_was_taken_away_gets_no_text(app: Flask, project: Project, no_model: Registry) -> None:
    a_bank_text(SENTENCES[0])
    campaign = a_campaign(project, is_from_bank=True)
    offer = an_offer(campaign, state=OfferState.CANCELLED)
    OfferWriter(app).write(offer.id, is_last_try=True)
    db.session.rollback()
    assert (offer.text, offer.finished_with_id, list(offer.messages)) == ("", None, [])
