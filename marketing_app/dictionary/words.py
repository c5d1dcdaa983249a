"""A client's data in words, as a prompt has it."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from ..imports.values import BadValue, normalise

LONGEST_VALUE = 120
"""Characters of a text value that a prompt takes."""

_ENDS_WITH_PERIOD = re.compile(r"\S ((?:за|in) \d+ \S+)$")
_LENGTH_OF_TIME = re.compile(r"(?:месяц|недел|дней|дня|лет|год|month|week|day|year)\w*\s", re.IGNORECASE)
"""Begins the label of a field that counts time. Zero months ago is a recent event and not an absence."""
_AMOUNTS = {"ru": ("нет", "немного", "немало", "много"), "en": ("none", "few", "some", "many")}
_ABSENT = frozenset({"нет", "none", "no"})
_AND = {"ru": "и", "en": "and"}


class FieldLike(Protocol):
    """What words() needs of a field; a project's ClientField is one."""

    @property
    def key(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def codes(self) -> Mapping[str, Any]: ...
    @property
    def bands(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def sensitivity(self) -> str: ...
    @property
    def is_in_prompt(self) -> bool: ...


class Said(NamedTuple):
    """What a prompt says of one field. The words of a number are short enough to stand in a row with others."""

    label: str
    word: str
    is_of_a_number: bool = False
    is_wanted: bool = False

    @property
    def is_absence(self) -> bool:
        return self.word.lower() in _ABSENT


def words(fields: Iterable[FieldLike], values: Mapping[str, object], language: str, first: Collection[str] = ()) -> str:
    """A client's data in one line for a prompt. The fields whose keys are `first` begin, the others follow in their own
    order, and what a client does not have comes last.

    A secret field is never in it, whatever its `is_in_prompt` says. Neither is a number of a client's behaviour,
    nor one that has bands: a model repeats the numbers that it sees.
    """
    shortened = _each_period_once(list(_said(fields, values, language, first)), language)
    return _in_one_line(sorted(shortened, key=lambda each: (not each.is_wanted, each.is_absence)))


def long_words(fields: Iterable[FieldLike], values: Mapping[str, object], language: str) -> str:
    """The data field by field, which shows how much the short form saves."""
    return _in_one_line(_said(fields, values, language))


def word_of(field: FieldLike, raw: object, language: str) -> str:
    """What stands for a value of the field; empty where nothing is said of it."""
    try:
        value = normalise(raw, field.type)
    except BadValue:
        return ""  # a field whose type was changed after a load: what it cannot mean is not said
    if value is None:
        return ""
    if field.bands:
        return band_words(field.bands, value)
    if field.type == "code":
        return _plain(str(field.codes.get(str(value), "")))
    if isinstance(value, str):
        return _plain(value)[:LONGEST_VALUE]
    if field.key == "age":
        return _years(int(value), language)
    if field.sensitivity == "behaviour":
        return _amount(field, value, language)
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _may_be_said(field: FieldLike) -> bool:
    return field.is_in_prompt and field.sensitivity != "secret"


def _plain(text: str) -> str:
    """In one line, without the sign that parts what is said of one field from the next."""
    return " ".join(text.replace(";", ",").split())


def _said(
    fields: Iterable[FieldLike], values: Mapping[str, object], language: str, first: Collection[str] = ()
) -> Iterator[Said]:
    for field in fields:
        if _may_be_said(field) and (word := word_of(field, values.get(field.key), language)):
            yield Said(_plain(field.label), word, field.type in ("integer", "decimal"), field.key in first)


def _in_one_line(said: Iterable[Said]) -> str:
    return "; ".join(f"{each.label}: {each.word}" for each in said)


def _each_period_once(said: Sequence[Said], language: str) -> list[Said]:
    """Joins fields that share a period, because their labels make up most of a prompt: 'за 3 месяца: много операций и
    покупок, немного переводов'.

    They stand together at the place of the first. Absent ones are left out unless all are absent: then the first field,
    or a wanted one, stands for all.
    """
    groups: dict[str | int, list[Said]] = {}
    for position, each in enumerate(said):
        groups.setdefault(_period(each) or position, []).append(each)
    return [_as_one(str(period), group, language) for period, group in groups.items()]


def _as_one(period: str, group: Sequence[Said], language: str) -> Said:
    present = [each for each in group if not each.is_absence]
    if len(present) < 2:
        return next((each for each in present or group if each.is_wanted), (present or group)[0])
    alike: dict[str, list[str]] = {}
    for each in sorted(present, key=lambda one: -_rank(one.word, language)):
        alike.setdefault(each.word, []).append(each.label.removesuffix(f" {period}"))
    said = ", ".join(_amount_of(labels, word, language) for word, labels in alike.items())
    return Said(period, said, is_wanted=any(each.is_wanted for each in present))


def _amount_of(labels: Sequence[str], word: str, language: str) -> str:
    """Puts the amount before its fields, 'много операций и покупок', and a figure or a band's words after them."""
    *others, last = labels
    several = f"{', '.join(others)} {_AND[language]} {last}" if others else last
    return f"{word} {several}" if word in _AMOUNTS[language] else f"{several} {word}"


def _rank(word: str, language: str) -> int:
    """Figures and the words of bands come before our own words for amounts."""
    ranks = _AMOUNTS[language]
    return ranks.index(word) if word in ranks else len(ranks)


def _period(said: Said) -> str | None:
    found = _ENDS_WITH_PERIOD.search(said.label) if said.is_of_a_number else None
    return found and found[1]


def band_words(bands: Sequence[Mapping[str, Any]], value: str | float) -> str:
    """The words of the first band that reaches up to the value; a value that is no number is in none."""
    if isinstance(value, str):
        return ""
    return next((_plain(band["words"]) for band in bands if band["upto"] is None or value <= band["upto"]), "")


def _years(count: int, language: str) -> str:
    if language != "ru":
        return f"{count} year" if count == 1 else f"{count} years"
    if count % 10 == 1 and count % 100 != 11:
        return f"{count} год"
    if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14):
        return f"{count} года"
    return f"{count} лет"


def _amount(field: FieldLike, value: float, language: str) -> str:
    none, few, some, many = _AMOUNTS[language]
    if value <= 0 and not _LENGTH_OF_TIME.match(field.label):
        return none
    if value <= 5:
        return few
    return some if value <= 30 else many
