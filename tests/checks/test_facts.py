"""An offer says nothing of the product that the bank does not say itself."""

import pytest

from marketing_app.checks.facts import says
from marketing_app.checks.findings import ClientFacts

from .rules import facts, marked


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Кредит до 4 млн ₽.", ["4 млн ₽"]),
        ("Кредит до четырёх миллионов рублей.", ["четырёх миллионов рублей"]),
        ("Кредит под 17 %.", ["17 %"]),
        ("Осталось 5 мест! Оформите кредит.", ["5"]),
        ("Кредит: 50 000 на любые цели.", []),
        ("Кредит до 3 млн ₽, от 17,9% годовых.", []),
        ("Кредит до трёх миллионов, от семнадцати целых девяти десятых процента.", []),
        ("Кредит: удобно в два раза.", ["два раза"]),
        ("У вас есть две минуты? Расскажу про кредит.", []),
        ("Кредит № 1, работаем 24/7.", []),
    ],
)
def test_numbers_come_from_the_product(text: str, words: list[str]) -> None:
    assert marked("fact.number", text) == words


def test_a_number_may_come_from_the_occasion_or_from_what_is_told_of_the_client() -> None:
    text = "До 8 марта кредит без комиссии, вы с нами 12 лет."
    told = facts(occasion="Подарки до 8 марта.", client=ClientFacts(told="Клиент банка 12 лет."))
    assert marked("fact.number", text) == ["8 марта", "12 лет"]
    assert marked("fact.number", text, told) == []


def test_digits_of_a_link_are_no_numbers() -> None:
    assert marked("fact.number", "Кредит: https://severny-bereg.example/77") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Кредит под 17,9% годовых.", ["17,9%"]),
        ("Кредит на 5 лет.", ["5 лет"]),
        ("Кредит от 3 000 000 ₽.", ["3 000 000 ₽"]),
        ("Кредит от 17,9% на срок до 5 лет.", []),
        ("Кредит на срок 1–5 лет.", []),
        ("Решение по кредиту за один рабочий день.", []),
    ],
)
def test_an_end_of_a_range_is_said_to_be_one(text: str, words: list[str]) -> None:
    assert marked("fact.range", text) == words


@pytest.mark.parametrize(
    ("product", "text", "words"),
    [
        ("PK", "Кредит без справок.", ["без справок"]),
        ("PK", "Кредит без залога, поручители не нужны.", []),
        ("AUTO", "Автокредит без первоначального взноса.", ["без первоначального взноса"]),
        ("OMS", "Металлический счёт застрахован.", ["счёт застрахован"]),
        ("OMS", "Металлический счёт не застрахован.", []),
        ("DEPOSIT", "Вклад застрахован государством.", []),
        ("INS_PROPERTY", "Полис оформим без осмотра жилья.", []),
        ("PREMIUM", "Карта с бесплатным обслуживанием.", ["бесплатным обслуживанием"]),
    ],
)
def test_claims_are_the_products_own(product: str, text: str, words: list[str]) -> None:
    assert marked("fact.claim", text, facts(product)) == words


def test_the_product_is_named_in_any_case_or_by_its_kind() -> None:
    assert marked("fact.product", "Деньги на ремонт ждут вас.") == ["Деньги на ремонт ждут вас."]
    assert marked("fact.product", "Деньги на ремонт: потребительский кредит.") == []
    assert marked("fact.product", "Обсудим доверительное управление?", facts("TRUST")) == []


def test_another_product_is_found_in_any_case() -> None:
    others = ("Премиальная карта", "Рефинансирование ипотеки", "Ипотека")
    about = facts("MORTG", other_products=others)
    assert marked("fact.other_product", "Вместе с ипотекой — премиальную карту.", about) == ["премиальную карту"]
    assert marked("fact.other_product", "Рефинансированием ипотеки займёмся мы.", about) == [
        "Рефинансированием ипотеки"
    ]


def test_a_product_whose_name_holds_anothers_is_itself() -> None:
    about = facts("MORTG_REFIN", other_products=("Ипотека",))
    assert marked("fact.other_product", "Рефинансирование ипотеки: перевод ипотеки к нам.", about) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Кредит лучше, чем в Сбере или ВТБ.", ["Сбере", "ВТБ"]),
        ("Кредит лучше, чем в Альфа-банке.", ["Альфа-банке"]),
        ("Платите Связь-банком? Возьмите наш кредит.", ["Связь-банком"]),
        ("Переведите кредит из сбербанка, СберБанка и Примсоцбанков.", ["сбербанка", "СберБанка", "Примсоцбанков"]),
        ("Переведите кредит из Тинькофф Банка.", ["Тинькофф Банка"]),
        ("Почта Банк подождёт: кредит у нас.", ["Почта Банк"]),
        ("Кредит не в МТС Банке и не в Т банке.", ["МТС Банке", "Т банке"]),
        ("Кредит не в банке «Траст» и не в «Ренессанс Банке».", ["банке «Траст»", "«Ренессанс Банке»"]),
        ("Сбережения под защитой.", []),
        ("Кредит в мобильном банке, интернет-банке и Онлайн-Банке.", []),
        ("Наш Банк и Ваш Банк: кредит в нашем банке. В банке рады вам. С Банком проще.", []),
        ("Карта банка, Клиенты Банка, кредиты других банков и банкомат.", []),
        ("Банк «Северный Берег» и Северный Берег Банк: кредит.", []),
    ],
)
def test_other_banks_are_not_named(text: str, words: list[str]) -> None:
    assert marked("fact.other_bank", text) == words


def test_a_bank_knows_its_own_name() -> None:
    text = "Уралбанк: кредит в Уралбанке."
    assert marked("fact.other_bank", text, facts(bank="Уралбанк")) == []
    assert marked("fact.other_bank", text, facts(bank="Волгабанк")) == ["Уралбанк", "Уралбанке"]


def test_an_english_text_names_no_other_bank() -> None:
    about = facts("LOAN_EN", language="en", bank="North Shore")
    text = "Leave Citybank or Chase Bank for a loan of North Shore Bank. Your Bank, the mobile bank."
    assert marked("fact.other_bank", text, about) == ["Citybank", "Chase Bank"]


def test_only_the_products_link_is_given() -> None:
    own = "Кредит: https://severny-bereg.example/loans/cash."
    assert marked("fact.contact", own) == []
    text = "Пишите на a.b@mail.ru, @bank_help или звоните 8 (800) 555-35-35."
    assert marked("fact.contact", text) == ["a.b@mail.ru", "@bank_help", "8 (800) 555-35-35"]


def test_a_run_of_words_of_an_example_is_an_echo() -> None:
    about = facts(prompt="Пример: Пусть ремонт закончится раньше, чем вернутся из школы дети.")
    text = "Пусть ремонт закончится раньше, чем вернутся из школы внуки."
    assert marked("fact.echo", text, about) == ["Пусть ремонт закончится раньше, чем вернутся из школы"]
    assert marked("fact.echo", "Пусть ремонт закончится раньше.", about) == []


def test_a_benefit_is_said_in_whatever_form() -> None:
    assert says("Возвращаем кешбэком 5% с заправок на АЗС", "кешбэк на АЗС")
    assert not says("Карта с бесплатным обслуживанием", "кешбэк на АЗС")
