"""Every product of the demonstration has benefits, all true, and conditions that a text may hint at."""

import pytest

from marketing_app.checks.registry import check
from marketing_app.clients.conditions import problem, subjects_of
from marketing_app.demonstration.benefits import BENEFITS
from marketing_app.demonstration.catalogue import PRODUCTS
from marketing_app.dictionary.standard import default_dictionary
from marketing_app.models import ClientField, FieldType, Sensitivity
from tests.checks.rules import facts

FIELDS = [
    ClientField(key=field.key, label=field.label_ru, type=FieldType(field.type), codes=field.codes)
    for field in default_dictionary()
    if field.sensitivity != Sensitivity.SECRET
]


def test_no_product_is_without() -> None:
    assert BENEFITS.keys() == {product.key for product in PRODUCTS}


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
