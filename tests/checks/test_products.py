"""A text that says what the bank itself says of a product is right."""

import pytest

from marketing_app.checks.findings import ChannelFacts, Facts, Finding
from marketing_app.checks.registry import check
from marketing_app.demonstration.catalogue import CHANNELS, PRODUCTS

from .offers import products


def complaints(text: str, product: str, channel: str) -> list[Finding]:
    facts = Facts(
        products()[product],
        ChannelFacts(channel),
        bank="Северный Берег",
        other_products=tuple(other.name for other in PRODUCTS if other.key != product),
        ending="Северный Берег. Оценивайте свои финансовые возможности и риски.",
    )
    return [finding for finding in check(text, facts) if finding.rule.split(".")[0] in ("fact", "law", "secret")]


@pytest.mark.parametrize("channel", [channel.key for channel in CHANNELS])
@pytest.mark.parametrize("product", [product.key for product in PRODUCTS])
def test_the_products_own_words_are_right(product: str, channel: str) -> None:
    text = f"{products()[product].name}. {products()[product].description}"
    expected = {"law.credit_conditions", "law.unsubscribe"}
    assert [finding for finding in complaints(text, product, channel) if finding.rule not in expected] == []


@pytest.mark.parametrize("product", [product.key for product in PRODUCTS])
def test_each_sentence_of_it_is_right_by_itself(product: str) -> None:
    for sentence in products()[product].description.split(". "):
        found = complaints(f"{products()[product].name}: {sentence.rstrip('.')}.", product, "TMO")
        assert found == [], sentence
