"""A text names no place, no shop and no person but those that the bank or the client's data name."""

import pytest

from marketing_app.checks.findings import ClientFacts

from .rules import facts, marked


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Оформите кредит в банке по адресу: г. Курская ул.", ["по адресу: г. Курская"]),
        ("Оформите кредит по адресу Ленина, 5.", ["по адресу Ленина"]),
        ("Ждём вас на ул. Ленина с заявкой на кредит.", ["ул. Ленина"]),
        ("Тихая улица, свой дом: оформите кредит.", []),
        ("Кредит на улице не обсуждают: зайдите в приложение.", []),
        ("Пришлём условия кредита по адресу электронной почты.", []),
    ],
)
def test_addresses_are_the_banks(text: str, words: list[str]) -> None:
    assert marked("fact.name", text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Кредит можно взять в интернет-магазине Яндекс.Догоричка.", ["Яндекс.Догоричка"]),
        ("Кредит в Сочи и в Казани.", ["Сочи", "Казани"]),
        ("Кредит от компании «Капитал».", ["«Капитал»"]),
        ("Нажмите «Подавать кредит».", ["«Подавать кредит»"]),
        ("Скажем кредиту «да».", []),
        ("Встретьте Новый год и День знаний с кредитом, а 8 Марта с цветами.", []),
        ("Кредит принимают по всей России.", []),
        ("Кредит ждёт Вас в Приложении, а Ваш менеджер поможет.", []),
        ("Банк «Северный Берег» предлагает кредит.", []),
        ("Тема: Кредит\nПрехедер: Решение за день\nЗдравствуйте! Оформите заявку.", []),
    ],
)
def test_shops_and_towns_are_known(text: str, words: list[str]) -> None:
    assert marked("fact.name", text) == words


def test_who_speaks_says_a_name_and_who_is_spoken_to_has_their_own() -> None:
    assert marked("fact.name", "Добрый день! Меня зовут Марина, кредит для вас.") == []
    assert marked("fact.name", "Николай, оформим кредит?") == ["Николай"]
    known = facts(client=ClientFacts(told="Имя: Николай Петрович."))
    assert marked("fact.name", "Николай Петрович, оформим кредит?", known) == []
    assert marked("fact.name", "Уважаемый Иван, оформим кредит?", known) == ["Иван"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Мария Олеговна, оформим кредит? Марии Олеговне он подойдёт.", []),
        ("Кредит для Марии: предложите его Марией Олеговной проверенным друзьям.", []),
        ("Добрый день, Марина! Оформим кредит?", ["Марина"]),
        ("Марина, оформим кредит?", ["Марина"]),
        ("Мария Петровна, оформим кредит?", ["Петровна"]),
        ("Здравствуйте, Вера! Кредит для вас.", ["Вера"]),
        ("Кредит Карат для вас.", ["Карат"]),
        ("Москва любит кредиты.", ["Москва"]),
        ("Вера в завтра: кредит. Любовь к дому: кредит. Надежда есть.", []),
        ("Вам звонит Карина: есть кредит.", []),
    ],
)
def test_a_name_is_known_by_its_lemma(text: str, words: list[str]) -> None:
    """The first letters of another word prove nothing: the occasion says "верным", the product is a card."""
    maria = ClientFacts(told="Имя: Мария Олеговна.")
    about = facts(client=maria, occasion="Верным клиентам, кредит и карта.")
    assert marked("fact.name", text, about) == words


def test_a_country_is_known_by_what_comes_from_it() -> None:
    assert marked("fact.name", "Едете в Казахстан? Обменяйте валюту.", facts("CURR_EXC")) == []
    assert marked("fact.name", "Едете в Узбекистан? Обменяйте валюту.", facts("CURR_EXC")) == ["Узбекистан"]


def test_the_occasion_and_the_product_may_name_what_they_like() -> None:
    about = facts(occasion="День открытых дверей на улице Мира в Твери.")
    assert marked("fact.name", "Приходите на улицу Мира в Твери за кредитом.", about) == []


def test_an_english_text_is_asked_for_addresses_and_titles() -> None:
    about = facts(language="en")
    text = "Get a loan at 5 Baker Street, or from our partner “Quick Cash”."
    assert marked("fact.name", text, about) == ["at 5 Baker", "“Quick Cash”"]
