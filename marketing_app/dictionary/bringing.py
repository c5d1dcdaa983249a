"""Bringing fields into a project's dictionary, from another project's or from a file."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..database import db
from ..models import Project, User
from ..projects.services import must_be_active
from .editing import DictionaryError, lock_dictionary, overwrite, record, state_of
from .rules import Part
from .services import KnownField, add_fields, as_known, fields_of


class DictionaryChanged(DictionaryError):
    """What was to be brought, or where, is not any more what was looked at."""


@dataclass(frozen=True)
class Difference:
    """One part of a field, as it is and as it would be."""

    part: Part
    before: KnownField
    after: KnownField


@dataclass(frozen=True)
class Plan:
    """What bringing fields does. `state` stands for all that was looked at: fields brought and the project's own."""

    added: list[KnownField]
    changed: list[tuple[KnownField, list[Difference]]]
    untouched_count: int
    state: str

    @property
    def does_something(self) -> bool:
        return bool(self.added or self.changed)


def differences(before: KnownField, after: KnownField) -> list[Difference]:
    return [Difference(part, before, after) for part in Part if getattr(before, part) != getattr(after, part)]


def plan_of(project: Project, brought: Sequence[KnownField], is_overwriting: bool) -> Plan:
    """Adds what the project has not; what it has under the same key stays unless it is to be overwritten."""
    present = {own.key: as_known(own) for own in fields_of(project)}
    added = [each for each in brought if each.key not in present]
    changed = [
        (each, different)
        for each in brought
        if is_overwriting and each.key in present and (different := differences(present[each.key], each))
    ]
    untouched = len(brought) - len(added) - len(changed)
    return Plan(added, changed, untouched, state_of(*present.values(), *brought))


def bring(project: Project, brought: Sequence[KnownField], is_overwriting: bool, state: str, author: User) -> Plan:
    """Carry out the plan of this state. Raises DictionaryChanged when it would be another one by now."""
    must_be_active(project)
    lock_dictionary(project)
    db.session.expire_all()
    plan = plan_of(project, brought, is_overwriting)
    if plan.state != state:
        raise DictionaryChanged
    before = {own.key: own for own in fields_of(project)}
    for each, _differences in plan.changed:
        overwrite(before[each.key], each, author)
    add_fields(project, plan.added)
    for own in fields_of(project):
        if own.key not in before:
            record("create", own, author, {})
    return plan
