"""Sentences are whole and say what the opening has not said."""

from dataclasses import replace

import pytest

from marketing_app.checks.findings import Facts
from marketing_app.llm.openings import openings

from .rules import facts, marked


@pytest.mark.parametrize(
    "sentence",
    [
        "Хотите заказать карту с?",
        "Закажите карту и для.",
        "Подскажите, если вы хотите и?",
        "Расскажите клиенту о том, как.",
        "У вас есть в приложении.",
        "Для вас есть на выбор.",
        "Если вы хотите карту.",
        "Если у вас есть планы?",
        "Как бы вам хотели бы получить?",
        "Для вас есть ли у вас такие планы?",
        "Вы можете ли вам сейчас почитать?",
        "Для вас рефинансирование кредитов?",
        "Закажите карту в приложение к ней.",
        "Посмотрите условия и оформить заявку в приложении.",
        "Показать как оформить в этом банке.",
        "Предложить накладку с зачислением наличных.",
        "Подать заявку в приложении.",
        "Подробности и оформление в приложении.",
        "Оформление полиса в приложении.",
        "Если вам хочется узнать, что входит в полис?",
        "Насколько выгодным ли вам кажется это?",
    ],
)
def test_half_a_sentence_is_none(sentence: str) -> None:
    about = facts("DC", "OFFICE_BANNER")
    assert marked("language.sentence", f"Предложите карту. {sentence} Звоните.", about) == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "Хотите заказать карту?",
        "Показать, как?",
        "Показать, с чего начать?",
        "У вас есть время посмотреть условия?",
        "У нас есть карта для вас.",
        "У вас есть на это время.",
        "Для вас есть в приложении новая карта.",
        "Если вы хотите карту, закажите её.",
        "Когда вам удобно?",
        "Есть ли у вас такие планы?",
        "Для вас есть карта?",
        "Загляните в приложение и закажите карту.",
        "Закажите карту в приложении.",
        "Вход в приложение один.",
        "Предложите вместе посмотреть условия и подать заявку.",
        "Карту легко заказать и удобно носить с собой.",
        "Копить проще, чем кажется.",
        "Открыть счёт можно за минуту.",
        "Получать зарплату должно быть удобно.",
        "Всё нужное в приложении.",
        "Подробности в приложении.",
        "Оформление доступно в приложении.",
        "Оформление и карта бесплатно.",
        "Если хотите узнать, что входит в полис, рассказать подробнее?",
        "Если вам удобно, когда начнём?",
        "Насколько вам удобно такое время?",
        "Где вы вряд ли ждёте очередей?",
        "Удобно ли вам сейчас узнать, с чего начать?",
        "Знать условия полезно.",
    ],
)
def test_a_whole_sentence_may_be_short(sentence: str) -> None:
    assert marked("language.sentence", f"Предложите карту. {sentence}", facts("DC", "OFFICE_BANNER")) == []


def test_the_caption_of_a_button_is_an_infinitive() -> None:
    text = "Новая карта. Оформить карту онлайн."
    assert marked("language.sentence", text, facts("DC", "PUSH")) == []
    assert marked("language.sentence", text, facts("DC", "SMS")) == ["Оформить карту онлайн."]


def test_a_short_channel_needs_no_verb_beside_an_action() -> None:
    assert marked("language.sentence", "Полис для дома. Оформление в приложении.", facts("INS_PROPERTY", "SMS")) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Пополните полис в приложении.", ["Пополните полис"]),
        ("Подайте нам заявку.", ["Подайте нам заявку"]),
        ("Пополните вклад в приложении.", []),
        ("Подать за вас заявку?", []),
    ],
)
def test_words_that_do_not_go_together(text: str, words: list[str]) -> None:
    assert marked("language.sentence", text, facts("INS_PROPERTY", "MOBILE_CHAT")) == words


def test_the_head_of_an_email_is_no_sentence() -> None:
    letter = "Тема: Оформить карту бесплатно\nПрехедер: Карта для\nЗакажите карту."
    assert marked("language.sentence", letter, facts("DC", "EMAIL")) == []


def test_english_sentences_are_whole() -> None:
    about = facts("CARD_EN", language="en")
    assert marked("language.sentence", "A card for you. Order it in the.", about) == ["Order it in the."]
    assert marked("language.sentence", "A card for you. Order it in the app.", about) == []


def begun(channel: str, language: str = "ru", product: str = "CC") -> Facts:
    """An offer that may begin with our openings, all of which say a benefit."""
    about = facts(product, channel, language=language)
    benefit = "обслуживание бесплатно" if language == "ru" else "no yearly fee"
    return replace(about, openings=openings(channel, about.product.name, benefit, language))


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("Кредитная карта для вас. Закажите её.", ["Кредитная карта для вас."]),
        ("Обслуживание карты бесплатно!", ["Обслуживание карты бесплатно!"]),
        ("Здравствуйте! Оформим заявку?", ["Здравствуйте!"]),
        ("Добрый день! Оформим заявку?", ["Добрый день!"]),
        ("Закажите карту в приложении.", []),
        ("Пригодится и дорогой, и дома.", []),
        ("Заказать карту для вас?", []),
    ],
)
def test_the_opening_is_not_said_again(rest: str, words: list[str]) -> None:
    text = f"Здравствуйте! Вас может заинтересовать кредитная карта: обслуживание бесплатно. {rest}"
    assert marked("language.repeats_opening", text, begun("MOBILE_CHAT")) == words


def test_a_letter_may_say_what_its_head_says() -> None:
    about = begun("EMAIL")
    text = f"{about.openings[6]} Посмотрите условия в мобильном приложении."
    assert "словия в мобильном приложении" in about.openings[6]
    assert marked("language.repeats_opening", text, about) == []


def test_a_text_that_begins_in_its_own_way_repeats_nothing_of_ours() -> None:
    assert marked("language.repeats_opening", "Кредитная карта ждёт. Карта.", begun("SMS")) == []


def test_it_is_so_in_english_too() -> None:
    about = begun("SMS", "en", "CARD_EN")
    text = f"{about.openings[0]} A debit card for you. Order it in the app."
    assert marked("language.repeats_opening", text, about) == ["A debit card for you."]


def test_letters_that_have_no_name_are_read() -> None:
    assert marked("language.sentence", "Оформление 𗀀 в приложении.", facts("DC", "EMAIL")) == []
