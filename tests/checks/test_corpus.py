"""The rules agree with what people wrote beside every offer of the corpus."""

import pytest

from marketing_app.checks.findings import Severity
from marketing_app.checks.registry import RULES, check

from .offers import Offer, offers
from .scores import UNLABELLED, Score, scores

LEAST = 0.95
BLOCKING = sorted(name for name, rule in RULES.items() if rule.severity is Severity.BLOCK and name not in UNLABELLED)


def test_the_corpus_is_large_and_covers_every_channel() -> None:
    assert len(offers()) >= 300
    assert {offer.facts.channel.key for offer in offers()} == {
        "TMO", "SMS", "PUSH", "EMAIL", "MOB_BANNER", "OFFICE_BANNER", "MOBILE_CHAT", "KND",
    }  # fmt: skip
    assert 0.3 < sum(offer.is_held_out for offer in offers()) / len(offers()) < 0.37


def test_labels_are_names_of_rules() -> None:
    assert {rule for offer in offers() for rule in offer.rules} <= set(RULES)


@pytest.fixture(scope="module")
def all_scores() -> dict[str, Score]:
    return scores(offers())


@pytest.mark.parametrize("rule", BLOCKING)
def test_a_blocking_rule_is_precise_and_complete(all_scores: dict[str, Score], rule: str) -> None:
    score = all_scores[rule]
    assert score.precision >= LEAST, f"imagined in {score.imagined}"
    assert score.recall >= LEAST, f"missed in {score.missed}"


@pytest.mark.parametrize("rule", sorted(set(RULES) - UNLABELLED))
def test_every_rule_complains_of_some_offers_and_not_of_others(rule: str) -> None:
    concerned = [offer for offer in offers() if RULES[rule].concerns(offer.facts)]
    assert any(rule in offer.rules for offer in concerned)
    assert any(rule not in offer.rules for offer in concerned)


@pytest.mark.parametrize("offer", offers(), ids=lambda offer: offer.name)
def test_what_a_complaint_marks_lies_in_the_text(offer: Offer) -> None:
    for finding in check(offer.text, offer.facts):
        if finding.span:
            start, end = finding.span
            assert 0 <= start <= end <= len(offer.text)
