"""What our own openings and continuations say passes: whatever draft the model ends with them may be sent."""

import random
from collections.abc import Iterator
from itertools import product as pairs

import pytest

from marketing_app.checks.findings import Angle, ChannelFacts, Facts, ProductFacts, Settings, Severity
from marketing_app.checks.registry import check
from marketing_app.demonstration.benefits import BENEFITS
from marketing_app.demonstration.catalogue import CHANNELS, PRODUCTS
from marketing_app.demonstration.endings import BANK, LIMITS
from marketing_app.llm.continuations import CONTINUATIONS, STYLES
from marketing_app.llm.examples_ru import PRODUCTS as SHOWN
from marketing_app.llm.examples_ru import TEXTS
from marketing_app.llm.openings import openings
from marketing_app.offers.endings import OF_THE_ENDING

from .offers import products

SAMPLE = 800
"""Of some ten thousands; all of them take minutes, and passed on 30 November 2026."""
OF_LENGTH = {
    "push.title", "push.body", "sms.segments", "banner.length", "text.one_action", "email.long_subject",
    "email.preheader",
}  # fmt: skip
"""What they are warned of: a long name or benefit makes a long text, and not each of them calls for one action."""
OF_SENSE = {
    "fact.name", "fact.other_bank", "secret.question", "person.familiar", "person.address", "language.sentence",
    "language.repeats_opening",
}  # fmt: skip


def as_set_up(channel: str) -> Settings:
    """As the demonstration has it, where nobody has settled an ending."""
    return Settings(switched_off=OF_THE_ENDING, limits=LIMITS.get(channel, {}))


def texts() -> Iterator[tuple[str, Facts]]:
    """Every opening with every continuation, for every product, benefit and channel; without a benefit as well."""
    for each, channel in pairs(PRODUCTS, CHANNELS):
        about = ProductFacts(each.name, each.kind, each.description, each.link)
        others = tuple(other.name for other in PRODUCTS if other is not each)
        for benefit in (*(benefit.text for benefit in BENEFITS[each.key]), ""):
            begun = openings(channel.key, each.name, benefit, "ru")
            facts = Facts(
                about,
                ChannelFacts(channel.key, channel.max_length),
                bank=BANK,
                other_products=others,
                angle=Angle(benefit),
                openings=begun if benefit else (),
            )
            for opening, rest in pairs(begun, CONTINUATIONS["ru"][each.kind][STYLES.get(channel.key, "short")]):
                yield f"{opening} {rest}", facts


def test_nothing_is_wrong_with_our_own_sentences() -> None:
    for text, facts in random.Random(10).sample(list(texts()), SAMPLE):
        findings = check(text, facts, as_set_up(facts.channel.key))
        found = [finding for finding in findings if finding.severity is not Severity.NOTE]
        assert {finding.rule for finding in found} <= OF_LENGTH, text
        assert all(finding.severity is Severity.WARN for finding in found), text


@pytest.mark.parametrize("key", ["LOAN_EN", "DEPOSIT_EN", "CARD_EN"])
@pytest.mark.parametrize("channel", [channel.key for channel in CHANNELS])
def test_nothing_is_wrong_with_the_english_ones(key: str, channel: str) -> None:
    about = products()[key]
    begun = openings(channel, about.name, "", "en")
    facts = Facts(about, ChannelFacts(channel), language="en", bank="North Shore", openings=begun)
    for opening, rest in pairs(begun, CONTINUATIONS["en"][about.kind][STYLES.get(channel, "short")]):
        found = {finding.rule for finding in check(f"{opening} {rest}", facts, as_set_up(channel))}
        assert found.isdisjoint(OF_SENSE), (opening, rest)


def test_nothing_is_wrong_with_our_examples() -> None:
    for channel, kinds in TEXTS.items():
        for kind, shown in kinds.items():
            for text, product in zip(shown, SHOWN[kind], strict=True):
                facts = Facts(ProductFacts(product.partition(".")[0], kind, product), ChannelFacts(channel))
                found = {finding.rule for finding in check(text.replace(" | ", "\n"), facts)}
                assert found.isdisjoint(OF_SENSE), text
