"""Rules are found by themselves, concern what they say, and are switched off and limited by an administrator."""

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketing_app.checks.findings import ChannelFacts, Facts, Settings, Severity
from marketing_app.checks.registry import RULES, check, concerning, passes, rule
from marketing_app.demonstration.catalogue import CHANNELS

from .offers import facts_of, offers
from .rules import facts

LONGEST_CHECK_SECONDS = 2
PIECES = [
    "Кредит", "карта", "до", "от", "5 %", "3 млн ₽", "17,9%", "полгода", "{", "}", "[", "<", ">", "**", "@", ".", ",",
    "!",
    "?", "\n", " ", "\u00a0", "—", "№", "😀", "е\u0301", "İ", "ß", "https://", "www.", "8 800", "Тема:", "вы", "ла",
    "без", "1" * 40,
    "тысяч", "сто", "двадцать", "две", "целых", "десятых", "half", "hundred", "a.ru", "не", "ваш", "\u200d", "\x00",
]  # fmt: skip
texts = st.one_of(st.text(max_size=400), st.lists(st.sampled_from(PIECES), max_size=80).map(" ".join))
some_facts = st.sampled_from(
    [facts(product, channel.key) for product in ("PK", "CC", "INVEST") for channel in CHANNELS]
)


@given(texts, some_facts, st.sampled_from(["", "Северный Берег."]))
@settings(deadline=None, max_examples=300)
def test_no_text_makes_a_rule_fail(text: str, about: Facts, ending: str) -> None:
    for finding in check(text, replace(about, ending=ending, prompt=text[:200])):
        assert finding.message % finding.values
        if finding.span:
            start, end = finding.span
            assert 0 <= start <= end <= len(text)


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("joint", ["", " "])
def test_no_long_text_takes_long(piece: str, joint: str) -> None:
    text = joint.join([piece] * (6000 // max(1, len(piece + joint))))
    for channel in ("EMAIL", "SMS", "PUSH"):
        begun = time.monotonic()
        check(text, facts("CC", channel))
        assert time.monotonic() - begun < LONGEST_CHECK_SECONDS


def test_a_rule_is_switched_off() -> None:
    text = "Кредит под 9%."
    assert "fact.number" in {finding.rule for finding in check(text, facts())}
    off = Settings(switched_off=frozenset({"fact.number"}))
    assert "fact.number" not in {finding.rule for finding in check(text, facts(), off)}


def test_a_limit_is_changed() -> None:
    text = "Оформите кредит: " + "я" * 300 + "."
    about = facts(channel="MOBILE_CHAT")
    assert "chat.length" in {finding.rule for finding in check(text, about)}
    wider = Settings(limits={"chat.length": 400})
    assert "chat.length" not in {finding.rule for finding in check(text, about, wider)}


def test_rules_concern_their_channels_and_kinds() -> None:
    def ids(about: Facts) -> set[str]:
        return {rule.id for rule in concerning(about, Settings())}

    assert "sms.segments" in ids(facts(channel="SMS"))
    assert "sms.segments" not in ids(facts(channel="PUSH"))
    assert "law.invest_promise" in ids(facts("INVEST"))
    assert "law.invest_promise" not in ids(facts("DC"))


def test_the_gravest_comes_first_and_then_the_order_of_the_text() -> None:
    found = check("Лучший кредит под 9% или 8%", facts())
    assert [finding.severity for finding in found] == sorted(
        (finding.severity for finding in found), key=list(Severity).index
    )
    numbers = [finding.span for finding in found if finding.rule == "fact.number"]
    assert numbers == sorted(numbers, key=str) and len(numbers) == 2


def test_only_what_blocks_keeps_a_text_back() -> None:
    assert passes(check("Лучший кредит без залога.", facts()))
    assert not passes(check("Кредит без справок.", facts()))


def test_two_rules_have_not_one_name() -> None:
    with pytest.raises(ValueError, match=r"fact\.number"):
        rule("fact.number", Severity.NOTE, "again")(lambda text, about, limit: iter(()))


def test_rules_say_what_they_look_for() -> None:
    assert all(rule.about and "." in rule.id for rule in RULES.values())


def test_findings_carry_sentences_and_values_apart() -> None:
    for offer in offers():
        for finding in check(offer.text, offer.facts):
            assert finding.message % finding.values


def test_a_channel_of_ones_own_has_the_rules_of_all_channels() -> None:
    about = replace(facts(), channel=ChannelFacts("LETTER"))
    assert "fact.number" in {finding.rule for finding in check("Кредит под 9%.", about)}


def test_entries_of_the_corpus_name_their_facts() -> None:
    about = facts_of("SMS", {"p": "PK", "c": "anna", "e": "none"})
    assert (about.product.kind, about.client.gender, about.ending) == ("loan", "female", "")
