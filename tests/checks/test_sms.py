"""Parts of an SMS are counted as networks count them: GSM 03.38 and UCS-2, at every boundary."""

import pytest

from marketing_app.checks.sms import EXTENDED, plain, size


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "parts"),
    [
        ("", "GSM-7", 0, 0),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 80 + "a", "GSM-7", 161, 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),
        ("я" * 70, "UCS-2", 70, 1),
        ("я" * 71, "UCS-2", 71, 2),
        ("я" * 134, "UCS-2", 134, 2),
        ("я" * 135, "UCS-2", 135, 3),
        ("a" * 69 + "ё", "UCS-2", 70, 1),
        ("a" * 70 + "—", "UCS-2", 71, 2),
        ("😀" * 35, "UCS-2", 70, 1),
        ("😀" * 36, "UCS-2", 72, 2),
        ("я" * 66 + "😀" + "я" * 66, "UCS-2", 134, 3),
    ],
)
def test_parts_are_counted(text: str, alphabet: str, units: int, parts: int) -> None:
    found = size(text)
    assert (found.alphabet, found.units, found.parts) == (alphabet, units, parts)


@pytest.mark.parametrize("character", sorted(EXTENDED))
def test_a_sign_of_the_extension_takes_two_places(character: str) -> None:
    assert size(character).units == 2


def test_room_is_that_of_all_parts() -> None:
    assert [size(text).room for text in ("я", "я" * 71, "a", "a" * 161)] == [70, 134, 160, 306]


@pytest.mark.parametrize(
    ("text", "simple"),
    [
        ("Вклад — «Удобный»", 'Вклад - "Удобный"'),
        ("1\u00a0900\u00a0₽", "1 900 руб."),
        ("№ 5…", "N 5..."),
        ("It’s “yours”", 'It\'s "yours"'),
        ("Карта ждёт 🙂", "Карта ждёт"),
    ],
)
def test_plain_signs_replace_typographic_ones(text: str, simple: str) -> None:
    assert plain(text) == simple


def test_one_long_dash_makes_an_english_sms_twice_as_long() -> None:
    text = "a" * 100 + "—"
    assert (size(text).parts, size(plain(text)).parts) == (2, 1)
