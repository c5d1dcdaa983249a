"""An offer whose text the database does not take: the model is not blamed, and what may pass is tried again."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import SQLAlchemyError

from marketing_app.campaigns.writing import OfferWriter
from marketing_app.database import db
from marketing_app.llm.registry import Registry
from marketing_app.models import Offer, OfferState
from tests.factories import a_campaign, a_field, a_project, an_offer
from tests.web.troubled_database import as_server_owner, full_disk_of


def an_offer_to_write() -> int:
    project = a_project()
    a_field(project)
    return an_offer(a_campaign(project, drafts_per_client=1)).id


def test_a_full_disk_is_no_failure_of_the_offer(
    app: Flask, loaded_model: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketing_app.database.PATIENCE_SECONDS", (0.01, 0.01))
    number = an_offer_to_write()
    with full_disk_of("message"):
        with pytest.raises(SQLAlchemyError, match="No space left"):
            OfferWriter(app).write(number, is_last_try=True)
        assert db.session.get_one(Offer, number).state is OfferState.WRITING
    db.session.execute(db.update(Offer).values(state=OfferState.WAITING))
    db.session.commit()
    OfferWriter(app).write(number, is_last_try=True)
    db.session.expire_all()
    assert db.session.get_one(Offer, number).text


def test_a_text_that_the_database_refuses_is_no_failure_of_the_model(
    app: Flask, client: FlaskClient, loaded_model: Registry
) -> None:
    number = an_offer_to_write()
    as_server_owner("ALTER TABLE message ADD CONSTRAINT ck_message_none CHECK (text = 'x') NOT VALID")
    try:
        OfferWriter(app).write(number, is_last_try=False)
    finally:
        as_server_owner("ALTER TABLE message DROP CONSTRAINT ck_message_none")
    db.session.expire_all()
    offer = db.session.get_one(Offer, number)
    assert (offer.state, offer.failure) == (OfferState.FAILED, "database")
    client.sign_in(offer.campaign.project.members[0].user)  # type: ignore[union-attr]
    page = client.get(f"/projects/{offer.project_id}/offers/{number}")
    assert "База данных не приняла текст" in page.get_data(as_text=True)
