"""A text that tells anything of its client is no example for others, and one that tells nothing is."""

from dataclasses import replace

import pytest

from marketing_app.checks.findings import ClientFacts
from marketing_app.checks.registry import check
from marketing_app.checks.telling import Value, first_telling
from tests.effort import BOUNDED_SECONDS, seconds_of_work

from .learned import LEAST_PRECISION, LEAST_RECALL, pairs, score
from .rules import facts


def test_the_corpus_is_large_and_a_third_is_held_out() -> None:
    assert len(pairs()) >= 100
    assert 50 <= sum(bool(pair.tells) for pair in pairs()) <= len(pairs()) - 50
    assert 0.3 < sum(pair.is_held_out for pair in pairs()) / len(pairs()) < 0.37


def test_hardly_a_text_that_tells_something_becomes_an_example() -> None:
    found = score(pairs())
    assert found.recall >= LEAST_RECALL, f"missed {found.missed}"
    assert found.precision >= LEAST_PRECISION, f"imagined {found.imagined}"


@pytest.mark.parametrize(
    ("label", "raw", "text"),
    [
        ("имя", "Яна", "Яне подойдёт кредит."),
        ("имя", "Лев", "Льву подойдёт кредит."),
        ("имя", "Ли", "Ли, подойдёт кредит?"),
        ("остаток", 48731, "Ваши 48\u00a0731 и кредит."),
        ("остаток", "48 731,50", "Ваши 48,7 тысячи и кредит."),
        ("город", "Московская область", "Кредит по всей Московской области."),
    ],
)
def test_a_value_is_found_by_its_field(label: str, raw: object, text: str) -> None:
    told = first_telling(text, [Value(label, raw)], facts())
    assert told and told.label == label


def test_what_is_open_may_be_said_to_others() -> None:
    about = facts(client=ClientFacts(told="регион: Тверская"))
    assert first_telling("Кредит для Тверской земли.", [], about) is None
    told = first_telling("Кредит для Томской земли.", [], about)
    assert told and not told.label


def test_a_value_that_is_too_long_to_be_looked_for_is_told_of() -> None:
    """A cell of a million characters: whoever has one gives no example, and nobody waits for it."""
    long = " ".join(f"слово{letter}{place}" for place in range(20_000) for letter in "абвгд")
    told = first_telling("Вам подойдёт кредит.", [Value("заметка", long)], facts())
    assert told and told.label == "заметка"
    about = replace(facts(), client=ClientFacts(secrets=(long, "другое")))
    assert seconds_of_work(lambda: check("Вам подойдёт кредит.", about)) < BOUNDED_SECONDS
