"""Between which ends the values of a field are likely. What lies outside is loaded, but doubted before."""

import re
from collections.abc import Collection

from ..bank_time import today
from ..imports.values import normalise, typed_number
from ..models import FieldType

NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL})

TODAY = "today"
_WORDS_FOR_TODAY = frozenset({TODAY, "сегодня"})
_OF_AGE = re.compile(
    r"(?:(?:client|customer)[\s_]?)?age(?:[\s_,]*(?:in )?years)?|возраст[\s_,]*(?:клиента|(?:полных )?лет)?",
    re.IGNORECASE,
)
"""The client's own: a car's may be five years."""
_OF_BIRTH = re.compile(r"рожд|birth|\bdob\b", re.IGNORECASE)

Ends = tuple[str, str]
"""The lowest and the highest likely value; "" means no limit on that side."""
ANY: Ends = ("", "")
OF_AGE: Ends = ("14", "110")
OF_BIRTH: Ends = ("1900-01-01", TODAY)


def usual_ends(names: Collection[str], type_: FieldType) -> Ends:
    """Those of a new field, as one of its names tells."""
    if type_ in NUMBERS and any(_OF_AGE.fullmatch(name.strip()) for name in names):
        return OF_AGE
    return OF_BIRTH if type_ is FieldType.DATE and any(map(_OF_BIRTH.search, names)) else ANY


def has_ends(type_: FieldType) -> bool:
    """Whether values of the type can be compared."""
    return type_ in NUMBERS or type_ is FieldType.DATE


def end_from(written: str, type_: FieldType) -> str:
    """An end as the dictionary keeps it: a number, an ISO date, or TODAY. Raises BadValue."""
    if not written.strip():
        return ""
    if type_ is FieldType.DATE:
        return TODAY if written.strip().lower() in _WORDS_FOR_TODAY else str(normalise(written, "date"))[:10]
    return str(typed_number(written))


def as_value(end: str, type_: FieldType) -> float | str:
    """An end that is not empty, to be compared: a number, or an ISO date."""
    if type_ is not FieldType.DATE:
        return float(end)
    return today().isoformat() if end == TODAY else end


def is_between(value: float | str, ends: Ends, type_: FieldType) -> bool:
    """Whether a value, a number or a date in ISO's form, is not beyond an end. The ends themselves are likely."""
    if isinstance(value, str):
        value = value[:10]
    lowest, highest = (as_value(end, type_) if end else value for end in ends)
    return lowest <= value <= highest  # type: ignore[operator]
