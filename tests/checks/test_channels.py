"""A text fits its channel, with what the channel adds to it; limits are at their boundaries."""

import pytest

from marketing_app.checks.findings import ChannelFacts

from .rules import facts, marked

LETTER = "Тема: {subject}\nПрехедер: {preheader}\nЗдравствуйте!"


@pytest.mark.parametrize(("length", "marks"), [(100, []), (101, ["я"]), (150, ["я" * 50])])
def test_a_channel_takes_so_many_characters(length: int, marks: list[str]) -> None:
    assert marked("text.length", "я" * length, facts(channel=ChannelFacts("TMO", 100))) == marks


def test_a_smile_takes_two_places_of_an_sms_and_one_elsewhere() -> None:
    assert marked("text.length", "я" * 99 + "😀", facts(channel=ChannelFacts("SMS", 100))) == ["😀"]
    assert marked("text.length", "я" * 99 + "😀", facts(channel=ChannelFacts("PUSH", 100))) == []


def test_an_ending_takes_room() -> None:
    assert marked("text.length", "я" * 95, facts(channel=ChannelFacts("TMO", 100), ending="банк")) == []
    assert marked("text.length", "я" * 96, facts(channel=ChannelFacts("TMO", 100), ending="банк")) == ["я"]


@pytest.mark.parametrize(
    ("rule", "channel", "most", "unit"),
    [
        ("sms.segments", "SMS", 70, "я"),
        ("sms.too_many", "SMS", 134, "я"),
        ("banner.length", "MOB_BANNER", 60, "я"),
        ("chat.length", "MOBILE_CHAT", 300, "я"),
        ("call.time", "TMO", 87, "да "),
        ("call.time", "KND", 87, "да "),
    ],
)
def test_limits_hold_at_their_boundary(rule: str, channel: str, most: int, unit: str) -> None:
    assert marked(rule, unit * most, facts(channel=channel)) == []
    assert marked(rule, unit * (most + 1), facts(channel=channel))


@pytest.mark.parametrize(
    ("rule", "text", "is_right"),
    [
        ("push.title", "я" * 39 + ". Тело.", True),
        ("push.title", "я" * 40 + ". Тело.", False),
        ("push.body", "Да. " + "я" * 120, True),
        ("push.body", "Да. " + "я" * 121, False),
    ],
)
def test_a_push_is_a_title_and_a_body(rule: str, text: str, is_right: bool) -> None:
    assert (marked(rule, text, facts(channel="PUSH")) == []) is is_right


@pytest.mark.parametrize(
    ("rule", "letter", "is_right"),
    [
        ("email.subject", LETTER.format(subject="Да", preheader="Да"), True),
        ("email.subject", "Здравствуйте!", False),
        ("email.long_subject", LETTER.format(subject="я" * 60, preheader="Да"), True),
        ("email.long_subject", LETTER.format(subject="я" * 61, preheader="Да"), False),
        ("email.preheader", LETTER.format(subject="Да", preheader="я" * 100), True),
        ("email.preheader", LETTER.format(subject="Да", preheader="я" * 101), False),
        ("email.preheader", "Тема: Да\nЗдравствуйте!", False),
        ("email.greeting", LETTER.format(subject="Да", preheader="Да"), True),
        ("email.greeting", "Тема: Да\nОткройте вклад.", False),
    ],
)
def test_a_letter_has_its_parts(rule: str, letter: str, is_right: bool) -> None:
    assert (marked(rule, letter, facts(channel="EMAIL")) == []) is is_right


def test_signs_with_plain_forms_are_pointed_at() -> None:
    assert marked("sms.plain", "Кредит до 3 млн ₽.", facts(channel="SMS")) == ["₽"]
    assert marked("sms.plain", "Кредит до 3 млн руб.", facts(channel="SMS")) == []


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        ("Кредит ждёт вас.", False),
        ("Оформите кредит.", True),
        ("Оформить кредит?", True),
        ("Закажите карту и получите кешбэк.", True),
        ("Оформите кредит, закажите карту, откройте вклад.", False),
    ],
)
def test_there_is_one_thing_to_do(text: str, is_right: bool) -> None:
    assert (marked("text.one_action", text, facts(channel="SMS")) == []) is is_right
