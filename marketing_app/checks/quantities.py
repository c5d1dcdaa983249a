"""Numbers with their units, as people write them in Russian and English, brought to one form."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from .findings import Span

_SPACE = r"[ \u00a0\u202f\u2009]"
_DIGITS = rf"\d{{1,3}}(?:{_SPACE}\d{{3}})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
_WORDS = {
    "полтора": "1.5", "полторы": "1.5", "один": "1", "одна": "1", "одну": "1", "одного": "1", "два": "2", "две": "2",
    "двух": "2", "три": "3", "трёх": "3", "трех": "3", "четыре": "4", "четырёх": "4", "четырех": "4", "пять": "5",
    "пяти": "5", "шесть": "6", "шести": "6", "семь": "7", "семи": "7", "восемь": "8", "восьми": "8", "девять": "9",
    "девяти": "9", "десять": "10", "десяти": "10", "двенадцать": "12", "двенадцати": "12", "пятнадцать": "15",
    "пятнадцати": "15", "двадцать": "20", "двадцати": "20", "тридцать": "30", "тридцати": "30", "сорок": "40",
    "пятьдесят": "50", "пятидесяти": "50", "шестьдесят": "60", "сто": "100", "ста": "100", "двести": "200",
    "триста": "300", "пятьсот": "500", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10", "twelve": "12", "twenty": "20", "thirty": "30",
    "fifty": "50", "hundred": "100",
}  # fmt: skip
_MULTIPLIERS = (
    (re.compile(r"тыс\.?|тысяч\w*|k\b|thousand", re.I), Decimal(1000)),
    (re.compile(r"млн\.?|миллион\w*|million|mln", re.I), Decimal(10**6)),
    (re.compile(r"млрд\.?|миллиард\w*|billion|bln", re.I), Decimal(10**9)),
)
_UNITS = (
    ("percent", Decimal(1), r"%|процент\w*|percent|per cent"),
    ("money", Decimal(1), r"₽|руб(?:\.|л\w+)?(?!\w)|р\.|rub\w*|roubles?"),
    ("months", Decimal(12), r"лет(?!\w)|год(?:а|у|ом|ов|ы)?(?!\w)|years?(?!\w)"),
    ("months", Decimal(1), r"мес(?:\.|яц\w*)?(?!\w)|months?(?!\w)"),
    (
        "days",
        Decimal(1),
        r"(?:(?:рабоч|календарн)\w+ )?(?:дн(?:я|ей|ям|ях|и|ю|евн\w+)(?!\w)|день(?!\w)|суток|сутки|days?(?!\w))",
    ),
    ("days", Decimal(7), r"недел\w+|weeks?(?!\w)"),
    ("minutes", Decimal(1), r"мин(?:\.|ут\w*)?(?!\w)|minutes?(?!\w)"),
    ("minutes", Decimal(60), r"час(?:а|ов|у)?(?!\w)|hours?(?!\w)"),
    ("grams", Decimal(1), r"г(?:рамм\w*)?(?![\w.])|grams?(?!\w)"),
)
_UNIT_PATTERNS = tuple((kind, factor, re.compile(pattern, re.I)) for kind, factor, pattern in _UNITS)
_FROM = r"от|с|не менее|не ниже|минимум|from|at least"
_TO = r"до|по|не более|не выше|максимум|максимально|up to|at most|to|till"
_BOUND = rf"(?:(?P<low>{_FROM})|(?P<high>{_TO}))"
_NUMBER = re.compile(
    rf"(?:(?<!\w){_BOUND}{_SPACE}+)?(?P<number>(?<![\w.,]){_DIGITS}|(?<!\w)(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})(?!\w))",
    re.IGNORECASE,
)
_ALONE = re.compile(
    rf"(?:(?<!\w){_BOUND}{_SPACE}+)?(?<!\w)(?P<word>полгода|миллион\w*|миллиард\w*|тысяч[аиуе]?|half a year|a million)(?!\w)",
    re.IGNORECASE,
)
_ALONE_VALUES = (
    (re.compile("полгода|half", re.I), "months", Decimal(6)),
    (re.compile("миллион|million", re.I), "number", Decimal(10**6)),
    (re.compile("миллиард", re.I), "number", Decimal(10**9)),
    (re.compile("тысяч", re.I), "number", Decimal(1000)),
)
_GAP = re.compile(rf"{_SPACE}*-?{_SPACE}*")


@dataclass(frozen=True)
class Quantity:
    """A number with its unit: `kind` is percent, money, months, days, minutes, grams or number (no unit). `bound` is
    "from", "to" or None. `is_word` says that it stood there as a word."""

    kind: str
    value: Decimal
    bound: str | None
    span: Span
    is_word: bool = False

    def is_of(self, other: "Quantity") -> bool:
        """Whether both name the same amount. What has no unit may be of any."""
        return self.value == other.value and (self.kind == other.kind or "number" in (self.kind, other.kind))


@lru_cache(maxsize=512)
def quantities(text: str) -> tuple[Quantity, ...]:
    """All of them, in the order of the text. A number word without a unit ("один из лучших") is none."""
    return tuple(_found(text))


def _found(text: str) -> Iterator[Quantity]:
    end = 0
    for match in _NUMBER.finditer(text):
        start = match.start("number")
        if start < end:
            continue
        written = match["number"]
        is_word = written.lower() in _WORDS
        value = Decimal(_WORDS[written.lower()] if is_word else _plain(written))
        at, factor = _multiplier(text, match.end())
        kind, scale, at = _unit(text, at)
        if is_word and kind == "number" and factor == 1:
            continue
        end = at
        yield Quantity(kind, value * factor * scale, _bound(match), (start, at), is_word)
    yield from _alone(text)


def _alone(text: str) -> Iterator[Quantity]:
    """Words that are amounts by themselves, unless a number stands before them."""
    for match in _ALONE.finditer(text):
        if _is_counted(text[: match.start("word")]):
            continue
        for pattern, kind, value in _ALONE_VALUES:
            if pattern.match(match["word"].removeprefix("a ")):
                unit, scale, at = _unit(text, match.end()) if kind == "number" else (kind, Decimal(1), match.end())
                yield Quantity(unit, value * scale, _bound(match), (match.start("word"), at), is_word=True)
                break


def _is_counted(before: str) -> bool:
    words = before.split()
    return bool(words) and (words[-1][-1].isdigit() or words[-1].lower() in _WORDS)


def _plain(written: str) -> str:
    return re.sub(r"\s", "", written).replace(",", ".")


def _multiplier(text: str, at: int) -> tuple[int, Decimal]:
    after = _skip(text, at)
    for pattern, factor in _MULTIPLIERS:
        if found := pattern.match(text, after):
            return found.end(), factor
    return at, Decimal(1)


def _unit(text: str, at: int) -> tuple[str, Decimal, int]:
    after = _skip(text, at)
    for kind, factor, pattern in _UNIT_PATTERNS:
        if found := pattern.match(text, after):
            return kind, factor, found.end()
    return "number", Decimal(1), at


def _skip(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap else at


def _bound(match: re.Match[str]) -> str | None:
    if match["low"]:
        return "from"
    return "to" if match["high"] else None
