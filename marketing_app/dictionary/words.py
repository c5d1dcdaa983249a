"""A client's data in words, as a prompt has it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from ..imports.values import BadValue, normalise

LONGEST_VALUE = 120
"""Characters of a text value that a prompt takes."""

_ENDS_WITH_PERIOD = re.compile(r"\S ((?:за|in) \d+ \S+)$")


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
    is_of_a_number: bool


def words(fields: Iterable[FieldLike], values: Mapping[str, object], language: str) -> str:
    """A client's data in one line for a prompt, in the order of the fields; `language` is 'ru' or 'en'.

    A secret field is never in it, whatever its `is_in_prompt` says. Neither is a number of a client's behaviour,
    nor one that has bands: a model repeats the numbers that it sees.
    """
    said = [
        Said(_plain(field.label), word, field.type in ("integer", "decimal"))
        for field in fields
        if _may_be_said(field) and (word := word_of(field, values.get(field.key), language))
    ]
    return "; ".join(_each_period_once(said))


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
        return _amount(value, language)
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _may_be_said(field: FieldLike) -> bool:
    return field.is_in_prompt and field.sensitivity != "secret"


def _plain(text: str) -> str:
    """In one line, without the sign that parts what is said of one field from the next."""
    return " ".join(text.replace(";", ",").split())


def _each_period_once(said: Sequence[Said]) -> list[str]:
    """'за 3 месяца: операций много, покупок немного' where fields share a period: their labels make most of a prompt.

    They stand together at the place of the first.
    """
    groups: dict[str | int, list[Said]] = {}
    for position, each in enumerate(said):
        groups.setdefault(_period(each) or position, []).append(each)
    return [
        f"{group[0].label}: {group[0].word}"
        if len(group) == 1
        else f"{period}: " + ", ".join(f"{each.label[: -len(str(period)) - 1]} {each.word}" for each in group)
        for period, group in groups.items()
    ]


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


def _amount(value: float, language: str) -> str:
    russian, english = ("нет", "none") if value <= 0 else ("много", "many")
    if 0 < value <= 5:
        russian, english = "немного", "few"
    elif 5 < value <= 30:
        russian, english = "умеренно", "some"
    return russian if language == "ru" else english
