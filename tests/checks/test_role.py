"""The bank speaks, not the client, and a talk asks the client something."""

import pytest

from .rules import facts, marked


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Есть кредит. Подскажите, где я могу его оформить?", ["Подскажите, где я могу его оформить?"]),
        ("Есть кредит. Сколько стоит?", ["Сколько стоит?"]),
        ("Есть кредит. Можно ли получить наличными?", ["Можно ли получить наличными?"]),
        ("Есть кредит. Спасибо за предложение!", ["Спасибо за предложение"]),
        ("Есть кредит. Когда вам удобно поговорить?", []),
        ("Есть кредит. Подскажите, есть ли у вас планы?", []),
        ("Есть кредит. Рассказать, с чего начать?", []),
        ("Есть кредит. Хотите узнать, сколько он стоит?", []),
    ],
)
def test_a_talk_asks_what_a_bank_asks(text: str, words: list[str]) -> None:
    assert marked("language.role", text, facts(channel="MOBILE_CHAT")) == words


def test_a_headline_may_ask_for_anybody() -> None:
    assert marked("language.role", "Как накопить на отпуск? Откройте вклад.", facts("DEPOSIT", "MOB_BANNER")) == []
    assert marked("language.role", "Где я могу взять кредит?", facts("PK", "SMS")) == ["Где я могу"]


def test_it_is_so_in_english_too() -> None:
    about = facts(channel="TMO", language="en")
    assert marked("language.role", "A loan for you. How much is it?", about) == ["How much is it?"]
    assert marked("language.role", "A loan for you. When may we call you?", about) == []


@pytest.mark.parametrize(("channel", "is_right"), [("TMO", False), ("KND", False), ("SMS", True)])
def test_a_talk_asks_something(channel: str, is_right: bool) -> None:
    text = "Добрый день! У нас есть кредит."
    assert marked("call.question", text, facts(channel=channel)) == ([] if is_right else [text])
    assert marked("call.question", f"{text} Рассказать?", facts(channel=channel)) == []
