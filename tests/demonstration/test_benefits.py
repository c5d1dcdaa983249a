"""Every product of the demonstration has benefits, all true, and conditions that a text may hint at."""

from collections import Counter

import pytest
from flask import Flask

from marketing_app.accounts.services import create_user
from marketing_app.checks.registry import check
from marketing_app.clients.conditions import problem, subjects_of
from marketing_app.database import db
from marketing_app.demonstration.benefits import BENEFITS
from marketing_app.demonstration.catalogue import PRODUCTS
from marketing_app.demonstration.clients import generate
from marketing_app.demonstration.endings import BANK
from marketing_app.demonstration.services import MANAGER, add_catalogue, load_into_project
from marketing_app.dictionary.services import fields_of
from marketing_app.dictionary.standard import default_dictionary
from marketing_app.models import Client, ClientField, FieldType, Product, Project, SaleChannel, Sensitivity
from marketing_app.offers.angles import benefits_of_channels, best_of_clients
from marketing_app.projects.services import create_project
from tests.checks.rules import facts
from tests.factories import a_user

FIELDS = [
    ClientField(key=field.key, label=field.label_ru, type=FieldType(field.type), codes=field.codes)
    for field in default_dictionary()
    if field.sensitivity != Sensitivity.SECRET
]
GROUP = 40
LEAST_BENEFITS = 5
LEAST_DIFFERENT = 4


@pytest.fixture
def catalogue(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[Product]:
    monkeypatch.setitem(app.config, "STUDIO", app.config["STUDIO"].model_copy(update={"bank_name": BANK}))
    add_catalogue()
    db.session.commit()
    return list(db.session.scalars(db.select(Product)))


def a_project_of(product: Product) -> Project:
    channels = db.session.scalars(db.select(SaleChannel)).all()
    project = create_project(product.key, product, "", "ru", channels, a_user())
    db.session.commit()
    return project


def test_every_product_has_five_of_which_two_are_for_everybody() -> None:
    assert BENEFITS.keys() == {product.key for product in PRODUCTS}
    for key, benefits in BENEFITS.items():
        assert len({each.text for each in benefits}) >= LEAST_BENEFITS, key
        assert sum(not each.conditions for each in benefits) >= 2, key


def test_every_forty_clients_get_several_benefits_and_no_benefit_goes_to_most_of_them(catalogue: list[Product]) -> None:
    create_user(MANAGER.email, MANAGER.name, MANAGER.password, is_administrator=False)
    project = a_project_of(catalogue[0])
    load_into_project(project, list(generate(5 * GROUP)))
    db.session.commit()
    numbers = db.session.scalars(db.select(Client.id).order_by(Client.id)).all()
    for product in catalogue:
        best = best_of_clients(project, product.benefits, fields_of(project), numbers)
        for first in range(0, len(numbers), GROUP):
            said = Counter(benefit.text for number in numbers[first : first + GROUP] if (benefit := best[number]))
            assert said.total() == GROUP
            assert len(said) >= LEAST_DIFFERENT and max(said.values()) <= GROUP / 2, (product.key, said)


def test_every_benefit_may_be_said_in_every_channel(catalogue: list[Product]) -> None:
    for product in catalogue:
        channels = a_project_of(product).channels
        for channel, sayable in zip(channels, benefits_of_channels(channels).values(), strict=True):
            assert sayable == product.benefits, (product.key, channel.channel.key)


@pytest.mark.parametrize("key", sorted(BENEFITS))
def test_a_benefit_says_what_the_description_says(key: str) -> None:
    for benefit in BENEFITS[key]:
        found = {finding.rule for finding in check(benefit.text, facts(key, "TMO"))}
        assert not found & {"fact.number", "fact.range", "fact.claim", "fact.other_product"}, benefit.text


@pytest.mark.parametrize("key", sorted(BENEFITS))
def test_conditions_ask_for_fields_that_are_no_secret(key: str) -> None:
    subjects = subjects_of(FIELDS, {})
    for benefit in BENEFITS[key]:
        assert [problem(each, subjects.get(each.subject)) for each in benefit.conditions if each] == [None] * len(
            benefit.conditions
        )
