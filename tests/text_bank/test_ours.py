"""Our own continuations are the bank's first content: once for each channel, never again where they were retired."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.bank_time import today
from marketing_app.database import db
from marketing_app.demonstration.catalogue import CHANNELS
from marketing_app.demonstration.services import add_catalogue
from marketing_app.llm.continuations import CONTINUATIONS
from marketing_app.models import BankText, ProductKind, SaleChannel, TextState
from marketing_app.offers.text_states import state_of
from marketing_app.serve import prepare_database
from marketing_app.settings import Settings
from marketing_app.text_bank.ours import add_our_texts
from tests.factories import a_bank_text, a_channel, a_user


def texts_of(channel: SaleChannel, **values: Any) -> set[str]:
    query = db.select(BankText.text).filter_by(sale_channel_id=channel.id, is_ours=True, **values)
    return set(db.session.scalars(query))


def texts_that_fit(channel: SaleChannel, kind: ProductKind) -> set[str]:
    """Ours in Russian for offers of a kind: those for it and those for any."""
    return texts_of(channel, language="ru", kind=kind) | texts_of(channel, language="ru", kind=None)


def test_the_catalogues_channels_come_with_texts_in_their_style(app: Flask) -> None:
    add_catalogue()
    channels = {channel.key: channel for channel in db.session.scalars(db.select(SaleChannel))}
    assert channels.keys() == {channel.key for channel in CHANNELS}
    russian = CONTINUATIONS["ru"]["card"]
    assert texts_that_fit(channels["SMS"], ProductKind.CARD) == set(russian["short"])
    assert texts_that_fit(channels["TMO"], ProductKind.CARD) == set(russian["talk"])
    english = {text for style in CONTINUATIONS["en"].values() for text in style["letter"]}
    assert texts_of(channels["EMAIL"], language="en") == english
    text = db.session.scalars(db.select(BankText).limit(1)).one()
    assert state_of(text, today()) is TextState.CLEARED and text.cleared_by_id is None


def test_a_second_time_adds_nothing(app: Flask) -> None:
    a_channel()
    assert add_our_texts() > 0
    assert add_our_texts() == 0


def test_what_is_for_every_kind_is_for_any(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {kind.value: {"short": ("Загляните в приложение.",)} for kind in ProductKind}
    kinds["card"] = {"short": ("Загляните в приложение.", "Закажите карту.")}
    monkeypatch.setattr("marketing_app.text_bank.ours.CONTINUATIONS", {"ru": kinds})
    channel = a_channel()
    add_our_texts()
    assert texts_of(channel, kind=None) == {"Загляните в приложение."}
    assert texts_of(channel, kind=ProductKind.CARD) == {"Закажите карту."}


def test_an_upgrade_adds_what_is_new_and_leaves_what_was_retired(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    production = settings.model_copy(update={"app_env": "production"})  # without the demonstration
    channel = a_channel()
    prepare_database(production)
    before = texts_of(channel)
    retired = db.session.scalars(db.select(BankText).filter_by(sale_channel_id=channel.id).limit(1)).one()
    retired.retired_at = db.func.now()
    db.session.commit()
    more = {"short": (*CONTINUATIONS["ru"]["loan"]["short"], "Ещё одно наше предложение.")}
    grown = CONTINUATIONS["ru"] | {"loan": CONTINUATIONS["ru"]["loan"] | more}
    monkeypatch.setattr("marketing_app.text_bank.ours.CONTINUATIONS", CONTINUATIONS | {"ru": grown})
    prepare_database(production)
    assert texts_of(channel) - before == {"Ещё одно наше предложение."}
    assert db.session.get_one(BankText, retired.id).is_retired
    same = db.select(BankText).filter_by(text=retired.text, sale_channel_id=channel.id, kind=retired.kind)
    assert db.session.scalars(same).all() == [retired]


def test_the_same_words_of_the_banks_own_stay_theirs(app: Flask) -> None:
    channel = a_channel()
    first = CONTINUATIONS["ru"]["card"]["short"][0]
    theirs = a_bank_text(first, kind=ProductKind.CARD, sale_channel_id=channel.id)
    add_our_texts()
    assert db.session.scalars(db.select(BankText).filter_by(fingerprint=theirs.fingerprint)).one().is_ours is False


def test_a_channel_of_an_administrators_gets_those_of_the_short_style(client: FlaskClient) -> None:
    client.sign_in(a_user(is_administrator=True))
    client.post("/admin/channel/new/", data={"key": "KIOSK", "name": "Киоск", "max_length": "200"})
    channel = db.session.scalars(db.select(SaleChannel).filter_by(key="KIOSK")).one()
    assert texts_that_fit(channel, ProductKind.LOAN) == set(CONTINUATIONS["ru"]["loan"]["short"])
    page = client.get(f"/text-bank?channel_id={channel.id}&kind=loan").get_data(as_text=True)
    assert "Marketing Studio" in page and CONTINUATIONS["ru"]["loan"]["short"][0] in page
