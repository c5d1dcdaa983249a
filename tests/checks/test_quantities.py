"""However a number is written, it is the same number."""

from decimal import Decimal

import pytest

from marketing_app.checks.quantities import quantities


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1 млн ₽", "money", 1_000_000),
        ("1 000 000 руб.", "money", 1_000_000),
        ("1\u00a0000\u00a0000 ₽", "money", 1_000_000),
        ("1\u202f000\u202f000 рублей", "money", 1_000_000),
        ("1.000.000 руб", "money", 1_000_000),
        ("1,000,000 roubles", "money", 1_000_000),
        ("миллион рублей", "money", 1_000_000),
        ("1 млн. руб.", "money", 1_000_000),
        ("0,5 млн ₽", "money", 500_000),
        ("полмиллиона", "money", 500_000),
        ("500 тыс. ₽", "money", 500_000),
        ("500 т.р.", "money", 500_000),
        ("пятьсот тысяч рублей", "money", 500_000),
        ("1 млн 200 тыс. руб.", "money", 1_200_000),
        ("миллион двести тысяч рублей", "money", 1_200_000),
        ("полтора миллиона рублей", "money", 1_500_000),
        ("тысяча девятьсот девяносто рублей", "money", 1_990),
        ("two hundred thousand roubles", "money", 200_000),
        ("16 %", "percent", 16),
        ("16%", "percent", 16),
        ("16,0% годовых", "percent", 16),
        ("16.0 процентов", "percent", 16),
        ("шестнадцать процентов", "percent", 16),
        ("15,5%", "percent", "15.5"),
        ("пятнадцать с половиной процентов", "percent", "15.5"),
        ("пятнадцать целых пять десятых процента", "percent", "15.5"),
        ("16,125%", "percent", "16.125"),
        ("17,9 годовых", "percent", "17.9"),
        ("7 лет", "months", 84),
        ("семи лет", "months", 84),
        ("84 месяца", "months", 84),
        ("полтора года", "months", 18),
        ("полгода", "months", 6),
        ("6 мес.", "months", 6),
        ("на год", "months", 12),
        ("сто двадцать дней", "days", 120),
        ("120-дневный", "days", 120),
        ("3 рабочих дня", "days", 3),
        ("две недели", "days", 14),
        ("полчаса", "minutes", 30),
        ("2 часа", "minutes", 120),
        ("0,1 грамма", "grams", "0.1"),
        ("вдвое", "times", 2),
        ("31 декабря", "date", 1231),
        ("31.12.2026", "date", 1231),
        ("2026 года", "year", 2026),
        ("пара недель", "days", 14),
        ("несколько лет", "months", 24),
        ("целый месяц", "months", 1),
        ("через год", "months", 12),
        ("срок действия: год", "months", 12),
        ("на квартал", "months", 3),
        ("год без процентов", "months", 12),
        ("неделю-другую", "days", 7),
        ("полмесяца", "days", 15),
        ("наполовину", "percent", 50),
        ("на треть", "percent", 33),
        ("четверть стоимости", "percent", 25),
        ("дважды в месяц", "times", 2),
        ("for a month", "months", 1),
        ("a couple of weeks", "days", 14),
        ("half the price", "percent", 50),
    ],
)
def test_a_number_is_read_in_its_spelling(text: str, kind: str, value: float | str) -> None:
    assert [(found.kind, found.value) for found in quantities(text)] == [(kind, Decimal(str(value)))]


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("от 3,9 % до 24,4 %", [("percent", "3.9", "from"), ("percent", "24.4", "to")]),
        ("от 1 до 5 лет", [("months", "12", "from"), ("months", "60", "to")]),
        ("1–5 лет", [("months", "12", "from"), ("months", "60", "to")]),
        ("от года до пяти лет", [("months", "12", "from"), ("months", "60", "to")]),
        ("50–500 тыс. ₽", [("money", "50000", "from"), ("money", "500000", "to")]),
        ("от 50 000 до 3 млн ₽", [("money", "50000", "from"), ("money", "3000000", "to")]),
        ("up to 5 years", [("months", "60", "to")]),
        ("2 млн ₽ и более", [("money", "2000000", "from")]),
        ("за 10 минут", [("minutes", "10", "within")]),
        ("до целых 3 млн ₽", [("money", "3000000", "to")]),
    ],
)
def test_the_ends_of_a_range_are_known(text: str, ends: list[tuple[str, str, str]]) -> None:
    assert [(found.kind, str(found.value), found.bound) for found in quantities(text)] == ends


@pytest.mark.parametrize(
    "text",
    [
        "тысячи клиентов", "в любой день", "разные карты", "годовой отчёт", "стоит подумать", "раз в месяц",
        "каждый день", "из года в год", "от года к году", "год за годом", "день за днём", "в первой половине дня",
        "половина дела", "третью карту", "пара слов", "кешбэк за месяц", "первый месяц бесплатно",
        "несколько раз в неделю", "до конца месяца", "a month", "half of the work",
    ],
)  # fmt: skip
def test_words_that_count_nothing_are_no_numbers(text: str) -> None:
    assert not quantities(text)


def test_each_of_several_terms_is_one() -> None:
    text = "Вклад на месяц, полгода или год."
    assert [(text[slice(*found.span)], found.value) for found in quantities(text)] == [
        ("месяц", Decimal(1)),
        ("полгода", Decimal(6)),
        ("год", Decimal(12)),
    ]


def test_a_few_of_a_unit_are_any_number_of_it() -> None:
    (few,), (two,), (one,) = quantities("пара дней"), quantities("3 дня"), quantities("1 день")
    assert few.is_of(two) and not few.is_of(one) and not two.is_of(few)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("5 мест", "5%", False), ("5", "5 лет", False), ("пять", "5 раз", False), ("5 мест", "до 5 кредитов", False),
        ("6 проходов", "шесть бесплатных проходов", True), ("3 категории", "в трёх любимых категориях", True),
        ("до 3 000 000 на ремонт", "3 000 000 ₽", True), ("900", "900 ₽", False), ("5", "5 мест", True),
    ],
)  # fmt: skip
def test_a_number_without_a_unit_is_of_what_it_counts(one: str, other: str, is_same: bool) -> None:
    (first,), (second,) = quantities(one), quantities(other)
    assert first.is_of(second) is second.is_of(first) is is_same


def test_grams_are_grams_at_the_end_of_a_sentence() -> None:
    assert [found.kind for found in quantities("Покупка от 0,1 грамма. Ещё 5 г золота.")] == ["grams", "grams"]


def test_amounts_of_different_units_are_not_the_same() -> None:
    (percent,), (years,) = quantities("5%"), quantities("5 лет")
    assert not percent.is_of(years)


def test_it_points_at_the_words() -> None:
    text = "Ставка от семнадцати процентов, срок 5 лет."
    assert [text[slice(*found.span)] for found in quantities(text)] == ["семнадцати процентов", "5 лет"]
