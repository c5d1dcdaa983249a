"""A bank asks its client nothing about debts, income, age or health."""

import pytest

from .rules import facts, marked


@pytest.mark.parametrize(
    "question",
    [
        "Есть ли у вас долги?",
        "Большая ли у вас задолженность?",
        "Есть ли у вас просроченная задолженность?",
        "Есть ли у вас кредиты?",
        "Платите ли вы сейчас ипотеку?",
        "Сколько вы зарабатываете?",
        "Какая у вас зарплата?",
        "Хватает ли вам пенсии?",
        "Вы уже на пенсии?",
        "Вы работаете официально?",
        "Сколько у вас накоплений?",
        "Сколько вам лет?",
        "В каком году вы родились?",
        "Вам уже есть 18 лет?",
        "Как ваше здоровье?",
        "Есть ли у вас хронические заболевания?",
    ],
)
def test_a_prying_question_is_stopped(question: str) -> None:
    assert marked("secret.question", f"Здравствуйте! Есть кредит. {question} Звоните.") == [question]


@pytest.mark.parametrize(
    ("product", "question"),
    [
        ("PK", "Хотите узнать условия?"),
        ("PK", "Есть ли у вас вопросы о кредите?"),
        ("PK", "Долго ли вы ждали своего кредита?"),
        ("DEPOSIT", "На что хотите накопить?"),
        ("DEPOSIT", "Какой доход от вклада вы ждёте?"),
        ("INVEST", "Думали ли вы о доходе от облигаций?"),
        ("IZP", "Где вы сейчас получаете зарплату?"),
        ("NSG", "Сколько лет вы хотели бы копить?"),
        ("INS_PROPERTY", "Застрахована ли ваша квартира?"),
        ("REFIN", "Есть ли у вас кредиты в других банках?"),
        ("MORTG_REFIN", "Платите ли вы ипотеку в другом банке?"),
    ],
)
def test_a_bank_may_ask_what_its_product_is_for(product: str, question: str) -> None:
    assert marked("secret.question", question, facts(product)) == []


def test_an_employee_is_not_sent_to_ask_it() -> None:
    text = "Предложите кредит. Спросите, сколько клиент зарабатывает. Уточните, какой платёж удобен."
    assert marked("secret.question", text, facts(channel="OFFICE_BANNER")) == ["Спросите, сколько клиент зарабатывает"]


def test_what_is_asked_is_not_called_a_hint_as_well() -> None:
    assert marked("secret.hint", "Есть кредит. Сколько вы зарабатываете?") == []
    assert marked("secret.hint", "Есть кредит. Вы зарабатываете хорошо.") == ["Вы зарабатываете"]


def test_it_is_so_in_english_too() -> None:
    about = facts("LOAN_EN", language="en")
    assert marked("secret.question", "A loan. How much do you earn?", about) == ["How much do you earn?"]
    assert marked("secret.question", "A loan. Would you like to hear more?", about) == []
