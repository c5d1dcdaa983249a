"""A project with a manager and a performer, and texts that wait for their decision."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func

from marketing_app.database import db
from marketing_app.models import Campaign, Message, MessageRole, Offer, OfferState, Project, User, Verdict
from tests.factories import a_campaign, a_product, a_project, a_user, an_offer, saved

GOOD = "Закажите кредитную карту в приложении."
WRONG = "Карта с кешбэком 7% ждёт вас. Оформите её."


@pytest.fixture
def project(app: Flask) -> Project:
    return a_project(a_user("Мария"), a_user("Пётр"), product=a_product(name="Кредитная карта"))


@pytest.fixture
def campaign(project: Project) -> Campaign:
    return a_campaign(project)


@pytest.fixture
def manager(app: Flask, project: Project) -> FlaskClient:
    return visitor(app, project.members[0].user)


@pytest.fixture
def performer(app: Flask, project: Project) -> FlaskClient:
    return visitor(app, project.members[1].user)


def visitor(app: Flask, user: User) -> FlaskClient:
    client = app.test_client()
    client.sign_in(user)  # type: ignore[attr-defined]
    return client


def a_text(campaign: Campaign, text: str = GOOD, verdict: Verdict = Verdict.CLEAN) -> Offer:
    """An offer whose draft is ready."""
    offer = an_offer(campaign, state=OfferState.READY, text=text, verdict=verdict, written_at=func.now())
    draft = saved(Message(offer_id=offer.id, role=MessageRole.DRAFT, text=text, prompt="x"))
    offer.current_id = draft.id
    db.session.commit()
    return offer
