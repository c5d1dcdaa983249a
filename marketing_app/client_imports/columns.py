"""What each column of a source means: the plan that a person confirms before a load."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..imports.date_order import DateOrder
from ..imports.values import MONTH_FIRST
from ..models import FieldType, Sensitivity

FIELD_PREFIX = "field:"


class Target(StrEnum):
    """Where a column goes; a field that the dictionary knows is written as `field:` and its key."""

    CLIENT_ID = "client_id"
    EMAIL = "email"
    PHONE = "phone"
    OPT_OUT = "opt_out"
    NEW_FIELD = "new"
    LEFT_OUT = "none"


CONTACTS = (Target.EMAIL, Target.PHONE)
NAMED_ONCE = (Target.CLIENT_ID, Target.EMAIL, Target.PHONE, Target.OPT_OUT)


@dataclass(frozen=True)
class NewField:
    """What a person says of a column that no dictionary knows."""

    label: str
    type: FieldType
    sensitivity: Sensitivity
    is_in_prompt: bool


@dataclass(frozen=True)
class ColumnPlan:
    """One column: its place in the source from 0, its name, where it goes, how its dates are to be read."""

    position: int
    name: str
    target: str
    new: NewField | None = None
    date_order: DateOrder | None = None

    @property
    def key(self) -> str | None:
        """The key of the field it fills; None for what is no field: id, contacts, opt-out, what is left out."""
        if self.target.startswith(FIELD_PREFIX):
            return self.target.removeprefix(FIELD_PREFIX)
        return self.name if self.target == Target.NEW_FIELD else None


def type_of(column: ColumnPlan, field_type: FieldType) -> str:
    """What values.normalise is to make of the column's values for a field of that type."""
    is_month_first = field_type is FieldType.DATE and column.date_order is DateOrder.MONTH_FIRST
    return MONTH_FIRST if is_month_first else field_type.value


def twice_used(plan: Sequence[ColumnPlan]) -> set[int]:
    """Places of columns that fill what another column before them fills already."""
    seen: set[str] = set()
    twice: set[int] = set()
    for column in plan:
        name = column.target if column.target in NAMED_ONCE else column.key
        if name is None:
            continue
        if name in seen:
            twice.add(column.position)
        seen.add(name)
    return twice


def to_json(plan: Sequence[ColumnPlan]) -> list[dict[str, Any]]:
    return [
        {
            "position": column.position,
            "name": column.name,
            "target": column.target,
            "new": vars(column.new) if column.new else None,
            "date_order": column.date_order,
        }
        for column in plan
    ]


def from_json(kept: Sequence[Mapping[str, Any]]) -> list[ColumnPlan]:
    return [
        ColumnPlan(
            column["position"],
            column["name"],
            column["target"],
            _new_field(column["new"]),
            DateOrder(column["date_order"]) if column.get("date_order") else None,
        )
        for column in kept
    ]


def _new_field(kept: Mapping[str, Any] | None) -> NewField | None:
    if kept is None:
        return None
    return NewField(
        kept["label"], FieldType(kept["type"]), Sensitivity(kept["sensitivity"]), bool(kept["is_in_prompt"])
    )
