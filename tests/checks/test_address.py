"""A client is addressed as "вы", and in one way throughout a text."""

import pytest

from marketing_app.checks.findings import ChannelFacts, Settings

from .rules import facts, marked


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Кредит для тебя.", ["тебя"]),
        ("Хочешь на море? Оформи кредит.", ["Хочешь", "Оформи"]),
        ("Копи на мечту и получай проценты по вкладу.", ["Копи", "получай"]),
        ("Привет! Есть кредит.", ["Привет"]),
        ("Кредит для вас.", []),
        ("Будь то ремонт или поездка: кредит подойдёт.", []),
        ("Три категории при себе, мой совет: почти кредит, лучше для дома.", []),
    ],
)
def test_clients_are_addressed_politely(text: str, words: list[str]) -> None:
    assert marked("person.familiar", text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Закажите карту и получи кешбэк.", ["получи"]),
        ("Здравствуйте! Твоя карта ждёт.", ["Твоя"]),
        ("Подпиши мне вопрос: удобно ли вам?", ["Подпиши"]),
        ("Закажите карту и получите кешбэк.", []),
        ("Закажи карту и получи кешбэк.", []),
        ("Будь то ремонт или поездка, закажите карту.", []),
    ],
)
def test_a_text_addresses_its_client_in_one_way(text: str, words: list[str]) -> None:
    assert marked("person.address", text) == words
    assert not (words and marked("person.familiar", text))


FAMILIAR_CHANNEL = ChannelFacts("PUSH", settings=Settings(switched_off=frozenset({"person.familiar"})))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Закажи карту: она ждёт вас.", ["вас"]),
        ("Здравствуйте! Закажите карту: она ждёт вас.", ["Здравствуйте", "Закажите", "вас"]),
        ("Закажи карту: она ждёт тебя.", []),
        ("Карта с кешбэком в приложении банка.", []),
    ],
)
def test_a_channel_may_say_ty(text: str, words: list[str]) -> None:
    """Its administrator switches person.familiar off; then "вы" is wrong there, alone as well as beside "ты"."""
    assert marked("person.address", text, facts(channel=FAMILIAR_CHANNEL)) == words


def test_an_english_text_has_one_form_only() -> None:
    assert marked("person.familiar", "A loan for you.", facts("LOAN_EN", language="en")) == []
