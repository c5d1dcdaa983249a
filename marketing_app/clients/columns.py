"""What each column of a file means: the plan a person confirms before a load."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..database import db
from ..models import ClientField, FieldType, Project, Sensitivity
from .dictionary import default_dictionary

CLIENT_ID_NAMES = frozenset({"client_id", "id", "clientid", "client", "id клиента", "номер клиента"})


class Target(StrEnum):
    """Where a column goes; a known field is written as `field:` and its key."""

    CLIENT_ID = "client_id"
    NEW_FIELD = "new"
    LEFT_OUT = "none"


FIELD_PREFIX = "field:"


@dataclass(frozen=True)
class KnownField:
    """A field of the project's dictionary, or of the one every project starts from."""

    key: str
    label: str
    type: FieldType
    codes: dict[str, str]
    sensitivity: Sensitivity
    is_in_prompt: bool


@dataclass(frozen=True)
class NewField:
    """What a person says of a column that no dictionary knows."""

    label: str
    type: FieldType
    sensitivity: Sensitivity
    is_in_prompt: bool


@dataclass(frozen=True)
class ColumnPlan:
    """One column: its place in the file from 0, its name, where it goes."""

    position: int
    name: str
    target: str
    new: NewField | None = None

    @property
    def key(self) -> str | None:
        """The key of the field it fills, None for the client's id and for what is left out."""
        if self.target.startswith(FIELD_PREFIX):
            return self.target.removeprefix(FIELD_PREFIX)
        return self.name if self.target == Target.NEW_FIELD else None


def known_fields(project: Project) -> dict[str, KnownField]:
    """Fields by key, the project's own before the general ones."""
    known = {
        field.key: KnownField(
            field.key,
            field.label_ru if project.language == "ru" else field.label_en,
            FieldType(field.type),
            dict(field.codes if project.language == "ru" else field.codes_en),
            Sensitivity(field.sensitivity),
            field.is_in_prompt and field.sensitivity != Sensitivity.SECRET,
        )
        for field in default_dictionary()
    }
    own = db.session.scalars(db.select(ClientField).filter_by(project_id=project.id).order_by(ClientField.position))
    for field in own:
        known[field.key] = KnownField(
            field.key, field.label, field.type, field.codes, field.sensitivity, field.is_in_prompt
        )
    return known


def guessed_target(name: str, known: dict[str, KnownField]) -> str:
    """A known key needs no work; the client's id is known by its usual names; the rest is for the person to say."""
    by_lower_key = {key.lower(): key for key in known}
    key = by_lower_key.get(name.strip().lower())
    if key:
        return FIELD_PREFIX + key
    return Target.CLIENT_ID if name.strip().lower() in CLIENT_ID_NAMES else Target.NEW_FIELD


def twice_used(plan: Sequence[ColumnPlan]) -> set[int]:
    """Places of columns that fill what another column before them fills already."""
    seen: set[str] = set()
    twice: set[int] = set()
    for column in plan:
        name = Target.CLIENT_ID if column.target == Target.CLIENT_ID else column.key
        if name is not None and name in seen:
            twice.add(column.position)
        if name is not None:
            seen.add(name)
    return twice
