"""What the columns of a source are likely to mean: what was said of them already, else by their names and values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..database import db
from ..dictionary.services import KnownField
from ..imports.date_order import DateOrder
from ..imports.likeness import likeness
from ..imports.profile import ColumnProfile, FindingKind, Profile
from ..models import ClientImport, ClientSource, Duplicates, FieldType, ImportState, Sensitivity
from .columns import FIELD_PREFIX, ColumnPlan, NewField, Target, from_json

PLANS_LOOKED_AT = 20
LONGEST_LABEL = 200
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


@dataclass(frozen=True)
class Match:
    """A plan for a source's columns. `gone` and `new` tell how they differ from those of which something was said.

    `is_from_load` says that the plan is that of an earlier load of the same columns.
    """

    plan: list[ColumnPlan]
    duplicates: Duplicates
    gone: list[str]
    new: list[str]
    is_from_load: bool = False


def match(source: ClientSource, seen: Profile, known: Mapping[str, KnownField]) -> Match:
    """The best guess for every column."""
    said = {column.name: column for column in from_json(source.answers.get("columns", []))}
    names = [column.name for column in seen.columns]
    duplicates = Duplicates(source.answers.get("duplicates", Duplicates.SKIP))
    is_from_load = False
    if not said and (load := _load_of_the_same(source.project_id, set(names))):
        said = {column.name: column for column in from_json(load.plan)}
        duplicates = load.duplicates
        is_from_load = True
    gone = [name for name in said if name not in names]
    new = [name for name in names if said and name not in said]
    return Match(_plan(seen, said, known), duplicates, gone, new, is_from_load)


def _plan(seen: Profile, said: Mapping[str, ColumnPlan], known: Mapping[str, KnownField]) -> list[ColumnPlan]:
    """Column by column; what one fills, a guess for another does not."""
    empty = {finding.column for finding in seen.findings if finding.kind is FindingKind.EMPTY_COLUMN}
    columns = {column.name: column for column in seen.columns}
    taken = {said[name].target for name in columns if name in said}
    labels = {key: each.label for key, each in known.items()}
    plan = []
    for position, (name, column) in enumerate(columns.items()):
        if name in said:
            plan.append(_dated(_said_of(said[name], position, known), column))
            continue
        free = {key: label for key, label in labels.items() if FIELD_PREFIX + key not in taken}
        target = _guess(column, free, taken, is_empty=name in empty)
        taken.add(target)
        new = described_by(column) if target == Target.NEW_FIELD else None
        plan.append(_dated(ColumnPlan(position, name, target, new), column))
    return plan


def _dated(plan: ColumnPlan, column: ColumnProfile) -> ColumnPlan:
    """With the order that the dates themselves tell; where they tell none, what was said of it stays."""
    is_known = column.date_order not in (None, DateOrder.UNKNOWN)
    return replace(plan, date_order=column.date_order) if is_known else plan


def described_by(column: ColumnProfile) -> NewField:
    """What can be said of a column that no dictionary knows. A name in Russian says what it means, a code does not."""
    label = column.name[:LONGEST_LABEL] if CYRILLIC.search(column.name) else ""
    return NewField(label, FieldType(column.type), Sensitivity.PERSONAL, is_in_prompt=False)


def _said_of(column: ColumnPlan, position: int, known: Mapping[str, KnownField]) -> ColumnPlan:
    """A field that was new is in the dictionary once it was loaded; one that was taken out of it is to be described."""
    if column.target == Target.NEW_FIELD and column.name in known:
        return replace(column, position=position, target=FIELD_PREFIX + column.name, new=None)
    if column.target.startswith(FIELD_PREFIX) and column.key not in known:
        new = NewField("", FieldType.TEXT, Sensitivity.PERSONAL, is_in_prompt=False)
        return ColumnPlan(position, column.name, Target.NEW_FIELD, new)
    return replace(column, position=position)


def _guess(column: ColumnProfile, labels: Mapping[str, str], taken: set[str], is_empty: bool) -> str:
    if column.role and column.role.value not in taken:
        return Target(column.role.value)
    key = likeness(column.name, labels)
    if key is not None:
        return FIELD_PREFIX + key
    return Target.LEFT_OUT if is_empty else Target.NEW_FIELD


def _load_of_the_same(project_id: int, names: set[str]) -> ClientImport | None:
    """The newest finished load of the same columns."""
    query = db.select(ClientImport).filter_by(project_id=project_id, state=ImportState.FINISHED)
    newest = db.session.scalars(query.order_by(ClientImport.id.desc()).limit(PLANS_LOOKED_AT)).all()
    return next((load for load in newest if {column["name"] for column in load.plan} == names), None)


def identifies(plan: list[ColumnPlan]) -> bool:
    """Whether a column is the client's id."""
    return any(column.target == Target.CLIENT_ID for column in plan)
