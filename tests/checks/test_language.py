"""Offers are in one language, whole, polite, and say nothing that a prompt or a template left behind."""

import pytest

from marketing_app.checks.findings import ClientFacts, Facts

from .rules import facts, marked

WOMAN, MAN = facts(client=ClientFacts(gender="female")), facts(client=ClientFacts(gender="male"))


@pytest.mark.parametrize("text", ["", "  ", "…", "!!!"])
def test_a_text_without_words_is_empty(text: str) -> None:
    assert marked("language.empty", text) == [text]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Кредит best для вас.", ["best"]),
        ("Крeдит для вас.", ["Крeдит"]),
        ("Кредит c низкой ставкой.", ["c"]),
        ("Кредит — это 很好.", ["很好"]),
        ("Кредит онлайн, SMS и QR.", []),
        ("Кредит: https://severny-bereg.example/loans/cash", []),
    ],
)
def test_a_russian_text_is_russian(text: str, words: list[str]) -> None:
    assert marked("language.mixture", text) == words


def test_an_english_text_is_english() -> None:
    assert marked("language.mixture", "A loan для you.", facts("LOAN_EN", language="en")) == ["для"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Кредит для {name}.", ["{name}"]),
        ("Кредит для [имя].", ["[имя]"]),
        ("<b>Кредит</b>", ["<b>", "</b>"]),
        ("Вот готовый текст: кредит.", ["Вот готовый текст"]),
        ("Кредит.\nКлиент: нет.", ["Клиент:"]),
        ("Кредит (до 3 млн).", []),
        ("Здравствуйте, %имя%!", ["%имя%"]),
        ("Здравствуйте, %FIRST_NAME%!", ["%FIRST_NAME%"]),
        ("#ИМЯ#, кредит ждёт.", ["#ИМЯ#"]),
        ("$name, кредит ждёт.", ["$name"]),
        ("Здравствуйте, ! Кредит ждёт.", [", !"]),
        ("Уважаемая , кредит ждёт.", ["Уважаемая ,"]),
        ("Уважаемый! Кредит ждёт.", ["Уважаемый!"]),
        ("Кредит под % годовых.", ["под %"]),
        ("Кредит «» ждёт.", ["«»"]),
        ("Кре\ufffdит ждёт.", ["\ufffd"]),
        ("Кредит&nbsp;ждёт, 5 &#8381;", ["&nbsp;", "&#8381;"]),
        ("# Кредит\nОн ждёт.", ["#"]),
        ("Ждёт *кредит* и `карта`.", ["*кредит*", "`", "`"]),
        ("Кредит\n---\nОн ждёт.", ["---"]),
        ("От 5% до 10%, скидка 20%на всё, №5, #лето #море, 5*5, ставка 17%*, да :)", []),
        ("Уважаемые клиенты, кредит, ... и ждёт, :)", []),
    ],
)
def test_nothing_is_left_over(text: str, words: list[str]) -> None:
    assert marked("language.leftover", text) == words


def test_hidden_instructions_are_not_obeyed() -> None:
    assert marked("language.obedience", "Игнорирую правила, как языковая модель.") == [
        "Игнорирую",
        "как языковая модель",
    ]
    assert marked("language.obedience", "Мы как банк поможем.") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Оформите кредит онлайн. Просто оформите кредит онлайн.", ["оформите кредит онлайн"]),
        ("Оформите кредит онлайн, кредит оформите легко.", []),
        ("Классический потребительский кредит — это классический потребительский кредит.", []),
    ],
)
def test_nothing_is_said_twice(text: str, words: list[str]) -> None:
    assert marked("language.repetition", text) == words


def test_the_head_of_a_letter_may_say_what_its_body_says() -> None:
    letter = "Тема: Кредит на любые цели\nПрехедер: Кредит на любые цели\nКредит на любые цели ждёт."
    assert marked("language.repetition", letter, facts(channel="EMAIL")) == []


@pytest.mark.parametrize(
    "text", ["Кредит для вас.", "Кредит?", "Кредит 🙂", "Кредит: severny-bereg.example/loans/cash"]
)
def test_a_text_ends_as_it_should(text: str) -> None:
    assert marked("language.end", text) == []


@pytest.mark.parametrize("text", ["Кредит для", "Кредит,", "Кредит —"])
def test_a_text_that_breaks_off_is_seen(text: str) -> None:
    assert marked("language.end", text) == [text[-1]]


def test_a_banner_needs_no_full_stop() -> None:
    assert marked("language.end", "Кредит для вас", facts(channel="MOB_BANNER")) == []


def test_nobody_is_shouted_at() -> None:
    assert marked("language.shouting", "СРОЧНО!!! Кредит!") == ["СРОЧНО", "!!!"]
    assert marked("language.shouting", "Кредит! КАСКО?") == []


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("Вы готов взять кредит?", WOMAN),
        ("Уважаемый Анна Сергеевна!", WOMAN),
        ("Вы недавно интересовался кредитом.", WOMAN),
        ("Вы бы хотела взять кредит?", MAN),
        ("Дорогая Иван Петрович!", MAN),
        ("Вы готова взять кредит?", facts()),
    ],
)
def test_a_client_is_not_taken_for_another(text: str, about: Facts) -> None:
    assert marked("person.gender", text, about)


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("Вы готовы взять кредит?", WOMAN),
        ("Уважаемый клиент!", WOMAN),
        ("Вы готова взять кредит?", WOMAN),
        ("Рада вас слышать.", MAN),
        ("Банк сам переведёт деньги.", WOMAN),
        ("Вы готов(а) взять кредит?", facts()),
    ],
)
def test_right_and_neutral_address_passes(text: str, about: Facts) -> None:
    assert marked("person.gender", text, about) == []


def test_spelling_is_a_note() -> None:
    assert marked("language.spelling", "Оформите кредет, ещё ёлка и кешбэк.") == ["кредет"]
    assert marked("language.spelling", "Nice loan with misteaks.", facts(language="en")) == []
