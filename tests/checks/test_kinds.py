"""A text on one kind of product does not speak of another."""

import pytest

from marketing_app.checks.findings import ClientFacts

from .rules import facts, marked


@pytest.mark.parametrize(
    ("product", "text", "words"),
    [
        ("DEPOSIT", "Вклад от 10 000 ₽. Хотите получить кредит?", ["кредит"]),
        ("DC", "Дебетовая карта и выгодная ипотека.", ["ипотека"]),
        ("PK", "Кредит наличными, а к нему полис.", ["полис"]),
        ("DC", "Вклад в хорошее настроение? Откройте депозит.", ["Вклад"]),
        ("PK", "Кредит наличными. Для вас рефинансирование?", ["рефинансирование"]),
        ("DEPOSIT", "Вклад застрахован государством.", []),
        ("CC", "Кредитная карта: кредит всегда под рукой.", []),
        ("CC", "Кредитная карта. Хотите заказать кредит?", ["заказать кредит"]),
        ("CC", "Кредитная карта. Оформите заявку на кредит.", ["заявку на кредит"]),
        ("CC", "Оформите заявку на кредитную карту.", []),
        ("PK", "Оформите заявку на кредит.", []),
        ("MORTG", "Ипотека: кредит на квартиру.", []),
    ],
)
def test_another_kind_of_product_is_not_mentioned(product: str, text: str, words: list[str]) -> None:
    assert marked("fact.other_kind", text, facts(product)) == words


def test_what_the_occasion_or_the_clients_data_say_may_be_mentioned() -> None:
    text = "К вашему вкладу подойдёт дебетовая карта."
    assert marked("fact.other_kind", text, facts("DC")) == ["вкладу"]
    assert marked("fact.other_kind", text, facts("DC", occasion="Карта к вкладу.")) == []
    assert marked("fact.other_kind", text, facts("DC", client=ClientFacts(told="Есть вклад."))) == []
