"""What the demonstration's channels add to their texts is what the law wants, and leaves room for the text."""

import pytest
from flask import Flask

from marketing_app.database import db
from marketing_app.demonstration.endings import BANK, LIMITS
from marketing_app.demonstration.services import add_catalogue
from marketing_app.llm.examples import examples_for
from marketing_app.models import Product, RuleSetting, SaleChannel
from marketing_app.offers.checking import check_draft, facts_of
from marketing_app.offers.endings import rules_of
from marketing_app.offers.prompting import frame_of
from tests.factories import a_project, a_project_channel

CHANNELS = ("SMS", "PUSH", "EMAIL", "MOB_BANNER")


@pytest.fixture
def app_of_the_bank(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "STUDIO", app.config["STUDIO"].model_copy(update={"bank_name": BANK}))
    add_catalogue()
    db.session.commit()


@pytest.mark.usefixtures("app_of_the_bank")
@pytest.mark.parametrize("key", CHANNELS)
def test_an_ending_says_what_the_law_wants_of_every_product(key: str) -> None:
    channel = db.session.scalars(db.select(SaleChannel).filter_by(key=key)).one()
    for product in db.session.scalars(db.select(Product)).all():
        frame = frame_of(a_project_channel(a_project(product=product), channel))
        example = max(len(each.text) for each in examples_for(key, product.kind.value, 8, "ru"))
        assert frame.channel.max_length and frame.channel.max_length >= example, (product.key, frame.ending)
        said = check_draft(f"{product.name}: {product.description}", facts_of(frame, {}, ""))
        assert not [each for each in said if each.rule.startswith("law.")], (product.key, frame.ending)


@pytest.mark.usefixtures("app_of_the_bank")
def test_only_credits_have_a_full_cost() -> None:
    products = db.session.scalars(db.select(Product)).all()
    credits = {each.key for each in products if each.kind in ("loan", "mortgage") or each.key == "CC"}
    assert {each.key for each in products if each.full_cost} == credits


@pytest.mark.usefixtures("app_of_the_bank")
def test_a_debit_card_is_sent_without_the_warnings_of_credit() -> None:
    channel = db.session.scalars(db.select(SaleChannel).filter_by(key="SMS")).one()
    debit = db.session.scalars(db.select(Product).filter_by(key="DC")).one()
    assert rules_of({channel.id}, debit, BANK)[channel.id].ending == f"Банк «{BANK}»."


@pytest.mark.usefixtures("app_of_the_bank")
def test_what_the_bank_had_stays_as_it_is() -> None:
    before = db.session.scalars(db.select(RuleSetting.id)).all()
    add_catalogue()
    assert db.session.scalars(db.select(RuleSetting.id)).all() == before
    assert len(before) == sum(len(limits) for limits in LIMITS.values())
