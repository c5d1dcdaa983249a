"""An advertisement says what the law asks for; what the channel adds after the text counts."""

import pytest

from .rules import facts, marked

WARNING = "Северный Берег. Оценивайте свои финансовые возможности и риски."
FULL = f"{WARNING} Полная стоимость кредита от 18% до 35%. Изучите все условия кредита на сайте."


@pytest.mark.parametrize(
    ("rule", "text"),
    [("law.bank_name", "Кредит без залога."), ("law.credit_warning", "Кредит без залога.")],
)
def test_the_text_or_its_ending_says_it(rule: str, text: str) -> None:
    assert marked(rule, text, facts(channel="SMS"))
    assert marked(rule, text, facts(channel="SMS", ending=WARNING)) == []
    assert marked(rule, f"{text} {WARNING}", facts(channel="SMS")) == []
    assert marked(rule, text, facts(channel="TMO")) == []


def test_only_credit_needs_its_warning() -> None:
    assert marked("law.credit_warning", "Карта с кешбэком.", facts("CC", "SMS"))
    assert marked("law.credit_warning", "Карта с кешбэком.", facts("DC", "SMS")) == []


@pytest.mark.parametrize(
    ("product", "text", "words"),
    [
        ("PK", "Кредит от 17,9% годовых.", ["17,9%"]),
        ("PK", "Кредит до 3 млн.", ["3 млн."]),
        ("PK", "Кредит до 5 лет.", ["5 лет"]),
        ("PK", "Решение по кредиту за один рабочий день.", []),
        ("CC", "Карта: до 120 дней без процентов.", ["120 дней"]),
        ("CC", "Карта с кешбэком 5% на АЗС.", []),
    ],
)
def test_one_condition_of_a_credit_calls_for_the_others(product: str, text: str, words: list[str]) -> None:
    assert marked("law.credit_conditions", text, facts(product, "SMS", ending=WARNING)) == words
    assert marked("law.credit_conditions", text, facts(product, "SMS", ending=FULL)) == []


@pytest.mark.parametrize(
    "text", ["Гарантируем доход каждый месяц.", "Вложения без риска.", "Доход обеспечен.", "Вы точно заработаете."]
)
def test_income_is_not_promised(text: str) -> None:
    assert marked("law.invest_promise", text, facts("INVEST"))


@pytest.mark.parametrize("text", ["Доход не гарантирован.", "Мы не гарантируем доход.", "Доход зависит от рынка."])
def test_a_warning_is_no_promise(text: str) -> None:
    assert marked("law.invest_promise", text, facts("INVEST")) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Лучший кредит в городе.", ["Лучший"]),
        ("Кредит № 1.", ["№ 1"]),
        ("Сейчас самое время взять кредит.", []),
        ("Кредит: решайте самостоятельно.", []),
    ],
)
def test_the_best_needs_proof(text: str, words: list[str]) -> None:
    assert marked("law.superlative", text) == words


def test_a_letter_says_how_to_unsubscribe() -> None:
    assert marked("law.unsubscribe", "Тема: Кредит", facts(channel="EMAIL"))
    assert marked("law.unsubscribe", "Тема: Кредит", facts(channel="EMAIL", ending="Отписаться: в приложении.")) == []
