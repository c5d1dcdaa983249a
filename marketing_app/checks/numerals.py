"""Numbers in digits and in words, Russian and English: "3 000 000", "3 млн", "три миллиона", "1 млн 200 тыс."."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

_SPACE = r"[ \u00a0\u202f\u2009]"
_DIGITS = re.compile(
    rf"\d{{1,3}}(?:{_SPACE}\d{{3}})+(?!\d)(?:[.,]\d+)?|\d{{1,3}}(?:,\d{{3}})+(?![\d,])|\d{{1,3}}(?:\.\d{{3}}){{2,}}(?!\d)|\d+(?:[.,]\d+)?"
)
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?:\.\d{3}){2,}")
_PERCENT = re.compile(r"\s*%")
_NUMERALS = (
    ("1.5", "полтор[аы]|полутора"), ("1", "один|одн(?:а|у|о|ой|ого|ому|им)|one"),
    ("2", "дв(?:а|е|ух|ум|умя|ое|оих|оим)|two"),
    ("3", "три|тр(?:[её]х|[её]м|емя|ое|оих|оим)|three"),
    ("4", "четыр(?:е|[её]х|[её]м|ьмя)|четвер(?:о|ых|ым)|four"), ("5", "пят(?:ь|и|ью|еро|ерых|ерым)|five"),
    ("6", "шест(?:ь|и|ью)|six"), ("7", "сем(?:ь|и|ью)|seven"), ("8", "восем(?:ь|ью)|восьми|eight"),
    ("9", "девят(?:ь|и|ью)|nine"), ("10", "десят(?:ь|и|ью)|ten"), ("11", "одиннадцат(?:ь|и|ью)|eleven"),
    ("12", "двенадцат(?:ь|и|ью)|twelve"), ("13", "тринадцат(?:ь|и|ью)|thirteen"),
    ("14", "четырнадцат(?:ь|и|ью)|fourteen"), ("15", "пятнадцат(?:ь|и|ью)|fifteen"),
    ("16", "шестнадцат(?:ь|и|ью)|sixteen"), ("17", "семнадцат(?:ь|и|ью)|seventeen"),
    ("18", "восемнадцат(?:ь|и|ью)|eighteen"), ("19", "девятнадцат(?:ь|и|ью)|nineteen"),
    ("20", "двадцат(?:ь|и|ью)|twenty"), ("30", "тридцат(?:ь|и|ью)|thirty"), ("40", "сорока?|forty"),
    ("50", "пятьдесят|пятидесяти|fifty"), ("60", "шестьдесят|шестидесяти|sixty"),
    ("70", "семьдесят|семидесяти|seventy"), ("80", "восемьдесят|восьмидесяти|eighty"), ("90", "девяност[оа]|ninety"),
    ("100", "ст[оа]|hundred"), ("200", "двести|двухсот"), ("300", "триста|тр[её]хсот"),
    ("400", "четыреста|четыр[её]хсот"), ("500", "пятьсот|пятисот"), ("600", "шестьсот|шестисот"),
    ("700", "семьсот|семисот"), ("800", "восемьсот|восьмисот"), ("900", "девятьсот|девятисот"),
)  # fmt: skip
_NUMERAL = re.compile(
    "(?<!\\w)(?:" + "|".join(f"(?P<n{place}>{words})" for place, (_value, words) in enumerate(_NUMERALS)) + ")(?!\\w)",
    re.I,
)
_VALUES = tuple(Decimal(value) for value, _words in _NUMERALS)
_MULTIPLIERS = (
    (Decimal(10**9), re.compile(r"(?:млрд\.?|миллиард(?:а|ов|ам|у|ом)?|billion|bln)(?!\w)", re.I)),
    (Decimal(10**6), re.compile(r"(?:млн\.?|миллион(?:а|ов|ам|у|ом)?|million|mln)(?!\w)", re.I)),
    (Decimal(1000), re.compile(r"(?:тыс\.?|тысяч(?:а|и|у|е|ей|ам|ами|ах)?|thousand|[kк])(?!\w)|т\.(?=\s?р)", re.I)),
)
_WHOLES = re.compile(r"\s+цел(?:ых|ая|ой)\s+(?:и\s+)?", re.I)
_FRACTIONS = (
    (Decimal(10), re.compile(r"\s+десят(?:ая|ых|ой)(?!\w)", re.I)),
    (Decimal(100), re.compile(r"\s+сот(?:ая|ых|ой)(?!\w)", re.I)),
)
_WITH_HALF = re.compile(r"\s+(?:с половиной|and a half)(?!\w)", re.I)
_WORD = re.compile(r"\w+")
_MULTIPLIER = re.compile(r"(?:миллион|миллиард|тысяч[аиуе]|million|thousand)\w{0,2}", re.I)
_GAP = re.compile(r"[\s-]*")
_IN_ONE_WORD = re.compile(
    r"(?<!\w)(?:(?P<months>полгода|полугода|пол\s?года|half a year)|(?P<fortnight>полмесяца|полумесяца)|"
    r"(?P<millions>пол-?миллиона|half a million)|(?P<minutes>полчаса|half an hour)|"
    r"(?P<twice>вдвое|twice|дважды(?=\s+в\s))|(?P<thrice>втрое|трижды(?=\s+в\s))|"
    r"(?P<half>(?:в|на)?половину|половин[аые]|полцены|"
    r"half (?:of )?(?:the|your|its) (?:price|cost|sum|rate|payment|amount))|"
    r"(?P<third>трет[ьи]|a third of)|(?P<quarter>четверт[ьи]|четвертью|a quarter of))(?!\w)",
    re.I,
)
_MEANINGS = {
    "months": ("months", 6),
    "fortnight": ("days", 15),
    "millions": ("money", 500_000),
    "minutes": ("minutes", 30),
    "twice": ("times", 2),
    "thrice": ("times", 3),
    "half": ("percent", 50),
    "third": ("percent", 33),
    "quarter": ("percent", 25),
}
_SHARES = ("half", "third", "quarter")
LARGEST_AMOUNT = Decimal(10**15)
_A_PART = re.compile(
    r"\s+(?:дел\w?|пути|успеха|дня|недели|месяца|года|часа|жизни|победы|of the (?:work|way|day))(?!\w)", re.I
)
"""Follows a half that is no share of money: "половина дела"."""
_THE_OTHER = re.compile(r"(?:перв|втор|друг|лучш|больш|ваш|сво|мо)\w{1,3}\s+$", re.I)
"""Precedes a half that is no share of money: "в первой половине дня"."""


@dataclass(frozen=True)
class Number:
    """`is_bare_multiplier`: "миллион" that no number stands before."""

    value: Decimal
    start: int
    end: int
    is_word: bool
    is_bare_multiplier: bool = False


def numbers(text: str) -> Iterator[Number]:
    """All of them, in the order of the text."""
    end = 0
    for word in _WORD.finditer(text):
        if word.start() < end or not _begins_number(word[0]) or _goes_on(text, word):
            continue
        if number := _number(text, word.start()):
            end = number.end
            yield number


def common_multiplier(first: Decimal, last: Decimal) -> Decimal:
    """What the last number of a range lends to its first: thousands in "от 50 до 500 тысяч", nothing in
    "от 50 000 до 3 млн". Nor does a number of more digits than a decimal divides exactly."""
    for multiplier, _pattern in _MULTIPLIERS:
        if multiplier <= last < LARGEST_AMOUNT and last % multiplier == 0 and first < last / multiplier:
            return multiplier
    return Decimal(1)


def in_one_word(text: str) -> Iterator[tuple[int, int, str, Decimal]]:
    """Amounts that are one word, with their unit: where, of what, how much."""
    for match in _IN_ONE_WORD.finditer(text):
        if match.lastgroup in _SHARES and _is_a_part(text, match):
            continue
        kind, value = _MEANINGS[str(match.lastgroup)]
        yield match.start(), match.end(), kind, Decimal(value)


def _is_a_part(text: str, match: re.Match[str]) -> bool:
    """Whether a share is a share of time or part of an idiom."""
    return bool(_A_PART.match(text, match.end()) or _THE_OTHER.search(text[max(0, match.start() - 10) : match.start()]))


@lru_cache(maxsize=20_000)
def _begins_number(word: str) -> bool:
    return word[0].isdecimal() or bool(_MULTIPLIER.fullmatch(word) or _NUMERAL.fullmatch(word))


def _goes_on(text: str, word: re.Match[str]) -> bool:
    """Whether the digits continue a number after its point or comma."""
    return word[0][0].isdecimal() and text[: word.start()][-1:] in (".", ",")


def _number(text: str, start: int) -> Number | None:
    """A number with its multipliers, each smaller than the one before: "1 млн 200 тыс."."""
    total, at, greatest, is_bare = Decimal(0), start, Decimal("Infinity"), False
    is_word = not text[start].isdigit()
    while part := _part(text, at):
        value, end, multiplier, has_number = part
        is_first = at == start
        if not is_first and (multiplier >= greatest or (multiplier == 1 and not (is_word and value < greatest))):
            break
        total, greatest, is_bare = total + value * multiplier, multiplier, is_first and not has_number
        last, at = end, _skip(text, end)
        if multiplier == 1:
            break
    return None if total == 0 and is_word else Number(total, start, last, is_word, is_bare)


def _part(text: str, at: int) -> tuple[Decimal, int, Decimal, bool] | None:
    """A number and its multiplier: value, end, multiplier, whether a number stood there at all."""
    found = _digits(text, at) or _words(text, at)
    value, end = found or (Decimal(1), at)
    value, end = _with_fraction(text, value, end)
    after = _skip(text, end) if found else at
    for multiplier, pattern in _MULTIPLIERS:
        if match := pattern.match(text, after):
            return value, match.end(), multiplier, found is not None
    return (value, end, Decimal(1), True) if found else None


def _with_fraction(text: str, value: Decimal, end: int) -> tuple[Decimal, int]:
    """The fraction said after a number: "с половиной", "целых пять десятых"."""
    if half := _WITH_HALF.match(text, end):
        return value + Decimal("0.5"), half.end()
    if (wholes := _WHOLES.match(text, end)) and (numerator := _words(text, wholes.end())):
        for denominator, pattern in _FRACTIONS:
            if match := pattern.match(text, numerator[1]):
                return value + numerator[0] / denominator, match.end()
    return value, end


def _digits(text: str, at: int) -> tuple[Decimal, int] | None:
    match = _DIGITS.match(text, at)
    if match is None:
        return None
    written = re.sub(r"\s", "", match[0])
    if _GROUPED.fullmatch(written) and not _PERCENT.match(text, match.end()):
        written = re.sub(r"[.,]", "", written)
    return Decimal(written.replace(",", ".")), match.end()


def _words(text: str, at: int) -> tuple[Decimal, int] | None:
    """Numerals in a row, each smaller than the one before ("двести сорок пять"); "hundred" multiplies."""
    total, end, smallest = Decimal(0), at, Decimal("Infinity")
    while match := _NUMERAL.match(text, _skip(text, end) if total else end):
        value = _VALUES[int(str(match.lastgroup)[1:])]
        if match[0].lower() == "hundred" and 0 < total < 10:
            total, smallest = total * 100, Decimal(100)
        elif total and not _continues(smallest, value):
            break
        else:
            total, smallest = total + value, value
        end = match.end()
    return (total, end) if total else None


def _continues(before: Decimal, value: Decimal) -> bool:
    """Tens and units go on after hundreds, units after tens; nothing after units and teens."""
    return value < before and ((before >= 100 and value < 100) or (before >= 20 and value < 10))


def _skip(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap else at
