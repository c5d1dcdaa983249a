"""Cell values as a field's type understands them, how a client is reached, and the fingerprint by which the same client
is known."""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from .flaws import EXACT_DIGITS, FIRST_INEXACT, Flaw, flaw_of, is_shortened, lost_digits
from .formulas import TEXT_SIGN, without_text_sign

NOTHING = frozenset({"", "-", "null", "n/a", "na", "nan", r"\n"})
"""What exports write where there is no value, in lower case: \\N is that of databases."""
_LONGEST_NOTHING = max(map(len, NOTHING))

MONTH_FIRST = "date, month first"
"""The type of a date field for a column whose dates have the month before the day."""

SERIAL_DATES = range(20_000, 80_001)
"""Days since the end of 1899, as spreadsheets count: 1954 to 2119. Other numbers are no dates."""
_DAY_NOUGHT = datetime(1899, 12, 30)

_GROUPED = re.compile(r"[+-]?\d{1,3}(?:(?P<by>[.,])\d{3})(?:(?P=by)\d{3})*(?:(?!(?P=by))[.,]\d+)?")
"""A number whose thousands are parted by a point or a comma. One group alone, "1,000", may as well be a fraction."""
_WHOLE = re.compile(r"([+-]?\d{1,99})(?:[.,]0*)?", re.ASCII)
_CLOCK = r"(?:[T ]+(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,6}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?"
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}})([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}}){_CLOCK}", re.ASCII)
_DAY_FIRST = re.compile(rf"(?P<day>\d{{1,2}})([-/.])(?P<month>\d{{1,2}})\2(?P<year>\d{{4}}){_CLOCK}", re.ASCII)
_MONTH_FIRST = re.compile(rf"(?P<month>\d{{1,2}})([-/.])(?P<day>\d{{1,2}})\2(?P<year>\d{{4}}){_CLOCK}", re.ASCII)
_NOT_ISO = {"date": _DAY_FIRST, MONTH_FIRST: _MONTH_FIRST}
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?", re.ASCII)

_EMAIL = re.compile(
    r"[^\s@<>()\[\],;:\\\"]{1,64}@(?=.{4,253}$)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]"
)
_LONGEST_EMAIL = 254
LOCAL_DIGITS = 10
"""Of a Russian telephone number, its country's digit left out."""
_PHONE = re.compile(r"\+?[\d\s()./\-]{1,60}", re.ASCII)

_REFUSALS = frozenset(
    {"1", "+", "да", "д", "истина", "yes", "y", "true", "t"}
    | {"отказ", "отказался", "отказалась", "отписан", "отписана", "отписался", "отписалась"}
    | {"не писать", "не звонить", "не беспокоить", "do not contact", "stop", "стоп"}
    | {"optout", "opt-out", "opted out", "unsubscribed", "refused"}
)
_NO_REFUSALS = frozenset(
    {"0", "нет", "н", "ложь", "no", "n", "false", "f"}
    | {"согласен", "согласна", "согласие", "подписан", "подписана"}
    | {"optin", "opt-in", "opted in", "subscribed", "agreed"}
)


class BadValue(ValueError):
    """A value that is not of its field's type."""

    def __init__(self, value: object, field_type: str) -> None:
        super().__init__(f"{value!r} is not of type {field_type}")
        self.value = value
        self.field_type = field_type


def normalise(value: object, field_type: str) -> str | int | float | None:
    """The value converted to its field's type; None if the cell is empty. A field's type is one of FieldType's words,
    or MONTH_FIRST.

    Raises BadValue.
    """
    if isinstance(value, str):
        if field_type == "decimal" and (number := _plain_number(value)) is not None:
            return number
        value = value.replace("\0", "").strip()  # PostgreSQL keeps no NUL character
        if value[:1] == TEXT_SIGN:
            value = without_text_sign(value).strip()
        if (value[:1] == "#" or value[-4:-3] == ":") and is_error(value):  # #N/A or Err:502; few cells cost more
            raise BadValue(value, field_type)
    if is_nothing(value):
        return None
    match field_type:
        case "integer":
            return _integer(value)
        case "decimal" | "decimal as text":
            return _number(value, field_type)
        case "code" | "text":
            if isinstance(value, str):
                return _without_nought(value)
            return str(int(value)) if isinstance(value, bool) and field_type == "code" else shown(value)
        case "date" | "date, month first":
            return _date(value, field_type)
        case _:
            raise BadValue(value, field_type)


