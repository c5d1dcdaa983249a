"""A lawyer's phrase finds what it means and nothing else."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from marketing_app.checks import registry
from marketing_app.checks.claims import CLAIMS
from marketing_app.checks.phrases import Phrases, phrases, ways
from tests.effort import BOUNDED_SECONDS, seconds_of_work

from .offers import offers


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("скидк*", "Со скидкой.", "скидкой"),
        ("скидк*", "Без поскидки.", None),
        ("без (залога|поручителей)", "Кредит БЕЗ  залога!", "БЕЗ  залога"),
        ("без [лишних ]справок", "без справок", "без справок"),
        ("без [лишних ]справок", "без лишних справок", "без лишних справок"),
        ("решение ... минут*", "Решение займёт пять минут.", "Решение займёт пять минут"),
        ("решение ... минут*", "Решение минутное.", "Решение минутное"),
        ("решение ... минут*", "Решение. Пять минут.", None),
        ("кредитный счёт", "кредитный счет", "кредитный счет"),
        ("за # минут", "за 10 минут", "за 10 минут"),
        ("взнос[~]0[ ]%", "Взнос — 0 %", "Взнос — 0 %"),
        ("взнос[~]0[ ]%", "взнос 0%", "взнос 0%"),
    ],
)
def test_a_phrase_finds_what_it_means(phrase: str, text: str, found: str | None) -> None:
    match = phrases("иное", phrase).search(text)
    assert (match and match[0]) == found


@pytest.mark.parametrize(
    ("phrase", "count"),
    [
        ("скидк* на # %", 1),
        ("без [лишних ]справок", 2),
        ("(найти|найдете) ... (лучше|выгоднее|дешевле)", 2 * 40 * 3),
        ("а|б", 2),
        ("*кредит*", 100),
        ("~" * 3, 27),
        ("[" * 5, 2**5),
        ("(а)" * 5, 2**5),
        (")" * 5, 1),
    ],
)
def test_how_many_ways_there_are_to_say_a_phrase(phrase: str, count: int) -> None:
    assert ways(phrase) == count


@pytest.mark.parametrize("phrase", ["#" * 30 + "я", "*" * 30 + " я", "а[ ]" * 30 + "я", "[#][#][#][#][#][#]я"])
@pytest.mark.parametrize("text", ["1" * 5_000, "а" * 5_000, "1 " * 2_500, "а" + " " * 5_000])
def test_wildcards_beside_each_other_do_not_share_a_text_out(phrase: str, text: str) -> None:
    assert seconds_of_work(lambda: list(phrases(phrase).pattern.finditer(text))) < BOUNDED_SECONDS


def all_phrases() -> Iterator[Phrases]:
    """Of every claim and every module of rules."""
    yield from (claim.pattern for claim in CLAIMS)
    for file in Path(registry.__file__).parent.glob("*.py"):
        for value in vars(import_module(f"marketing_app.checks.{file.stem}")).values():
            several = value.values() if isinstance(value, dict) else [value]
            yield from (each for each in several if isinstance(each, Phrases))


def test_how_words_begin_hides_no_phrase() -> None:
    """The pattern is tried only where a text has words that begin as one of its phrases does."""
    texts = [offer.text for offer in offers()] + [offer.facts.true_text for offer in offers()[:50]]
    for each in all_phrases():
        for text in texts:
            assert [match.span() for match in each.finditer(text)] == [m.span() for m in each.pattern.finditer(text)]


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("(д|)жук*", "Джуки"),
        ("(д|)жук*", "жуки"),
        ("к(е|э)шб(е|э)к*", "КЭШБЕК"),
        ("[уже ]через * мин*", "через пять минут"),
        ("в [том |]же", "в же"),
        ("#% на", "до ٣% на счёт"),
        ("№ 1", "банк №  1"),
        ("% на", "12 % на остаток"),
        ("ещё раз", "ЕЩЕ раз"),
        ("с (скидкой|бонусом)", "с бонусом"),
        ("24/7", "работаем 24/7"),
        ("sale", "\u017fale"),
        ("is", "\u0130s"),
        ("~да", "- да"),
    ],
)
def test_a_phrase_is_found_however_it_begins(phrase: str, text: str) -> None:
    wanted = phrases(phrase)
    assert wanted.pattern.search(text), "or else there is nothing to compare"
    assert wanted.search(text) and list(wanted.finditer(text))
