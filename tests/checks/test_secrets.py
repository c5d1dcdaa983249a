"""An offer tells nothing of what the bank knows, in no spelling."""

import pytest

from marketing_app.checks.findings import ClientFacts

from .rules import facts, marked

ANNA = facts(
    client=ClientFacts(
        gender="female", age=34, secrets=("C. Зарплатные активные (3, 7)", 87450), hidden_numbers=(152300,)
    )
)


@pytest.mark.parametrize(
    "said",
    [
        "87450", "87 450", "87\u00a0450 ₽", "87,45 тыс.", "87,5 тыс. ₽", "87 тысяч", "88 тысяч", "87 400 рублей",
        "восемьдесят семь тысяч", "0,087 млн", "152 300", "150 тыс.", "160 тысяч рублей", "80–87 тыс. ₽",
    ],
)  # fmt: skip
def test_a_secret_number_is_found_in_any_spelling(said: str) -> None:
    assert len(marked("secret.value", f"У вас {said}, возьмите кредит.", ANNA)) == 1


@pytest.mark.parametrize("said", ["3 000 000 ₽", "50 000 ₽", "5 лет", "34", "8 марта"])
def test_other_numbers_are_no_secrets(said: str) -> None:
    assert marked("secret.value", f"Кредит: {said}.", ANNA) == []


def test_the_name_of_a_cluster_is_found_without_its_letter_and_numbers() -> None:
    assert marked("secret.value", "Вы из группы «Зарплатные активные».", ANNA) == ["Зарплатные активные"]


@pytest.mark.parametrize(
    ("secret", "text", "words"),
    [
        ("C. Зарплатные активные (3, 7)", "Зарплатным активным клиентам: кредит.", ["Зарплатным активным"]),
        ("ЗП", "Кредит для группы ЗП.", ["ЗП"]),
        ("банкрот", "Кредит и банкроту по силам.", ["банкроту"]),
        ("высокий", "Высокий сезон: кредит.", []),
        ("есть", "Есть кредит для вас.", []),
        ("залог", "Кредит без залога.", []),
    ],
)
def test_words_of_a_secret_are_found_in_any_form(secret: str, text: str, words: list[str]) -> None:
    """But for what the product itself says, and for words that are said of anything."""
    assert marked("secret.value", text, facts(client=ClientFacts(secrets=(secret,)))) == words


def test_a_figure_that_is_the_products_own_gives_nothing_away() -> None:
    about = facts("DEPOSIT", client=ClientFacts(secrets=(10000,)))
    assert marked("secret.value", "Вклад от 10 000 ₽.", about) == []


@pytest.mark.parametrize(
    "text",
    [
        "Мы видим ваши покупки на АЗС.", "Вы часто платите картой.", "У вас просрочка.", "Размер вашей зарплаты высок.",
        "Судя по вашим операциям, пора в отпуск.", "Ваш доход позволяет больше.", "На вашем счёте лежит много.",
        "Вы в сегменте надёжных.", "We noticed that you spend a lot.", "Ваша пенсия 20 000 рублей.",
    ],
)  # fmt: skip
def test_a_hint_that_the_bank_looked_is_found(text: str) -> None:
    assert marked("secret.hint", text)


@pytest.mark.parametrize(
    ("product", "text"),
    [
        ("IZP", "Переведите свою зарплату на карту банка."),
        ("INVEST", "Ваш доход не гарантирован."),
        ("DEPOSIT", "Ваш доход по вкладу — до 15,5% годовых."),
        ("PREMIUM", "Вы получаете личного менеджера."),
        ("DC", "Мы знаем, как приятно получать кешбэк."),
    ],
)
def test_words_of_the_product_itself_are_no_hint(product: str, text: str) -> None:
    assert marked("secret.hint", text, facts(product)) == []


def test_the_clients_age_is_not_named() -> None:
    assert marked("person.age", "Вам 34 года, пора копить.", ANNA)
    assert marked("person.age", "Вам 34-летним особенно рады.", ANNA)
    assert marked("person.age", "Вам 35 лет, пора копить.", ANNA) == []
