"""A model whose chat template takes no conversation of ours: every page says so in a sentence."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.campaigns.writing import OfferWriter
from marketing_app.database import db
from marketing_app.llm.local import LocalEngine
from marketing_app.llm.registry import Registry
from marketing_app.models import Campaign, Offer, OfferState, Project
from tests.factories import PROMPT, a_campaign, a_client, a_project, a_user, an_offer
from tests.llm.chat_models import REFUSING
from tests.llm.small_models import write_model
from tests.offers.conftest import put_in_place
from tests.offers.test_write_an_offer import parts, write

SAID = "chat template does not take this conversation"


@pytest.fixture(autouse=True)
def refusing_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    path = write_model(tmp_path / "chat.gguf", ["Оформите карту"], merges=False, chat_template=REFUSING)
    registry = Registry()
    registry.start(lambda: LocalEngine(path, context=512, sequences=3, threads=1))
    assert registry.wait(60)
    put_in_place(registry, monkeypatch)
    monkeypatch.setattr("marketing_app.campaigns.writing.model", registry)
    yield
    registry.close()


@pytest.fixture
def project(app: Flask, client: FlaskClient) -> Project:
    performer = a_user(language="en")
    project = a_project(performer=performer)
    a_client(project)
    client.sign_in(performer)
    return project


def test_an_offer_is_not_started_and_one_learns_why(client: FlaskClient, project: Project) -> None:
    answer = write(client, project)
    assert answer.status_code == 422 and SAID in answer.get_data(as_text=True)
    assert db.session.scalars(db.select(Offer)).all() == []


def test_a_preview_says_why_there_is_none(client: FlaskClient, project: Project) -> None:
    channel, of_client = parts(project)
    data = {"text": PROMPT, "client_id": of_client.id}
    answer = client.post(f"/projects/{project.id}/channels/{channel.id}/preview", data=data)
    assert answer.status_code == 503 and SAID in answer.get_data(as_text=True)


def test_a_campaigns_offer_says_why_it_has_no_text(app: Flask) -> None:
    campaign: Campaign = a_campaign()
    offer = an_offer(campaign, state=OfferState.WAITING)
    OfferWriter(app).write(offer.id, is_last_try=False)
    db.session.rollback()
    assert (offer.state, offer.failure) == (OfferState.FAILED, "template_refused")