def typed_number(text: str) -> float | int:
    """A number that a person types into a form: a whole one as such, and none of more digits before the point than are
    exact. Raises BadValue.
    """
    value = normalise(text, "decimal")
    if not isinstance(value, float) or abs(value) >= FIRST_INEXACT:
        raise BadValue(text, "decimal")
    return int(value) if value.is_integer() else value


def fingerprint(values: Mapping[str, object]) -> str:
    """SHA-256, in hexadecimal, of a client's normalised data. The order of its columns does not matter."""
    canonical = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def is_nothing(value: object) -> bool:
    """Whether a cell holds no value, or one of the signs that exports write for that."""
    if isinstance(value, str):
        text = value.strip()
        return len(text) <= _LONGEST_NOTHING and text.lower() in NOTHING
    return value is None or value != value  # only "not a number" differs from itself


def is_error(text: str) -> bool:
    """Whether a cell holds the name of an error, or a formula that was never worked out, and so no value."""
    return flaw_of(text) in (Flaw.ERROR, Flaw.UNCALCULATED)


def shown(value: object) -> str:
    """Text without outer spaces, as a spreadsheet shows it. A code of 4 is kept there as 4.0; here it is '4'."""
    text = value.replace("\0", "").strip() if isinstance(value, str) else _as_text(value)
    if text[:1] == TEXT_SIGN:
        text = without_text_sign(text)
    return _without_nought(text)


def _without_nought(text: str) -> str:
    """A whole number as people write it, and any other text as it is."""
    return text[:-2] if text[-2:] == ".0" and text[:-2].isdigit() else text


def _as_text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float() if value.is_integer():
            return f"{value:.{EXACT_DIGITS}g}".upper() if lost_digits(value) else str(int(value))
        case date():
            return _date(value)
        case time():
            return value.isoformat(timespec="seconds")
        case timedelta():
            return _hours(value)
        case _:
            return str(value).replace("\0", "").strip()


def _hours(length: timedelta) -> str:
    minutes, seconds = divmod(abs(round(length.total_seconds())), 60)
    sign = "-" if length < timedelta() else ""
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def _plain_number(text: str) -> float | None:
    """A number as Python writes it, None for other texts. Most cells of a column of sums are one, and all differ."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None


def _number(value: object, field_type: str) -> float:
    try:
        number = float(value) if isinstance(value, int | float) else _parsed_number(str(value))
    except (ValueError, OverflowError):
        raise BadValue(value, field_type) from None
    if not math.isfinite(number):
        raise BadValue(value, field_type)
    return number


def _parsed_number(text: str) -> float:
    """Of a percentage the number before the sign. Raises ValueError."""
    text = text.removesuffix("%")
    if "_" in text:  # Python's own digit separator, nobody's number
        raise ValueError(text)
    try:
        return float(text)
    except ValueError:
        return float(_with_point("".join(text.split())))  # split() knows the no-break spaces too


def _with_point(number: str) -> str:
    """1,000.50 and 1.000,50 as Python writes them, and a comma alone as the point that it is."""
    if number.count(",") + number.count(".") > 1 and (grouped := _GROUPED.fullmatch(number)):
        number = number.replace(grouped["by"], "")
    return number.replace(",", ".")


def _integer(value: object) -> int:
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str | Decimal) and (whole := _WHOLE.fullmatch("".join(str(value).split()))):
        return int(whole[1])  # exactly, however long: as a float it would lose digits
    number = _number(value, "integer")
    if not number.is_integer():
        raise BadValue(value, "integer")
    return int(number)


def _date(value: object, field_type: str = "date") -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value == _midnight(value) else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    try:
        return _date(_parsed(value, field_type))
    except (ValueError, OverflowError):
        raise BadValue(value, field_type) from None


def _midnight(value: datetime) -> datetime:
    return datetime(value.year, value.month, value.day, tzinfo=value.tzinfo)


def _parsed(value: object, field_type: str) -> date:
    """A date as people and programs write it, or a spreadsheet's count of days."""
    text = shown(value)
    if _SERIAL.fullmatch(text) and not isinstance(value, bool):
        return serial_date(float(text.replace(",", ".")))
    if not (found := _YEAR_FIRST.fullmatch(text) or _NOT_ISO[field_type].fullmatch(text)):
        raise ValueError(text)
    day = date(int(found["year"]), int(found["month"]), int(found["day"]))
    hour, minute, second, fraction, zone = found.groups()[-5:]
    if hour is None:
        return day
    return datetime.fromisoformat(f"{day}T{hour:0>2}:{minute}:{second or '00'}.{fraction or '':0<6}{zone or ''}")


