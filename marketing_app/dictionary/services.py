"""The data dictionary of a project: which fields its clients have, what they mean, what a prompt may say of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..database import db
from ..models import ClientField, FieldType, Project, Sensitivity
from .standard import default_dictionary


@dataclass(frozen=True)
class KnownField:
    """A field of the project's dictionary, or of the one every project starts from."""

    key: str
    label: str
    type: FieldType
    codes: dict[str, str]
    sensitivity: Sensitivity
    is_in_prompt: bool
    bands: list[dict[str, Any]] = field(default_factory=list)
    lowest: str = ""
    highest: str = ""


def known_fields(project: Project) -> dict[str, KnownField]:
    """Fields by key, the project's own before the general ones."""
    known = {standard.key: standard for standard in standard_fields(project.language)}
    return known | {own.key: as_known(own) for own in fields_of(project)}


def as_known(own: ClientField) -> KnownField:
    """What a field of a project says, apart from its row."""
    return KnownField(
        own.key,
        own.label,
        own.type,
        own.codes,
        own.sensitivity,
        own.is_in_prompt,
        own.bands,
        own.lowest,
        own.highest,
    )


def fields_of(project: Project) -> Sequence[ClientField]:
    """The project's own dictionary, in its order."""
    query = db.select(ClientField).filter_by(project_id=project.id)
    return db.session.scalars(query.order_by(ClientField.position, ClientField.id)).all()


def standard_fields(language: str) -> list[KnownField]:
    """The dictionary from which every project starts, in 'ru' or 'en'."""
    return [
        KnownField(
            each.key,
            each.label_ru if language == "ru" else each.label_en,
            FieldType(each.type),
            dict(each.codes if language == "ru" else each.codes_en),
            Sensitivity(each.sensitivity),
            each.is_in_prompt and each.sensitivity != Sensitivity.SECRET,
            lowest=each.lowest,
            highest=each.highest,
        )
        for each in default_dictionary()
    ]


def begin_dictionary(project: Project) -> None:
    """Give a new project the standard dictionary."""
    add_fields(project, standard_fields(project.language))


def add_fields(project: Project, fields: Iterable[KnownField]) -> None:
    """Put those of the fields into the project's dictionary that it has not, after what is there."""
    present = fields_of(project)
    known = {own.key for own in present}
    new = [each for each in fields if each.key not in known]
    for position, each in enumerate(new, start=present[-1].position + 1 if present else 0):
        db.session.add(ClientField(project_id=project.id, position=position, **vars(each)))
    db.session.flush()
