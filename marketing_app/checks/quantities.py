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
    ("months", 3, r"квартал(?:а|у|ом|ов)?(?!\w)|quarters?(?!\w)"),
    ("days", 1, r"(?:(?:рабоч|календарн)\w+ )?(?:дн(?:я|ей|ям|ях|и|ю|евн\w+)|день|сут(?:ок|ки))(?!\w)"),
    ("days", 1, r"(?:(?:working|business|calendar) )?days?(?!\w)"),
    ("days", 7, r"недел\w+|weeks?(?!\w)"),
    ("minutes", 1, r"мин(?:\.|ут\w*)?(?!\w)|minutes?(?!\w)"),
    ("minutes", 60, r"час(?:а|ов|у)?(?!\w)|hours?(?!\w)"),
    ("grams", 1, r"грамм\w*|г(?![\w.])|grams?(?!\w)"),
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
_COUNTED = re.compile(r"(?:[ \u00a0\u202f-][^\W\d_]+){1,3}")
_LONGEST_STEM = 4
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
_TERM = r"год(?:а|у|ом)?|месяц(?:а|у|ем)?|недел(?:я|ю|и|ей|ьку)|квартал(?:а|ом)?"
_ENGLISH_TERM = r"(?:a|one) (?:week|month|quarter|year)"
_ONE = re.compile(
    r"(?<!\w)(?:"
    r"(?:на|от|до|через|спустя|в течение|сроком(?: на| в)?|срок\w{0,2}(?: \w+)?\s?[-–—:]|цел(?:ый|ую|ого|ой))\s+"
    rf"(?P<term>{_TERM})|"
    r"за\s+(?P<within>год|месяц|неделю|недельку|квартал)(?!\w|\s+до(?!\w))|"
    rf"(?P<free>год|месяц|недел[яю]|квартал)(?=\s+(?:без|бесплатн\w{{2,3}}|в\s+подарок)(?!\w))|"
    rf"(?P<other>день|недел(?:я|ю|ька|ьку)|месяц|год)-друг(?:ой|ую|ая)|"
    r"(?:за|до|через)\s+(?:(?P<days>день|сутки)|(?P<minutes>минут[уы])|(?P<hours>час(?:а)?))|"
    rf"(?:for|within|in|after)\s+(?P<english>{_ENGLISH_TERM}))"
    r"(?!\w|\s+рожд|\s+к\s)",
    re.I,
)
_SEVERAL = re.compile(
    rf"(?<!\w)(?:(?:{_TERM}|полгода|день|дня),?\s+){{1,4}}(?:или|либо)\s+(?:{_TERM}|полгода|день|дня)(?!\w)|"
    rf"(?<!\w){_ENGLISH_TERM} or (?:{_ENGLISH_TERM}|half a year)(?!\w)",
    re.I,
)
"""Several terms to choose from, each of one unit: "месяц или год"."""
_GROUPS_OF_ONE = ("term", "within", "free", "other", "days", "minutes", "hours", "english")
_A_TERM = re.compile(rf"(?<!\w)(?<!half )(?:{_TERM}|день|дня|{_ENGLISH_TERM})(?!\w)", re.I)
_A_RATE = re.compile(r"(?:₽|%|руб\w{0,4}\.?|раза?|покупк\w{1,2}|трат\w{0,2}|расход\w{0,2}|кешб[эе]к\w{0,2})\s+$", re.I)
"""What precedes "за месяц" where the month is a rate and not a term."""
_OF_ALL = re.compile(r"(?:[аеиоыу]й|[ыи]е|ую|в|раз|за)\s+$", re.I)
"""What precedes "месяц бесплатно" where it tells which month or how often."""
_VAGUE = re.compile(r"(?<!\w)(?:пар(?:а|у|ы|ой)|нескольк(?:о|их|им)|a couple of|several|a few)\s+", re.I)


LEAST_SUM = 1000
"""From so many roubles on, a figure is taken for the sum though no unit stands beside it: "до 3 000 000 на ремонт"."""


@dataclass(frozen=True)
class Quantity:
    """A number with its unit: `kind` is percent, money, months, days, minutes, grams, times, date, year or number (no
    unit). `written` is the number before its unit: five years are 60 months, written 5. `bound` is "from", "to",
    "within" or None. `is_word` says that it stood there as a word, `is_vague` that it is "a few" of its unit.
    `counted` are the beginnings of the words after a number without a unit: what it counts, as in "5 мест"."""

    kind: str
    value: Decimal
    bound: str | None
    span: Span
    is_word: bool = False
    written: Decimal = Decimal(0)
    is_vague: bool = False
    counted: frozenset[str] = frozenset()

    def is_of(self, other: "Quantity") -> bool:
        """Whether both name the same amount. "A few days" is any number of days; "5 мест" is no rate of 5 %, and only a
        sum is known without its unit."""
        if self.is_vague:
            return self.kind == other.kind and self.value <= other.value
        if self.kind == other.kind == "number":
            return self.written == other.written and self._counts_what(other)
        if {self.kind, other.kind} == {"number", "money"}:
            return self.written == other.written and self.written >= LEAST_SUM
        return self.kind == other.kind and self.value == other.value

    def _counts_what(self, other: "Quantity") -> bool:
        return not (self.counted and other.counted) or not self.counted.isdisjoint(other.counted)


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
        counted = _counted_words(text, end) if kind == "number" else frozenset()
        span = number.start, end
        yield Quantity(kind, number.value * factor, bound, span, number.is_word, written=number.value, counted=counted)


def _counted_words(text: str, at: int) -> frozenset[str]:
    after = _COUNTED.match(text, at)
    return frozenset(word[:_LONGEST_STEM].lower() for word in re.findall(r"\w{3,}", after[0])) if after else frozenset()


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
    """Finds units that mean one ("на год", "за час"), amounts of one word ("полгода") and vague amounts."""
    for span, bound in (dict.fromkeys(_choices(text)) | dict(_ones(text))).items():
        kind, value = _one_of(text[slice(*span)])
        yield Quantity(kind, value, bound, span, is_word=True, written=Decimal(1))
    for start, end, unit, amount in numerals.in_one_word(text):
        yield Quantity(unit, amount, _bound(text, start, end), (start, end), is_word=True, written=amount)
    for match in _VAGUE.finditer(text):
        kind, factor, end = _unit(text, match.end())
        if kind not in ("number", "times"):
            yield Quantity(kind, 2 * factor, None, (match.start(), end), True, Decimal(2), is_vague=True)


def _ones(text: str) -> Iterator[tuple[Span, str | None]]:
    for match in _ONE.finditer(text):
        group = str(next(name for name in _GROUPS_OF_ONE if match[name]))
        before = text[max(0, match.start() - 12) : match.start()]
        if (group == "within" and _A_RATE.search(before)) or (group == "free" and _OF_ALL.search(before)):
            continue
        bound = {"от": "from", "до": "to", "за": "within"}.get(match[0].split()[0].lower())
        yield match.span(group), bound


def _choices(text: str) -> Iterator[Span]:
    for match in _SEVERAL.finditer(text):
        for word in _A_TERM.finditer(match[0]):
            yield match.start() + word.start(), match.start() + word.end()


def _one_of(words: str) -> tuple[str, Decimal]:
    """The kind and the value of one unit: "неделя", "a month"."""
    kind, factor, _end = _unit(words.lower().removeprefix("a ").removeprefix("one "), 0)
    return kind, factor
