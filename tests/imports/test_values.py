"""What a cell means, and when two clients are one."""

from datetime import date, datetime

import pytest

from marketing_app.imports.values import BadValue, fingerprint, normalise


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
    ],
)
def test_value(value: object, field_type: str, expected: object) -> None:
    assert normalise(value, field_type) == expected


@pytest.mark.parametrize(
    ("value", "field_type"),
    [("5.5", "integer"), ("many", "integer"), ("1e999", "decimal"), ("1_0", "decimal"), ("31.02.2026", "date"),
     ("x", "colour")],
)  # fmt: skip
def test_bad_value(value: str, field_type: str) -> None:
    with pytest.raises(BadValue) as caught:
        normalise(value, field_type)
    assert (caught.value.value, caught.value.field_type) == (value, field_type)


def test_fingerprint_does_not_see_the_order() -> None:
    assert fingerprint({"a": 1, "b": "я"}) == fingerprint({"b": "я", "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": "1"})
    assert len(fingerprint({})) == 64
