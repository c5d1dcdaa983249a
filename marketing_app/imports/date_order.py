"""Whether the day or the month comes first in the dates of a column: no single date tells, all of them together may."""

import re
from collections.abc import Iterable
from enum import StrEnum

_DAY_AND_MONTH = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2\d{4}(?!\d)", re.ASCII)
MONTHS = 12


class DateOrder(StrEnum):
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    UNKNOWN = "unknown"
    """Every date can be read both ways, or some only one way and some only the other."""


def date_order_of(texts: Iterable[str]) -> DateOrder | None:
    """The order in which most texts tell day and month; None where no text has them so before a year.

    Dates with points have the day first unless they cannot: nobody writes a month so.
    """
    found = [match for text in texts if (match := _DAY_AND_MONTH.match(text))]
    if not found:
        return None
    is_day_first = any(int(match[1]) > MONTHS for match in found)
    is_month_first = any(int(match[3]) > MONTHS for match in found)
    if is_day_first != is_month_first:
        return DateOrder.DAY_FIRST if is_day_first else DateOrder.MONTH_FIRST
    is_same_both_ways = all(match[1] == match[3] for match in found)
    has_points = all(match[2] == "." for match in found)
    return DateOrder.DAY_FIRST if is_same_both_ways or (has_points and not is_day_first) else DateOrder.UNKNOWN
