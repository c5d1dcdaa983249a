"""Conditions as the database asks them of the table of clients.

There is no index on a client's data: it would cost the loading of a million rows more than it gives here. One scan over
the project's rows, which the index on (project_id, ...) finds, answers any mix of conditions for 100,000 clients in 20
to 80 ms; only the beginning of an outside id has an index of its own.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal, or_
from sqlalchemy.dialects.postgresql import JSONB

from ..imports.ids import compared
from ..models import Client
from ..privacy.services import opted_out
from .conditions import Condition, Kind, Operator, Subject, ends, problem_of


def expression(
    project_id: int, conditions: Collection[Condition], subjects: Mapping[str, Subject]
) -> ColumnElement[bool]:
    """Of Client: one of the project's, of whom all the conditions are true."""
    asked = [each for each in conditions if each.is_complete]
    if problem_of(asked, subjects):
        return false()
    return and_(
        Client.project_id == project_id, *(_expression(project_id, each, subjects[each.subject]) for each in asked)
    )


def is_shown_as(beginning: str) -> ColumnElement[bool]:
    """Of Client: whether what pages call the client begins so: the bank's id, without one our own number.

    One index on the project's clients finds the ids, another those without one.
    """
    begins = Client.outside_id.startswith(compared(beginning), autoescape=True)
    if not (beginning.isascii() and beginning.isdigit()):
        return begins
    return begins | Client.outside_id.is_(None) & Client.shown_id.startswith(beginning)


def _expression(project_id: int, condition: Condition, subject: Subject) -> ColumnElement[bool]:
    match subject.name:
        case "opted_out":
            refused = opted_out(project_id)
            return refused if condition.operator is Operator.YES else ~refused
        case "load":
            return Client.import_id.in_([int(value) for value in condition.values if _may_be_key(value)])
        case "client_id":
            return is_shown_as(condition.values[0])
    value = Client.data[subject.key].astext if subject.key else _CONTACTS[subject.name]
    match condition.operator:
        case Operator.EMPTY:
            return value.is_(None)
        case Operator.FILLED:
            return value.is_not(None)
        case Operator.BETWEEN_OR_EMPTY | Operator.ONE_OF_OR_EMPTY:
            return or_(_asked(condition, subject, value), value.is_(None))
    return _asked(condition, subject, value)


_CONTACTS: dict[str, Any] = {"email": Client.email, "phone": Client.phone}


def _may_be_key(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 10


def _asked(condition: Condition, subject: Subject, value: ColumnElement[str]) -> ColumnElement[bool]:
    return _ASKED[subject.kind](condition, subject, value)


def _of_numbers(condition: Condition, subject: Subject, _value: ColumnElement[str]) -> ColumnElement[bool]:
    """JSON compares numbers as numbers, and puts every other type on one side of them: between two numbers there is no
    text that the field kept from before it was a number, beyond one there may be."""
    low, high = ends(condition, subject.kind)
    # Written data['key'] it counts as cheaper than project_id = 1, and would be tried on other projects' rows first.
    kept: ColumnElement[Any] = Client.data.op("->", return_type=JSONB())(subject.key)
    bounds = [kept >= literal(low, JSONB)] if low is not None else []
    bounds += [kept <= literal(high, JSONB)] if high is not None else []
    return and_(*bounds) if len(bounds) == 2 else and_(*bounds, func.jsonb_typeof(kept) == "number")


def _of_dates(condition: Condition, subject: Subject, value: ColumnElement[str]) -> ColumnElement[bool]:
    """Dates are kept as ISO writes them, some with a time: in the order of their letters, the last day whole."""
    low, high = ends(condition, subject.kind)
    letters = value.collate("C")
    bounds = [letters >= low.isoformat()] if low is not None else []
    bounds += [letters < (high + timedelta(days=1)).isoformat()] if high is not None and high < date.max else []
    return and_(*bounds, letters.regexp_match(r"^\d{4}-\d\d-\d\d"))


def _of_choices(condition: Condition, subject: Subject, value: ColumnElement[str]) -> ColumnElement[bool]:
    return value.in_(sorted(subject.of_one_word(condition.values)))


def _of_texts(condition: Condition, _subject: Subject, value: ColumnElement[str]) -> ColumnElement[bool]:
    """Capitals do not matter. This collation knows the capitals of every alphabet, and takes a third of the time."""
    asked = [func.lower(literal(each).collate("pg_c_utf8")) for each in condition.values]
    small = func.lower(value.collate("pg_c_utf8"))
    if condition.operator is Operator.CONTAINS:
        return or_(*(func.strpos(small, each) > 0 for each in asked))
    return small.in_(asked)


_ASKED: dict[Kind, Callable[[Condition, Subject, ColumnElement[str]], ColumnElement[bool]]] = {
    Kind.NUMBER: _of_numbers,
    Kind.DATE: _of_dates,
    Kind.CHOICE: _of_choices,
    Kind.TEXT: _of_texts,
}
