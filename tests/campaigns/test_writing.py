"""A worker writes the offers of a campaign. The model and the queue are the real ones."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import text

from marketing_app.campaigns import services
from marketing_app.campaigns.services import ClientChoice, Comparison
from marketing_app.campaigns.writing import GivenBack, OfferWriter
from marketing_app.client_imports.loading import BackgroundLoads
from marketing_app.database import db
from marketing_app.llm.engine import ModelMissing
from marketing_app.llm.registry import ModelNotReady, Registry
from marketing_app.models import Campaign, Message, MessageRole, Offer, OfferState, Project, PromptVersion, Verdict
from marketing_app.offers.drafting import ROUNDS
from marketing_app.review.queries import WITH_TEXT
from marketing_app.tasks import task_queue
from tests.factories import a_campaign, a_channel, a_field, a_project, a_project_channel, an_offer, many_clients, saved

STATEMENTS = 2
"""For each text: claim it, store it with its two turns and which of them is its text. Whether all are written is seen
when the process has no other text of the campaign in work."""


@pytest.fixture
def project(app: Flask) -> Project:
    project = a_project()
    a_field(project)
    return project


def start(
    project: Project, count: int, drafts: int = 1, seed: int = 7, comparison: Comparison | None = None
) -> Campaign:
    load = many_clients(project, count)
    channel = project.channels[0]
    campaign = services.start_campaign(
        channel,
        channel.versions[0],
        ClientChoice(import_id=load.id),
        name="Осень",
        drafts=drafts,
        seed=seed,
        author=project.members[0].user,
        comparison=comparison,
    )
    db.session.commit()
    return campaign


def work_off(app: Flask, concurrency: int = 4) -> None:
    """A worker takes jobs until none is left that may begin now."""
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
                queues=["offers"],
            )

    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as executor:
        executor.submit(lambda: asyncio.run(work())).result()
    db.session.rollback()


def offers_of(campaign: Campaign) -> list[Offer]:
    return list(db.session.scalars(db.select(Offer).filter_by(campaign_id=campaign.id).order_by(Offer.id)))


def jobs_left() -> int:
    return db.session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'offers'")) or 0


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)
        db.session.rollback()


def test_every_offer_gets_its_text_and_the_campaign_finishes(
    app: Flask, project: Project, loaded_model: Registry
) -> None:
    campaign = start(project, 6, drafts=2)
    work_off(app)
    offers = offers_of(campaign)
    assert all(offer.text and offer.written_at and offer.current_id for offer in offers)
    for offer in offers:
        is_blocked = offer.verdict is Verdict.BLOCK
        assert offer.state is (OfferState.NEEDS_PERSON if is_blocked else OfferState.READY)
    assert campaign.finished_at and jobs_left() == 0


def test_what_no_draft_may_say_is_asked_for_again_and_then_needs_a_person(
    app: Flask, project: Project, loaded_model: Registry
) -> None:
    project.channels[0].channel.max_length = 5
    db.session.commit()
    campaign = start(project, 1, drafts=2)
    work_off(app)
    (offer,) = offers_of(campaign)
    assert (offer.state, offer.verdict) == (OfferState.NEEDS_PERSON, Verdict.BLOCK)
    draft = db.session.get_one(Message, offer.current_id)
    assert draft.round_count == ROUNDS and len(draft.drafts) == 2 * ROUNDS
    assert offer.text == draft.text and draft.text in [text for text, *_rest in draft.drafts]
    assert campaign.finished_at


def test_an_offer_keeps_the_conversation_it_came_from_with_every_draft(
    app: Flask, project: Project, loaded_model: Registry
) -> None:
    campaign = start(project, 1, drafts=3)
    work_off(app)
    offer = offers_of(campaign)[0]
    asked, draft = offer.messages
    assert asked.role is MessageRole.PROMPT and asked.is_beginning
    assert asked.text == campaign.prompt_version.text and asked.author_id == campaign.author_id
    assert draft.role is MessageRole.DRAFT and draft.text == offer.text
    assert offer.text in [written[0].strip() for written in draft.drafts]
    assert len(draft.drafts) == 3 * draft.round_count
    assert "возраст: 21 год" in draft.prompt
    assert draft.model_name == loaded_model.engine().card.name
    assert draft.prompt_token_count > 50 and draft.token_count > 0 and draft.seconds > 0


def test_the_same_seed_gives_the_same_texts(app: Flask, project: Project, loaded_model: Registry) -> None:
    load = many_clients(project, 2)
    channel = project.channels[0]
    texts = []
    for seed in (7, 7, 8):
        campaign = services.start_campaign(
            channel,
            channel.versions[0],
            ClientChoice(import_id=load.id),
            name="Осень",
            drafts=1,
            seed=seed,
            author=project.members[0].user,
        )
        db.session.commit()
        work_off(app, concurrency=1)
        texts.append([offer.text for offer in offers_of(campaign)])
    assert texts[0] == texts[1] != texts[2]


def test_a_text_takes_few_statements(
    app: Flask, project: Project, loaded_model: Registry, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketing_app.campaigns.writing.BRIEF_SECONDS", 600)  # however busy the machine is
    campaign = start(project, 10)
    statements.clear()
    work_off(app)
    assert len(offers_of(campaign)) == 10
    once, shared = 10 * STATEMENTS, 18
    assert once <= len(statements) <= once + shared, "what offers share is read once for all of them"


def test_a_prompt_that_is_too_long_fails_at_once_with_both_numbers(
    app: Flask, project: Project, loaded_model: Registry
) -> None:
    channel = project.channels[0]
    version = PromptVersion(project_channel_id=channel.id, number=2, text="{client} " + "кредитоспособность " * 3000)
    campaign = a_campaign(project, prompt_version_id=saved(version).id)
    offer = an_offer(campaign)
    OfferWriter(app).write(offer.id, is_last_try=False)
    db.session.rollback()
    assert (offer.state, offer.failure) == (OfferState.FAILED, "prompt_too_long")
    assert offer.failure_detail["tokens"] > offer.failure_detail["limit"] > 0
    assert campaign.finished_at


def test_a_missing_model_fails_at_once_and_is_retried_when_it_is_there(
    app: Flask, project: Project, loaded_model: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = start(project, 2)
    missing = Registry()
    monkeypatch.setattr("marketing_app.campaigns.writing.model", missing)
    monkeypatch.setattr("marketing_app.offers.services.model", missing)

    def load() -> None:
        raise ModelMissing("nowhere.gguf")

    missing.start(load)  # type: ignore[arg-type]
    missing.wait(10)
    work_off(app)
    assert {(offer.state, offer.failure) for offer in offers_of(campaign)} == {(OfferState.FAILED, "model_missing")}
    monkeypatch.undo()
    assert services.retry_failed(campaign) == 2
    db.session.commit()
    work_off(app)
    assert all(offer.state in WITH_TEXT for offer in offers_of(campaign))


def test_what_may_pass_waits_again_for_a_later_try(
    app: Flask, project: Project, loaded_model: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = start(project, 1)
    loading = Registry()
    monkeypatch.setattr("marketing_app.campaigns.writing.model", loading)
    work_off(app)
    offer = offers_of(campaign)[0]
    assert offer.state is OfferState.WAITING
    later = "SELECT attempts, scheduled_at > now() FROM procrastinate_jobs WHERE queue_name = 'offers'"
    assert db.session.execute(text(later)).all() == [(1, True)]
    with pytest.raises(ModelNotReady):
        OfferWriter(app).write(offer.id, is_last_try=False)
    OfferWriter(app).write(offer.id, is_last_try=True)
    db.session.rollback()
    assert (offer.state, offer.failure) == (OfferState.FAILED, "model")


def test_a_worker_that_lost_its_offer_changes_nothing(app: Flask, project: Project, loaded_model: Registry) -> None:
    campaign = slow_campaign(project)
    offer = offers_of(campaign)[0]
    thread = Thread(target=OfferWriter(app).write, args=(offer.id,), kwargs={"is_last_try": False})
    thread.start()
    wait_for(lambda: offer.state is OfferState.WRITING)
    db.session.execute(db.update(Offer).values(attempt_count=Offer.attempt_count + 1))
    db.session.commit()
    thread.join(60)
    db.session.rollback()
    assert offer.state is OfferState.WRITING and offer.text == "" and offer.messages == []


def test_a_cancelled_text_ends_within_two_seconds(app: Flask, project: Project, loaded_model: Registry) -> None:
    campaign = slow_campaign(project)
    offer = offers_of(campaign)[0]
    writer = OfferWriter(app)
    Thread(target=writer.watch, daemon=True).start()
    thread = Thread(target=writer.write, args=(offer.id,), kwargs={"is_last_try": False})
    thread.start()
    wait_for(lambda: offer.state is OfferState.WRITING)
    services.cancel_campaign(campaign)
    db.session.commit()
    thread.join(4)
    assert not thread.is_alive()
    writer.stop()
    db.session.rollback()
    assert offer.state is OfferState.CANCELLED and offer.messages == []


def test_a_worker_that_stops_gives_its_text_back(app: Flask, project: Project, loaded_model: Registry) -> None:
    campaign = slow_campaign(project)
    offer = offers_of(campaign)[0]
    writer = OfferWriter(app)
    with ThreadPoolExecutor(1) as executor:
        written = executor.submit(writer.write, offer.id, is_last_try=False)
        wait_for(lambda: offer.state is OfferState.WRITING)
        writer.stop()
        with pytest.raises(GivenBack):
            written.result(5)
    db.session.rollback()
    assert offer.state is OfferState.WAITING


def test_an_offer_of_a_paused_campaign_is_not_begun(app: Flask, project: Project, loaded_model: Registry) -> None:
    campaign = start(project, 1)
    services.pause_campaign(campaign)
    db.session.commit()
    offer = offers_of(campaign)[0]
    OfferWriter(app).write(offer.id, is_last_try=False)
    db.session.rollback()
    assert offer.state is OfferState.WAITING and offer.attempt_count == 0


def test_a_text_that_came_after_the_client_was_removed_is_forgotten(
    app: Flask, project: Project, loaded_model: Registry
) -> None:
    campaign = start(project, 2)
    db.session.delete(offers_of(campaign)[0])
    db.session.commit()
    work_off(app)
    assert [offer.state in WITH_TEXT for offer in offers_of(campaign)] == [True] and campaign.finished_at


def slow_campaign(project: Project) -> Campaign:
    """One offer of a channel without a limit, in many drafts: the model works on it for seconds."""
    a_project_channel(project, a_channel(max_length=None))
    db.session.refresh(project)
    channel = project.channels[-1]
    campaign = a_campaign(
        project, project_channel_id=channel.id, prompt_version_id=channel.versions[0].id, drafts_per_client=8
    )
    an_offer(campaign)
    return campaign


def test_messages_are_not_written_twice(app: Flask, project: Project, loaded_model: Registry) -> None:
    campaign = start(project, 5)
    db.session.execute(text("UPDATE procrastinate_jobs SET queueing_lock = NULL"))
    twice = "INSERT INTO procrastinate_jobs (queue_name, task_name, args) SELECT queue_name, task_name, args"
    db.session.execute(text(f"{twice} FROM procrastinate_jobs"))
    db.session.commit()
    work_off(app)
    assert db.session.scalar(db.select(db.func.count(Message.id))) == 10
    assert {offer.attempt_count for offer in offers_of(campaign)} == {1}
