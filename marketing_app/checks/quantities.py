"""Numbers with their units as people write them in Russian and English, brought to one form."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from . import numerals
from .findings import Span, places

_UNITS = (
    ("percent", 1, r"%|процент\w*|п\.\s?п\.|(?:процентн\w+ )?пункт\w*|годовых(?!\w)|percent|per cent"),
    ("money", 1, r"₽|руб(?:\.|л\w+)?(?!\w)|р\.|р(?!\w)|rub\w*|roubles?"),
    ("months", 12, r"лет(?:н\w+)?(?!\w)|год(?:а|у|ом|ов|ы)?(?!\w)|years?(?!\w)"),
    ("months", 1, r"мес(?:\.|яц\w*|ячн\w+)?(?!\w)|months?(?!\w)"),
    ("days", 1, r"(?:(?:рабоч|календарн)\w+ )?(?:дн(?:я|ей|ям|ях|и|ю|евн\w+)|день|сут(?:ок|ки))(?!\w)"),
    ("days", 1, r"(?:(?:working|business|calendar) )?days?(?!\w)"),
    ("days", 7, r"недел\w+|weeks?(?!\w)"),
    ("minutes", 1, r"мин(?:\.|ут\w*)?(?!\w)|minutes?(?!\w)"),
    ("minutes", 60, r"час(?:а|ов|у)?(?!\w)|hours?(?!\w)"),
    ("grams", 1, r"г(?:рамм\w*)?(?![\w.])|grams?(?!\w)"),
    ("times", 1, r"раза?(?!\w)|times(?!\w)"),
)
_UNIT_PATTERNS = tuple((kind, Decimal(factor), re.compile(pattern, re.I)) for kind, factor, pattern in _UNITS)
_GAP = re.compile(r"\s*-?\s*")
_FROM = r"от|с|не менее|не ниже|не меньше|минимум|начиная с|from|at least|starting at"
_TO = r"до|не более|не выше|не больше|максимум|максимально|up to|at most|to|till|until"
_WITHIN = r"за|в течение|всего за|within|in"
_BOUND = re.compile(
    rf"(?<!\w)(?:(?P<from>{_FROM})|(?P<to>{_TO})|(?P<within>{_WITHIN}))\s+(?:целых\s+|всего\s+|почти\s+|around\s+)?$",
    re.I,
)
_LONGEST_BOUND = 24
_BOUND_AFTER = re.compile(
    r"\s+(?:и|and)\s+(?:(?P<from>более|выше|больше|more|above)|(?P<to>менее|ниже|меньше|less))(?!\w)", re.I
)
_BETWEEN = re.compile(r"\s*[-–—]\s*|\s+(?:до|по|to|and)\s+", re.I)
_MONTHS = "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"
_DATE = re.compile(
    rf"(?<![\w.,])(?P<day>\d{{1,2}})(?:-?го)?\s+(?P<month>{_MONTHS})(?!\w)|"
    r"(?<![\w.,])(?P<dotted_day>\d{1,2})\.(?P<dotted_month>\d{1,2})\.\d{2,4}(?!\w)",
    re.I,
)
_YEAR = re.compile(r"(?<![\w.,])(?P<year>(?:19|20)\d\d)\s*(?:год\w*|г\.|г(?!\w))", re.I)
_ONE = re.compile(
    r"(?<!\w)(?:(?:на|от|до)\s+(?P<months>год(?:а)?)|(?:за|до|через)\s+(?:(?P<days>день|сутки)|(?P<minutes>минут[уы])|(?P<hours>час(?:а)?)))"
    r"(?!\w|\s+рожд)",
    re.I,
)
_ONE_OF = {"months": ("months", 12), "days": ("days", 1), "minutes": ("minutes", 1), "hours": ("minutes", 60)}


@dataclass(frozen=True)
class Quantity:
    """A number with its unit: `kind` is percent, money, months, days, minutes, grams, times, date, year or number (no
    unit). `written` is the number before its unit: five years are 60 months, written 5. `bound` is "from", "to",
    "within" or None. `is_word` says that it stood there as a word."""

    kind: str
    value: Decimal
    bound: str | None
    span: Span
    is_word: bool = False
    written: Decimal = Decimal(0)

    def is_of(self, other: "Quantity") -> bool:
        """Whether both name the same amount. What has no unit may be of any."""
        if "number" in (self.kind, other.kind):
            return self.written == other.written
        return self.kind == other.kind and self.value == other.value


@lru_cache(maxsize=512)
def quantities(text: str) -> tuple[Quantity, ...]:
    """All of them, in the order of the text."""
    dates = list(_dates(text))
    taken = places(date.span for date in dates)
    counted = [found for found in _counted(text) if found.span[0] not in taken]
    taken |= places(found.span for found in counted)
    single = [found for found in _single(text) if taken.isdisjoint(range(*found.span))]
    return tuple(sorted((*dates, *_ranges(text, counted), *single), key=lambda found: found.span))


def _counted(text: str) -> Iterator[Quantity]:
    for number in numerals.numbers(text):
        kind, factor, end = _unit(text, number.end)
        if number.is_bare_multiplier and kind == "number":
            continue
        bound = _bound(text, number.start, end)
        yield Quantity(kind, number.value * factor, bound, (number.start, end), number.is_word, written=number.value)


def _unit(text: str, at: int) -> tuple[str, Decimal, int]:
    gap = _GAP.match(text, at)
    after = gap.end() if gap else at
    for kind, factor, pattern in _UNIT_PATTERNS:
        if found := pattern.match(text, after):
            return kind, factor, found.end()
    return "number", Decimal(1), at


def _bound(text: str, start: int, end: int) -> str | None:
    match = _BOUND.search(text[max(0, start - _LONGEST_BOUND) : start]) or _BOUND_AFTER.match(text, end)
    return match.lastgroup if match else None


def _ranges(text: str, found: list[Quantity]) -> Iterator[Quantity]:
    """The first end of a range has the unit of the last ("от 1 до 5 лет"), and both are ends, dash or words."""
    for place, quantity in enumerate(found):
        after = found[place + 1] if place + 1 < len(found) else None
        before = found[place - 1] if place else None
        if after and after.kind != "number" and _BETWEEN.fullmatch(text, quantity.span[1], after.span[0]):
            yield _first_end(quantity, after)
        elif before and _BETWEEN.fullmatch(text, before.span[1], quantity.span[0]) and quantity.kind != "number":
            yield replace(quantity, bound=quantity.bound or "to")
        else:
            yield quantity


def _first_end(first: Quantity, last: Quantity) -> Quantity:
    bound = first.bound or "from"
    if first.kind != "number":
        return replace(first, bound=bound)
    thousands = numerals.common_multiplier(first.written, last.written)
    written = first.written * thousands
    factor = last.value / last.written if last.written else Decimal(1)
    return replace(first, kind=last.kind, value=written * factor, written=written, bound=bound)


def _dates(text: str) -> Iterator[Quantity]:
    months = _MONTHS.split("|")
    for match in _DATE.finditer(text):
        day = int(match["day"] or match["dotted_day"])
        month = months.index(match["month"].lower()) + 1 if match["month"] else int(match["dotted_month"])
        yield Quantity("date", Decimal(month * 100 + day), None, match.span(), written=Decimal(month * 100 + day))
    for match in _YEAR.finditer(text):
        yield Quantity("year", Decimal(match["year"]), None, match.span(), written=Decimal(match["year"]))


def _single(text: str) -> Iterator[Quantity]:
    """A unit alone that means one of it ("на год", "за час"), and amounts that are one word ("полгода")."""
    for match in _ONE.finditer(text):
        kind, value = _ONE_OF[str(match.lastgroup)]
        bound = {"от": "from", "до": "to", "за": "within"}.get(match[0].split()[0].lower())
        start = match.start(str(match.lastgroup))
        yield Quantity(kind, Decimal(value), bound, (start, match.end()), is_word=True, written=Decimal(1))
    for start, end, unit, amount in numerals.in_one_word(text):
        yield Quantity(unit, amount, _bound(text, start, end), (start, end), is_word=True, written=amount)
