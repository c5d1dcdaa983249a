"""Conditions on clients: what a filter asks, as the URL and a segment have it (see `matching` for the database).

A condition is about a subject: a field of the project's dictionary, named "data.age", or one of the few things that
every client has. Values stay as they were typed, so that a page can show a wrong one again. A condition with a problem,
such as a field that was removed from the dictionary since, matches nobody: who is unsure writes to no one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import islice
from typing import Any

from ..imports.values import BadValue, normalise, typed_number
from ..models import ClientField, FieldType

OF_DATA = "data."
SEARCHED = "client_id"
MOST_CONDITIONS = 20
MOST_VALUES = 30
LONGEST_VALUE = 120


class Kind(StrEnum):
    """What decides how a subject is asked for."""

    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    TEXT = "text"
    IDENTITY = "identity"
    FLAG = "flag"


class Operator(StrEnum):
    """UNKNOWN is any word of an address that means nothing to us; it fits no subject."""

    BETWEEN = "between"
    BETWEEN_OR_EMPTY = "between_or_empty"
    ONE_OF = "one_of"
    ONE_OF_OR_EMPTY = "one_of_or_empty"
    CONTAINS = "contains"
    BEGINS = "begins"
    EMPTY = "empty"
    FILLED = "filled"
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> "Operator":
        return cls.UNKNOWN


class Problem(StrEnum):
    """Why a condition matches nobody."""

    GONE = "gone"
    MISFIT = "misfit"
    NO_NUMBER = "no_number"
    NO_DATE = "no_date"
    UPSIDE_DOWN = "upside_down"
    TOO_MANY_VALUES = "too_many_values"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"


RANGES = frozenset({Operator.BETWEEN, Operator.BETWEEN_OR_EMPTY})
WITHOUT_VALUES = frozenset({Operator.EMPTY, Operator.FILLED, Operator.YES, Operator.NO})
_RANGE = (Operator.BETWEEN, Operator.BETWEEN_OR_EMPTY, Operator.EMPTY, Operator.FILLED)
_LIST = (Operator.ONE_OF, Operator.ONE_OF_OR_EMPTY, Operator.EMPTY, Operator.FILLED)
_TEXT = (Operator.ONE_OF, Operator.CONTAINS, Operator.EMPTY, Operator.FILLED)
_KINDS = {
    FieldType.INTEGER: (Kind.NUMBER, _RANGE),
    FieldType.DECIMAL: (Kind.NUMBER, _RANGE),
    FieldType.DATE: (Kind.DATE, _RANGE),
    FieldType.CODE: (Kind.CHOICE, _LIST),
    FieldType.TEXT: (Kind.TEXT, _TEXT),
}


@dataclass(frozen=True)
class Subject:
    """What a condition can be about. `label` is a field's own; the others are named by the wording."""

    name: str
    kind: Kind
    operators: tuple[Operator, ...]
    label: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Of the field in a client's data; empty for what is not there."""
        return self.name.removeprefix(OF_DATA) if self.name.startswith(OF_DATA) else ""

    @property
    def boxes(self) -> dict[str, str]:
        """Choices to tick, by value: one for all codes of one word, as "м" and "0" may mean the same. The names of
        loads are not such words."""
        if not self.key:
            return dict(self.choices)
        first: dict[str, str] = {}
        for code, word in self.choices.items():
            first.setdefault(word, code)
        return {code: word for word, code in first.items()}

    def of_one_word(self, values: Collection[str]) -> set[str]:
        """These choices, and those that a person cannot tell from them."""
        words = {self.choices[value] for value in values if self.key and value in self.choices}
        return {*values, *(code for code, word in self.choices.items() if word in words)}


@dataclass(frozen=True)
class Condition:
    """`values` are the two ends of a range, either of them maybe empty, or everything that a list allows."""

    subject: str
    operator: Operator
    values: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether it asks anything yet: a filter that was just added does not."""
        return self.operator in WITHOUT_VALUES or any(self.values)

    @property
    def low(self) -> str:
        return self.values[0] if self.operator in RANGES and self.values else ""

    @property
    def high(self) -> str:
        return self.values[1] if self.operator in RANGES and self.values else ""


def subjects_of(fields: Iterable[ClientField], loads: Mapping[str, str]) -> dict[str, Subject]:
    """By name, in the order in which they are offered. `loads` are the names of the project's loads by id."""
    own = [
        Subject(SEARCHED, Kind.IDENTITY, (Operator.BEGINS,)),
        Subject("load", Kind.CHOICE, (Operator.ONE_OF,), choices=loads),
        Subject("email", Kind.TEXT, _TEXT),
        Subject("phone", Kind.TEXT, _TEXT),
        Subject("opted_out", Kind.FLAG, (Operator.YES, Operator.NO)),
    ]
    return {each.name: each for each in (*(_subject(each) for each in fields), *own)}


