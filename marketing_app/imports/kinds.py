"""What a value can be taken for: a type of a field, a contact, an id, a refusal."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

from .roles import Role
from .values import (
    MONTH_FIRST,
    BadValue,
    email,
    is_refusal,
    likely_phone,
    normalise,
    phone,
    plain_refusal,
    serial_date,
    shown,
    whole_id,
)

NUMBERS = ("integer", "decimal")
DATES = ("date", MONTH_FIRST)
PLAIN_REFUSAL, LIKELY_PHONE = "plain_refusal", "likely_phone"
"""What is taken for a refusal or a telephone without a doubt."""
UNDERSTOOD_BY: Mapping[str, Callable[[object], object]] = {
    Role.CLIENT_ID.value: whole_id,
    Role.EMAIL.value: email,
    Role.PHONE.value: phone,
    LIKELY_PHONE: likely_phone,
    Role.OPT_OUT.value: is_refusal,
    PLAIN_REFUSAL: plain_refusal,
}
BAD = object()
"""A value that is not of a kind."""
WITH_EXTREMES = ("decimal", *DATES)
KINDS = (*NUMBERS, *DATES, "code", "text", *UNDERSTOOD_BY)
"""What not every value can be."""

_MAY_BE_NUMBER = re.compile(r"(?!0\d+$)(?!\d{16})-?\.?\d", re.ASCII)


def kind_of(value: object) -> str:
    """What a single value is. What only looks like a number, a card's or one that begins with a nought, is text."""
    if isinstance(value, date):
        return "date"
    text = shown(value)
    if not _MAY_BE_NUMBER.match(text):
        return "text"
    if text.endswith("%"):
        return "text"
    kind = next((kind for kind in (*NUMBERS, *DATES) if understood(value, kind) is not BAD), "text")
    return "date" if kind in DATES else kind


def understood(value: object, kind: str) -> object:
    """The value converted to that kind; BAD if it cannot be converted."""
    try:
        return UNDERSTOOD_BY.get(kind, partial(normalise, field_type=kind))(value)
    except BadValue:
        return BAD


def is_serial_date(number: str) -> bool:
    try:
        serial_date(float(number))
    except ValueError:
        return False
    return True
