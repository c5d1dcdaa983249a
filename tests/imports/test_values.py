"""What a cell means, and when two clients are one."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from marketing_app.imports.values import (
    BadValue,
    email,
    fingerprint,
    is_refusal,
    normalise,
    phone,
    plain_refusal,
    whole_id,
)


@pytest.mark.parametrize("value", [None, "", " ", "NULL", "N/A", "NA", "nan", "-", "\u00a0", float("nan")])
@pytest.mark.parametrize("field_type", ["text", "integer", "decimal", "decimal as text", "code", "date"])
def test_nothing(value: object, field_type: str) -> None:
    assert normalise(value, field_type) is None


@pytest.mark.parametrize(
    ("value", "field_type", "expected"),
    [
        ("5.0", "integer", 5),
        (5.0, "integer", 5),
        ("1\u00a0234", "integer", 1234),
        ("1\u202f234,50", "decimal", 1234.5),
        ("420999.520000", "decimal as text", 420999.52),
        (52.688, "decimal", 52.688),
        (0, "code", "0"),
        (0.0, "code", "0"),
        ("0", "code", "0"),
        ("1.0", "code", "1"),
        (True, "code", "1"),
        ("DCARD ", "code", "DCARD"),
        ("  Город Москва ", "text", "Город Москва"),
        (17.0, "text", "17"),
        (date(2026, 11, 24), "date", "2026-11-24"),
        (datetime(2026, 11, 24), "date", "2026-11-24"),
        ("24.11.2026", "date", "2026-11-24"),
        ("2026/11/24", "date", "2026-11-24"),
        ("24/11/2026", "date", "2026-11-24"),
        ("4.1.2026", "date", "2026-01-04"),
        ("24.11.2026 0:00", "date", "2026-11-24"),
        ("24.11.2026 9:05", "date", "2026-11-24T09:05:00"),
        ("2026-11-24T09:05:01.25+03:00", "date", "2026-11-24T09:05:01.250000+03:00"),
        (45_000, "date", "2023-03-15"),
        (45_000.5, "date", "2023-03-15T12:00:00"),
        ("45000", "date", "2023-03-15"),
        ("1 000 000,50", "decimal", 1_000_000.5),
        ("1,000.50", "decimal", 1000.5),
        ("1.000,50", "decimal", 1000.5),
        ("-1,000,000", "integer", -1_000_000),
        ("1,000", "decimal", 1.0),
        ("12345678901234567890", "integer", 12345678901234567890),
        ("-9007199254740993", "integer", -9007199254740993),
        ("9 007 199 254 740 993", "integer", 9007199254740993),
        ("9007199254740993.0", "integer", 9007199254740993),
        (Decimal("9007199254740993"), "integer", 9007199254740993),
        (Decimal("1E+3"), "integer", 1000),
        (Decimal("NaN"), "decimal", None),
        ("a\0b", "text", "ab"),
        ("12 %", "decimal", 12.0),
        ("12,5%", "decimal", 12.5),
        (True, "text", "TRUE"),
        (False, "integer", 0),
        (time(9, 5), "text", "09:05:00"),
        (timedelta(hours=26, minutes=5), "text", "26:05:00"),
        (timedelta(minutes=-90), "text", "-01:30:00"),
        (40817810099910001234.0, "text", "4.081781009991E+19"),
        (4276000011112225.0, "text", "4276000011112225"),
        ("'=1+1", "text", "=1+1"),
        ("'-5", "integer", -5),
        ("'tis", "text", "'tis"),
        ("12/31/1985", "date, month first", "1985-12-31"),
        ("1985-12-31", "date, month first", "1985-12-31"),
    ],
)
def test_value(value: object, field_type: str, expected: object) -> None:
    assert normalise(value, field_type) == expected


@pytest.mark.parametrize(
    ("value", "field_type"),
    [
        ("5.5", "integer"),
        ("many", "integer"),
        ("1e999", "decimal"),
        ("1_0", "decimal"),
        ("1,0,0", "decimal"),
        ("1,000.50,0", "decimal"),
        ("31.02.2026", "date"),
        ("24.11/2026", "date"),
        ("19999", "date"),
        (80_001, "date"),
        (True, "date"),
        ("x", "colour"),
        ("31/12/1985", "date, month first"),
        ("#N/A", "text"),
        ("#ДЕЛ/0!", "code"),
        ("Err:502", "text"),
        ("#####", "integer"),
        ("#NOT CALCULATED", "text"),
    ],
)
def test_bad_value(value: object, field_type: str) -> None:
    with pytest.raises(BadValue) as caught:
        normalise(value, field_type)
    assert (caught.value.value, caught.value.field_type) == (value, field_type)


def test_fingerprint_does_not_see_the_order() -> None:
    assert fingerprint({"a": 1, "b": "я"}) == fingerprint({"b": "я", "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": "1"})
    assert len(fingerprint({})) == 64


@settings(deadline=None)
@given(
    st.one_of(
        st.text(), st.text("0123456789.,- ", max_size=12), st.integers(), st.floats(), st.dates(), st.datetimes()
    ),
    st.sampled_from(["text", "integer", "decimal", "code", "date"]),
)
@example("\0-", "text")
def test_a_normal_value_stays_as_it_is(value: object, field_type: str) -> None:
    try:
        once = normalise(value, field_type)
    except BadValue:
        return
    assert normalise(once, field_type) == once


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("8 (912) 345-67-89", "79123456789"),
        ("+7 912 345 67 89", "79123456789"),
        ("9123456789", "79123456789"),
        (79123456789.0, "79123456789"),
        ("+375 29 123-45-67", "375291234567"),
        ("8–912–345–67–89", "79123456789"),
        (" ", None),
        (None, None),
    ],
)
def test_phone(value: object, expected: str | None) -> None:
    assert phone(value) == expected


@pytest.mark.parametrize("value", ["12345", "not known", "8 912 345 67 89 доб. 5", "1" * 16, "+7 912", "++"])
def test_no_phone(value: str) -> None:
    with pytest.raises(BadValue):
        phone(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(" Anna.K+shop@Example.RU ", "anna.k+shop@example.ru"), ("анна@почта.рф", "анна@почта.рф"), ("n/a", None)],
)
def test_email(value: str, expected: str | None) -> None:
    assert email(value) == expected


@pytest.mark.parametrize(
    "value",
    ["anna", "anna@", "@example.ru", "anna@example", "a b@example.ru", "a@b@example.ru", "a..b@example.ru",
     "a@-example.ru", "a@example.ru,b@example.ru", "a" * 65 + "@example.ru", 5],
)  # fmt: skip
def test_no_email(value: object) -> None:
    with pytest.raises(BadValue):
        email(value)


@pytest.mark.parametrize("value", ["да", "Yes", "1", 1, 1.0, True, "TRUE", "отказ", "Отписался", "не беспокоить"])
def test_a_refusal(value: object) -> None:
    assert is_refusal(value)


@pytest.mark.parametrize("value", ["нет", "No", "0", 0, 0.0, False, "false", "согласен", "", None, "-", "N/A"])
def test_no_refusal(value: object) -> None:
    assert not is_refusal(value)


@pytest.mark.parametrize("value", ["не знаю", "да, звонил 5 мая", "отказ от 01.02.2025", date(2025, 2, 1), 3])
def test_what_is_no_plain_answer_counts_as_a_refusal(value: object) -> None:
    assert is_refusal(value)
    with pytest.raises(BadValue):
        plain_refusal(value)


def test_an_error_is_no_answer() -> None:
    with pytest.raises(BadValue):
        is_refusal("#Н/Д")


@pytest.mark.parametrize("value", ["4,08178E+19", "4.08178100999e+19", 40817810099910001234.0, 4276000011112220.0])
def test_a_shortened_number_is_no_id(value: object) -> None:
    with pytest.raises(BadValue):
        whole_id(value)


@pytest.mark.parametrize("value", ["4276000011112220", 4276000011112225.0, "C+1", "5E10", 79990000001.0])
def test_an_id_that_is_whole(value: object) -> None:
    assert whole_id(value)