def serial_date(days: float) -> datetime:
    """Raises ValueError where the number is hardly a date."""
    if not SERIAL_DATES.start <= days < SERIAL_DATES.stop:  # also an infinite number, which has no whole part
        raise ValueError(days)
    return _DAY_NOUGHT + timedelta(seconds=round(days * 86_400))


def email(value: object) -> str | None:
    """In lower case. Raises BadValue for what has not the form of an address."""
    if is_nothing(value):
        return None
    address = shown(value).lower()
    if len(address) > _LONGEST_EMAIL or not _EMAIL.fullmatch(address) or ".." in address:
        raise BadValue(value, "email")
    return address


def phone(value: object) -> str | None:
    """Digits alone, the country's first; a number without one, or with 8 for it, is Russian. Raises BadValue."""
    if is_nothing(value):
        return None
    written = shown(value).replace("\u2011", "-").replace("\u2013", "-").replace("\xa0", " ")
    if not _PHONE.fullmatch(written):  # first: a cell may be a long text, and this stops at its first letter
        raise BadValue(value, "phone")
    digits = re.sub(r"\D", "", written)
    if not written.startswith("+"):
        if len(digits) == 10 and digits[0] in "3489":
            digits = "7" + digits
        elif len(digits) == 11 and digits[0] == "8":
            digits = "7" + digits[1:]
    if not 11 <= len(digits) <= 15:
        raise BadValue(value, "phone")
    return digits


def whole_id(value: object) -> str | None:
    """A client's id as text. Raises BadValue for a number that a spreadsheet shortened: many clients may have it."""
    text = normalise(value, "code")
    if text is not None and is_shortened(str(text)):
        raise BadValue(value, "client_id")
    return None if text is None else str(text)


def likely_phone(value: object) -> str | None:
    """As phone, but raises BadValue also for a number that nobody has: one digit over and over."""
    digits = phone(value)
    if digits is not None and len(set(digits[-LOCAL_DIGITS:])) == 1:
        raise BadValue(value, "phone")
    return digits


def is_refusal(value: object) -> bool:
    """Whether a cell of an opt-out column says that the client must not be written to; an empty one does not.

    Any word but a plain no counts as a refusal: a guess would write to somebody who refused. Raises BadValue for an
    error of a spreadsheet.
    """
    if is_nothing(value):
        return False
    if is_error(shown(value)):
        raise BadValue(value, "opt_out")
    return _answer(value) not in _NO_REFUSALS


def plain_refusal(value: object) -> bool:
    """As is_refusal, but raises BadValue for what is neither a yes nor a no."""
    if not is_nothing(value) and _answer(value) not in _REFUSALS | _NO_REFUSALS:
        raise BadValue(value, "opt_out")
    return is_refusal(value)


def _answer(value: object) -> str:
    return shown(value).lower().rstrip(".! ")
