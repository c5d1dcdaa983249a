"""What the model is not sure of is asked for again, or blocked; a person's own words are only marked."""

from dataclasses import replace

import pytest

from marketing_app.checks.findings import ChannelFacts, Facts, ProductFacts, Sense, Severity
from marketing_app.checks.registry import check
from marketing_app.llm.certainty import Bars

TEXT = "Дебетовая карта: обслуживание бесплатно. Закажите её в чемодане у нас."
WEAKEST = (TEXT.index("чемодане"), len(TEXT) - 1)
FACTS = Facts(ProductFacts("Дебетовая карта", "card", "Обслуживание бесплатно."), ChannelFacts("MOBILE_CHAT", 300))
BARS = Bars(upper=-0.7, lower=-1.0)


def found(mean: float, *, is_by_person: bool = False, text: str = TEXT) -> list[tuple[Severity, str]]:
    facts = replace(FACTS, senses={TEXT: Sense(mean, WEAKEST, BARS, is_by_person)})
    complaints = [each for each in check(text, facts) if each.rule == "language.sense"]
    return [(each.severity, text[slice(*each.span)]) for each in complaints if each.span]


@pytest.mark.parametrize(
    ("mean", "severity"),
    [(-0.5, None), (-0.7, None), (-0.8, Severity.WARN), (-1.0, Severity.WARN), (-1.1, Severity.BLOCK)],
)
def test_two_bars_decide_and_the_weakest_words_are_marked(mean: float, severity: Severity | None) -> None:
    assert found(mean) == ([(severity, "чемодане у нас")] if severity else [])


def test_a_persons_words_are_never_blocked() -> None:
    assert found(-9.0, is_by_person=True) == [(Severity.WARN, "чемодане у нас")]


def test_of_a_text_that_nobody_scored_nothing_is_said() -> None:
    assert found(-9.0, text="Дебетовая карта для вас.") == []
    assert not [each for each in check(TEXT, FACTS) if each.rule == "language.sense"]


def test_a_text_that_is_nothing_but_its_opening_is_asked_for_again() -> None:
    opening = "Вам подойдёт дебетовая карта: обслуживание бесплатно."
    facts = replace(FACTS, openings=(opening,))
    rules = {text: {each.rule for each in check(text, facts)} for text in (opening, f"{opening} Заказать её?")}
    assert "language.only_opening" in rules[opening] and "language.only_opening" not in rules[f"{opening} Заказать её?"]
