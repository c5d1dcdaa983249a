"""Conditions and segments in words, for pages in either language."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from babel.lists import format_list
from flask_babel import format_date, format_decimal, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ..dictionary.services import fields_of
from ..imports.values import typed_number
from ..models import ImportState, Project
from . import services
from .conditions import (
    LONGEST_VALUE,
    MOST_CONDITIONS,
    MOST_VALUES,
    OF_DATA,
    Condition,
    Kind,
    Operator,
    Problem,
    Subject,
    day,
    described,
    problem,
)
from .queries import Order

LOAD_STATES = {
    ImportState.WAITING: _l("Waiting"),
    ImportState.READING: _l("Reading the rows"),
    ImportState.PLACING: _l("Putting the clients in their place"),
    ImportState.INTERRUPTED: _l("Interrupted"),
    ImportState.FAILED: _l("Failed"),
    ImportState.CANCELLED: _l("Cancelled"),
}
"""Of loads that have not come to a good end: a finished one is told by its numbers."""

OWN_LABELS = {
    "client_id": _l("client id"),
    "load": _l("load"),
    "email": _l("e-mail"),
    "phone": _l("phone"),
    "opted_out": _l("opted out"),
}
OPERATORS = {
    Operator.BETWEEN: _l("from … to …"),
    Operator.BETWEEN_OR_EMPTY: _l("from … to …, or no value"),
    Operator.ONE_OF: _l("is one of"),
    Operator.ONE_OF_OR_EMPTY: _l("is one of, or no value"),
    Operator.CONTAINS: _l("contains one of"),
    Operator.EMPTY: _l("has no value"),
    Operator.FILLED: _l("has a value"),
    Operator.YES: _l("yes"),
    Operator.NO: _l("no"),
}
ORDERS = {Order.LOADED: _l("As they were loaded"), Order.CLIENT_ID: _l("By client id")}


def label_of(subject: Subject) -> str:
    return subject.label or str(OWN_LABELS[subject.name])


def sentence(conditions: Iterable[Condition], subjects: Mapping[str, Subject]) -> str:
    """All of a filter in one line: "age from 30 to 45; owns a car: yes"."""
    return "; ".join(condition_words(each, subjects.get(each.subject)) for each in conditions)


def filter_words(project: Project, conditions: Iterable[Condition]) -> str:
    return sentence(conditions, services.asked_subjects(project, fields_of(project)))


def condition_words(condition: Condition, subject: Subject | None) -> str:
    if subject is None or problem(condition, subject):
        name = label_of(subject) if subject else condition.subject.removeprefix(OF_DATA)
        return _("“%(field)s”, which cannot be asked any more, so nobody matches", field=name)
    return said(described(condition, subject))


def said(kept: Mapping[str, Any]) -> str:
    """What `described` kept, in words."""
    operator = Operator(kept["operator"])
    label = kept["label"] or str(OWN_LABELS[kept["subject"]])
    values = [_shown(value, Kind(kept["kind"])) if value else "" for value in kept["values"]]
    match operator:
        case Operator.BETWEEN:
            return _range(label, *values)
        case Operator.BETWEEN_OR_EMPTY:
            return _("%(condition)s, or no value", condition=_range(label, *values))
        case Operator.ONE_OF:
            return _("%(field)s: %(value)s", field=label, value=_any_of(values))
        case Operator.ONE_OF_OR_EMPTY:
            return _("%(field)s: %(value)s, or no value", field=label, value=_any_of(values))
        case Operator.CONTAINS:
            return _(
                "%(field)s contains %(value)s",
                field=label,
                value=_any_of([_("“%(value)s”", value=value) for value in values]),
            )
        case Operator.BEGINS:
            return _("%(field)s begins with “%(value)s”", field=label, value=values[0])
        case Operator.EMPTY:
            return _("%(field)s: no value", field=label)
        case Operator.FILLED:
            return _("%(field)s: any value", field=label)
    return _("%(field)s: %(value)s", field=label, value=OPERATORS[operator])


def _range(label: str, low: str, high: str) -> str:
    if low and high:
        return _("%(field)s from %(low)s to %(high)s", field=label, low=low, high=high)
    if low:
        return _("%(field)s from %(low)s", field=label, low=low)
    return _("%(field)s up to %(high)s", field=label, high=high)


def _any_of(values: list[str]) -> str:
    return format_list(values, style="or", locale=get_locale())


def _shown(value: str, kind: Kind) -> str:
    if kind is Kind.NUMBER:
        return format_decimal(typed_number(value))
    return format_date(day(value), "short") if kind is Kind.DATE else value


def problem_words(found: Problem) -> str:
    """What is wrong with a condition, and what to do."""
    match found:
        case Problem.GONE:
            return _("The field is no longer in the dictionary, so nobody matches. Remove this condition.")
        case Problem.MISFIT:
            return _("The field is of another type now, so nobody matches. Remove this condition and add it anew.")
        case Problem.NO_NUMBER:
            return _("Type numbers of at most 15 digits, such as 30 or 45.5.")
        case Problem.NO_DATE:
            return _("Type days, such as 2024-12-31.")
        case Problem.UPSIDE_DOWN:
            return _("The first value is above the second one. Exchange them.")
        case Problem.TOO_MANY_VALUES:
            return _("At most %(max)d values.", max=MOST_VALUES)
        case Problem.TOO_LONG:
            return _("At most %(max)d characters in a value.", max=LONGEST_VALUE)
        case Problem.TOO_MANY:
            return _("At most %(max)d conditions, so nobody matches. Remove some.", max=MOST_CONDITIONS)


def segment_refusal(error: services.SegmentError) -> str:
    match error:
        case services.NameTaken():
            return _("There is a segment of this name already. Choose another name.")
        case services.BadConditions():
            return problem_words(error.problem)
        case _:
            return _("Add a filter first: a segment of all clients would say nothing.")


def shown_date(value: str) -> str:
    """A date of a client's data as people read it; what is none stays as it is."""
    try:
        return format_date(date.fromisoformat(value[:10]))
    except ValueError:
        return value
