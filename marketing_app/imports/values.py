"""Cell values as a field's type understands them, and the fingerprint by which the same client is known."""

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import date, datetime

NOTHING = frozenset({"", "-", "null", "n/a", "na", "nan"})
"""What exports write where there is no value, in lower case."""


class BadValue(ValueError):
    """A value that is not of its field's type."""

    def __init__(self, value: object, field_type: str) -> None:
        super().__init__(f"{value!r} is not of type {field_type}")
        self.value = value
        self.field_type = field_type


def normalise(value: object, field_type: str) -> str | int | float | None:
    """The value in its field's type, None where there is none. A field's type is one of FieldType's words.

    Raises BadValue.
    """
    if _is_nothing(value):
        return None
    match field_type:
        case "integer":
            return _integer(value)
        case "decimal" | "decimal as text":
            return _number(value, field_type)
        case "code":
            return _plain(value)
        case "date":
            return _date(value)
        case "text":
            return _plain(value)
        case _:
            raise BadValue(value, field_type)


def fingerprint(values: Mapping[str, object]) -> str:
    """SHA-256, in hexadecimal, of a client's normalised data. The order of its columns does not matter."""
    canonical = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _is_nothing(value: object) -> bool:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return isinstance(value, str) and value.strip().lower() in NOTHING


def _number(value: object, field_type: str) -> float:
    text = str(int(value) if isinstance(value, bool) else value)
    compact = "".join(text.split()).replace(",", ".")  # split() knows the no-break spaces too
    try:
        if "_" in compact:  # Python's own digit separator, nobody's number
            raise ValueError(compact)
        number = float(compact)
    except ValueError:
        raise BadValue(value, field_type) from None
    if not math.isfinite(number):
        raise BadValue(value, field_type)
    return number


def _integer(value: object) -> int:
    if isinstance(value, int):
        return int(value)
    number = _number(value, "integer")
    if not number.is_integer():
        raise BadValue(value, "integer")
    return int(number)


def _plain(value: object) -> str:
    """Text without outer spaces. A spreadsheet keeps a code of 4 as 4.0; here it is '4' either way."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        return _date(value)
    text = str(value).replace("\0", "").strip()  # PostgreSQL keeps no NUL character
    whole, point, rest = text.partition(".")
    return whole if point and whole.isdigit() and rest == "0" else text


def _date(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    text = str(value).strip()
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"):
        try:
            return _date(datetime.strptime(text, form))
        except ValueError:
            continue
    raise BadValue(value, "date")
