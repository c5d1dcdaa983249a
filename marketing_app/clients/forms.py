"""What a person says on the pages of clients. The state of the list lives in its URL."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from ..models import Client, ClientField
from .conditions import (
    SEARCHED,
    Condition,
    Kind,
    Operator,
    Problem,
    Subject,
    from_arguments,
    problem,
    to_arguments,
)
from .queries import Order

COLUMNS_SHOWN = 6
MOST_COLUMNS = 500
LONGEST_NAME = 120


class SegmentForm(FlaskForm):
    """The conditions come beside it, as the address of the list has them."""

    name = StringField(
        _l("Name of the segment"),
        [
            DataRequired(_l("Give the segment a name.")),
            Length(max=LONGEST_NAME, message=_l("At most %(max)d characters.")),
        ],
        filters=[lambda text: (text or "").strip()],
    )


@dataclass(frozen=True)
class Box:
    """A condition as the filter shows it: what it is about, what was typed, what is wrong with that."""

    condition: Condition
    subject: Subject | None
    problem: Problem | None

    @property
    def key(self) -> str:
        """Of the field whose examples help to fill it: a text's, or the codes that no dictionary knows."""
        return self.subject.key if self.subject and self.subject.kind in (Kind.TEXT, Kind.CHOICE) else ""

    @property
    def arguments(self) -> dict[str, list[str]]:
        """What a box that can only be taken away carries on, lest it vanish unseen."""
        return to_arguments([self.condition])


@dataclass(frozen=True)
class ListState:
    """Which clients are asked for, which columns of them are shown and in what order."""

    conditions: tuple[Condition, ...]
    columns: tuple[str, ...]
    order: Order
    segment_id: int | None

    @classmethod
    def of(cls, sent: Mapping[str, Sequence[str]]) -> "ListState":
        """As an address or a form says it. A column or an order that there is not counts as unsaid."""
        order = next(iter(sent.get("order", ())), "")
        segment = next(iter(sent.get("segment", ())), "")
        without = set(sent.get("without", ()))
        search = next(iter(sent.get("search", ())), "").strip()
        if "search" in sent:
            without.add(SEARCHED)
        searched = [Condition(SEARCHED, Operator.BEGINS, (search,))] if search else []
        return cls(
            (*searched, *(each for each in from_arguments(sent) if each.subject not in without)),
            tuple(dict.fromkeys(sent.get("column", ())))[:MOST_COLUMNS],
            Order(order) if order in set(Order) else Order.LOADED,
            int(segment) if segment.isascii() and segment.isdigit() and len(segment) < 10 else None,
        )

    @property
    def complete(self) -> tuple[Condition, ...]:
        """The conditions that ask something already."""
        return tuple(each for each in self.conditions if each.is_complete)

    @property
    def search(self) -> str:
        return next((each.values[0] for each in self.conditions if each.subject == SEARCHED and each.values), "")

    @property
    def asked(self) -> dict[str, list[str]]:
        """The conditions for an address or hidden fields of a form."""
        return to_arguments(self.complete)

    @property
    def look(self) -> dict[str, Any]:
        """What else there is to say of the list; what is as usual is left out."""
        kept: dict[str, Any] = {"column": list(self.columns)} if self.columns else {}
        if self.order is not Order.LOADED:
            kept["order"] = self.order.value
        if self.segment_id:
            kept["segment"] = self.segment_id
        return kept

    @property
    def arguments(self) -> dict[str, Any]:
        """All of it for an address."""
        return self.asked | self.look

    def shown(self, fields: Collection[ClientField], clients: Sequence[Client]) -> list[ClientField]:
        """The fields that are columns: the chosen ones in the dictionary's order, else its first of which one of these
        clients has a value."""
        if chosen := [each for each in fields if each.key in self.columns]:
            return chosen
        filled = [each for each in fields if any(each.key in client.data for client in clients)]
        return (filled or [*fields])[:COLUMNS_SHOWN]

    def boxes(self, subjects: Mapping[str, Subject], added: str = "") -> list[Box]:
        """The filter's boxes, and an empty one for a subject that is `added`; the search has its own place."""
        conditions = [each for each in self.conditions if each.subject != SEARCHED]
        if added in subjects and added not in {each.subject for each in conditions}:
            operator = subjects[added].operators[0]
            conditions.append(Condition(added, operator))
        return [Box(each, subjects.get(each.subject), problem(each, subjects.get(each.subject))) for each in conditions]
