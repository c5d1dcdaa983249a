"""What people send about clients: a file, and what its columns mean."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired

from ..models import FieldType, Sensitivity
from .columns import FIELD_PREFIX, ColumnPlan, KnownField, NewField, Target, guessed_target, twice_used

E = TypeVar("E", bound=StrEnum)


class UploadForm(FlaskForm):
    file = FileField(_l("Spreadsheet"), [FileRequired(_l("Choose a file."))])


class ColumnsForm(FlaskForm):
    """One choice per column. The number of columns is the file's, so their fields are read by name:
    `target-3`, `label-3`, `type-3`, `sensitivity-3`, `prompt-3` are those of the fourth column."""

    undescribed = NewField("", FieldType.TEXT, Sensitivity.PERSONAL, False)

    def read(self, columns: Sequence[str], known: Mapping[str, KnownField], sent: Mapping[str, str]) -> None:
        self.known = known
        self.plan = [self._column(position, name, sent) for position, name in enumerate(columns)]
        self.problems: dict[int, str] = {}

    def check(self) -> bool:
        """Whether the plan can be carried out; `problems` says by column what stands against it."""
        for column in self.plan:
            problem = self._problem(column)
            if problem:
                self.problems[column.position] = problem
        for position in twice_used(self.plan):
            self.problems[position] = _("Another column fills this already. Choose one of them.")
        if not any(column.key for column in self.plan):
            self.problems[0] = _("No column is chosen. Choose what at least one of them means.")
        return not self.problems

    def _column(self, position: int, name: str, sent: Mapping[str, str]) -> ColumnPlan:
        target = sent.get(f"target-{position}") or guessed_target(name, dict(self.known))
        if target != Target.NEW_FIELD:
            return ColumnPlan(position, name, target)
        new = NewField(
            sent.get(f"label-{position}", "").strip()[:200],
            _member(FieldType, sent.get(f"type-{position}"), FieldType.TEXT),
            _member(Sensitivity, sent.get(f"sensitivity-{position}"), Sensitivity.PERSONAL),
            f"prompt-{position}" in sent,
        )
        return ColumnPlan(position, name, target, new)

    def _problem(self, column: ColumnPlan) -> str:
        if column.target.startswith(FIELD_PREFIX) and column.key not in self.known:
            return _("There is no such field.")
        if column.target not in set(Target) and not column.target.startswith(FIELD_PREFIX):
            return _("There is no such choice.")
        if column.new is None:
            return ""
        if len(column.name) > 120:
            return _("The column's name is longer than 120 characters. Leave it out, or rename it in the file.")
        if not column.new.label:
            return _("Say what the column means, or leave it out.")
        if column.new.sensitivity is Sensitivity.SECRET and column.new.is_in_prompt:
            return _("A secret field never goes into a prompt.")
        return ""


def _member(enumeration: type[E], value: str | None, default: E) -> E:
    return enumeration(value) if value in {member.value for member in enumeration} else default