def _subject(known: ClientField) -> Subject:
    kind, operators = _KINDS[known.type]
    if kind is Kind.CHOICE and not known.codes:
        kind, operators = Kind.TEXT, _TEXT  # nothing to choose from: codes without words are typed
    return Subject(f"{OF_DATA}{known.key}", kind, operators, known.label, known.codes)


def from_arguments(sent: Mapping[str, Sequence[str]]) -> tuple[Condition, ...]:
    """The conditions of an address or a form: "how." and a subject say the operator, other parts bring the values.

    One condition or value more than there may be is kept of them, for which `problem_of` refuses all.
    """
    names = (name.partition(".") for name in sent)
    subjects = islice((subject for part, _point, subject in names if part == "how" and subject), MOST_CONDITIONS + 1)
    asked = [(subject, Operator(sent[f"how.{subject}"][0])) for subject in subjects]
    return tuple(Condition(subject, operator, _values(operator, subject, sent)) for subject, operator in asked)


def _values(operator: Operator, subject: str, sent: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    if operator in WITHOUT_VALUES:
        return ()
    if operator in RANGES:
        ends = [next(iter(_clean(*sent.get(f"{end}.{subject}", ()))), "") for end in ("from", "to")]
        return tuple(ends) if any(ends) else ()
    lines = [line for text in sent.get(f"lines.{subject}", ()) for line in text.splitlines()]
    return tuple(dict.fromkeys(_clean(*sent.get(f"is.{subject}", ()), *lines)))[: MOST_VALUES + 1]


def _clean(*texts: str) -> list[str]:
    """Those that say something."""
    return [text.strip() for text in texts if text.strip()]


def to_arguments(conditions: Iterable[Condition]) -> dict[str, list[str]]:
    """What `from_arguments` reads."""
    sent: dict[str, list[str]] = {}
    for each in conditions:
        sent[f"how.{each.subject}"] = [each.operator.value]
        if each.operator in RANGES:
            sent |= {f"{end}.{each.subject}": [value] for end, value in zip(("from", "to"), each.values, strict=False)}
        elif each.values:
            sent[f"is.{each.subject}"] = list(each.values)
    return sent


def to_json(conditions: Iterable[Condition]) -> list[dict[str, Any]]:
    return [{"subject": each.subject, "operator": each.operator.value, "values": [*each.values]} for each in conditions]


def from_json(kept: Iterable[Mapping[str, Any]]) -> tuple[Condition, ...]:
    """What `to_json` gave."""
    return tuple(Condition(each["subject"], Operator(each["operator"]), tuple(each["values"])) for each in kept)


def problem(condition: Condition, subject: Subject | None) -> Problem | None:
    """`subject` is None when there is none of that name any more."""
    if subject is None:
        return Problem.GONE
    if condition.operator not in subject.operators:
        return Problem.MISFIT
    if len(condition.values) > MOST_VALUES:
        return Problem.TOO_MANY_VALUES
    if any(len(value) > LONGEST_VALUE for value in condition.values):
        return Problem.TOO_LONG
    return _problem_of_range(condition, subject.kind) if condition.operator in RANGES else None


def _problem_of_range(condition: Condition, kind: Kind) -> Problem | None:
    try:
        low, high = ends(condition, kind)
    except ValueError:
        return Problem.NO_NUMBER if kind is Kind.NUMBER else Problem.NO_DATE
    return Problem.UPSIDE_DOWN if low is not None and high is not None and low > high else None


def ends(condition: Condition, kind: Kind) -> tuple[Any, Any]:
    """Both ends of a range as numbers or days, None for an open one. Raises ValueError."""
    read = typed_number if kind is Kind.NUMBER else day
    low, high = (read(value) if value else None for value in (condition.low, condition.high))
    return low, high


def day(text: str) -> date:
    """As people write it; a time of day does not matter. Raises BadValue, a ValueError."""
    value = normalise(text, "date")
    if not isinstance(value, str):
        raise BadValue(text, "date")
    return date.fromisoformat(value[:10])


def problem_of(conditions: Collection[Condition], subjects: Mapping[str, Subject]) -> Problem | None:
    """The first one of a filter as a whole."""
    if len(conditions) > MOST_CONDITIONS:
        return Problem.TOO_MANY
    found = (problem(each, subjects.get(each.subject)) for each in conditions)
    return next((each for each in found if each), None)


def described(condition: Condition, subject: Subject) -> dict[str, Any]:
    """A condition with what its words are made of, in JSON: a campaign keeps it, whatever the dictionary becomes."""
    return {
        "subject": subject.name,
        "label": subject.label,
        "kind": subject.kind.value,
        "operator": condition.operator.value,
        "values": [str(subject.choices.get(value, value)) for value in condition.values],
    }
