"""A client's data in words, as a prompt has it."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from ..imports.values import BadValue, normalise

LONGEST_VALUE = 120
"""Characters of a text value that a prompt takes."""


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
    def sensitivity(self) -> str: ...
    @property
    def is_in_prompt(self) -> bool: ...


def words(fields: Iterable[FieldLike], values: Mapping[str, object], language: str) -> str:
    """A client's data in one line for a prompt, in the order of the fields; `language` is 'ru' or 'en'.

    A secret field is never in it, whatever its `is_in_prompt` says. Neither is a number of a client's behaviour:
    a model repeats the numbers that it sees.
    """
    said = ((field.label, _word(field, values.get(field.key), language)) for field in fields if _may_be_said(field))
    return "; ".join(f"{label}: {word}" for label, word in said if word)


def _may_be_said(field: FieldLike) -> bool:
    return field.is_in_prompt and field.sensitivity != "secret"


def _word(field: FieldLike, raw: object, language: str) -> str:
    try:
        value = normalise(raw, field.type)
    except BadValue:
        return ""  # a field whose type was changed after a load: what it cannot mean is not said
    if value is None:
        return ""
    if field.type == "code":
        return str(field.codes.get(str(value), ""))
    if isinstance(value, str):
        return " ".join(value.replace(";", ",").split())[:LONGEST_VALUE]
    if field.key == "age":
        return _years(int(value), language)
    if field.sensitivity == "behaviour":
        return _amount(value, language)
    return f"{value:.2f}".rstrip("0").rstrip(".")


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
