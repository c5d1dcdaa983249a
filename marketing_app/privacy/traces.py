"""What clients who are erased are known by outside their own rows: in rows that loads did not take, and in what people
typed: names of campaigns, loads and segments, conditions, notes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Row, text

from ..clients.conditions import SEARCHED, Condition, from_json, to_json
from ..clients.services import matching
from ..database import db
from ..imports.ids import LETTERS, REPLACED_BY, compared
from ..imports.values import LOCAL_DIGITS
from ..models import Campaign, Client, ClientChange, ClientImport, ClientSource, OptOut, OptOutList, Project, Segment

NAMES = (
    (Campaign, Campaign.name, Campaign.chosen),
    (ClientImport, ClientImport.source),
    (ClientSource, ClientSource.name),
)
"""Tables, each with the columns in which a project's people typed something."""
LEFT_OUT = "…"
"""Stands where a trace was. No client answers to it, so that a segment never grows by an erasure."""
SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""What loads cut off a cell's ends."""
PHONE = r"\+?\d[\d\s()./-]{8,}\d"
LEAST_DIGITS = 7
"""Of a telephone, that only few have."""
LONGEST_KEPT = 100
"""Characters of a segment's name before its number."""

# An id of digits as a spreadsheet writes it, "1002.0": a load takes the digits (see imports.values.shown).
REJECTED = r"""
    DELETE FROM client_rejection USING client_import
    WHERE client_import.id = client_rejection.import_id AND client_import.project_id = :project AND EXISTS (
        SELECT FROM jsonb_array_elements_text(cells) AS cell
        WHERE regexp_replace(btrim(translate(cell, :letters, :replaced_by), :spaces), '^(\d+)\.0$', '\1')
                = ANY(CAST(:ids AS text[]))
            OR position('@' IN cell) > 0 AND EXISTS (
                SELECT FROM regexp_matches(lower(cell), '[^\s@<>()\[\],;:"]+@[^\s@<>()\[\],;:"]+', 'g') AS found
                WHERE rtrim(found[1], '.') = ANY(CAST(:emails AS text[]))
            )
            OR length(cell) >= :local_digits AND EXISTS (
                SELECT FROM regexp_matches(cell, :phone, 'g') AS found
                WHERE right(regexp_replace(found[1], '\D', '', 'g'), :local_digits) = ANY(CAST(:phones AS text[]))
            )
    )
"""
# What is wrong with these is their id, or how the row is parted.
REJECTED_OF_NOBODY = r"""
    DELETE FROM client_rejection USING client_import LEFT JOIN LATERAL (
        SELECT CAST(planned ->> 'position' AS integer) AS position, planned ->> 'name' AS name
        FROM jsonb_array_elements(client_import.plan) AS planned WHERE planned ->> 'target' = 'client_id' LIMIT 1
    ) AS id_column ON true
    WHERE client_import.id = client_rejection.import_id AND client_import.project_id = :project AND (
        reason <> 'bad_value' OR detail = id_column.name OR coalesce(btrim(cells ->> id_column.position), '') = ''
    )
"""


@dataclass(frozen=True)
class Traces:
    """Ids as they are compared, e-mails and telephones as they are kept."""

    ids: frozenset[str]
    emails: frozenset[str]
    phones: frozenset[str]

    @property
    def phone_endings(self) -> list[str]:
        """Without the country, which people write in several ways or not at all."""
        return [phone[-LOCAL_DIGITS:] for phone in self.phones]


def traces_of(chosen: ColumnElement[bool]) -> Traces:
    """Of the chosen clients, with the contacts that loads have changed since."""
    now = db.select(Client.outside_id, Client.email, Client.phone).where(chosen)
    before = db.select(ClientChange.email, ClientChange.phone).join(Client, Client.id == ClientChange.client_id)
    rows = db.session.execute(now).all()
    contacts = [(email, phone) for _id, email, phone in rows] + list(db.session.execute(before.where(chosen)))
    return Traces(
        frozenset(outside_id for outside_id, _email, _phone in rows if outside_id),
        frozenset(email for email, _phone in contacts if email),
        frozenset(phone for _email, phone in contacts if phone),
    )


def forget_rejected(project_id: int, traces: Traces) -> None:
    """Rows that a load did not take and in which one of these ids, e-mails or telephones stands."""
    values = {
        "project": project_id,
        "letters": LETTERS,
        "replaced_by": REPLACED_BY,
        "spaces": SPACES,
        "phone": PHONE,
        "local_digits": LOCAL_DIGITS,
        "ids": list(traces.ids),
        "emails": list(traces.emails),
        "phones": traces.phone_endings,
    }
    db.session.execute(text(REJECTED), values)


def forget_rejected_of_nobody(project_id: int) -> None:
    """Rows that a load did not take and that name nobody: they may be anybody's."""
    db.session.execute(text(REJECTED_OF_NOBODY), {"project": project_id})


def forget_typed(project_id: int, traces: Traces) -> None:
    """Take the contacts of erased clients out of what people typed in the project.

    A segment that asks for one of these clients, and for nobody else, asks for nobody then.
    """
    for model, *columns in NAMES:
        for row in db.session.execute(db.select(model.id, *columns).where(model.project_id == project_id)).all():
            _change(model, row, {name: _without(said, traces) for name, said in row._mapping.items()})
    _forget_in_segments(db.session.get_one(Project, project_id), traces)
    _forget_in_notes(project_id, traces)


def _forget_in_segments(project: Project, traces: Traces) -> None:
    """The database keeps the names of a project's segments apart, so that a changed one gets its number."""
    columns = Segment.id, Segment.name, Segment.conditions
    for row in db.session.execute(db.select(*columns).filter_by(project_id=project.id)).all():
        name = _without(row.name, traces)
        kept = [_asking_no_more(each, project, traces) for each in from_json(row.conditions)]
        numbered = name if name == row.name else f"{name[:LONGEST_KEPT]} № {row.id}"
        _change(Segment, row, {"name": numbered, "conditions": to_json(kept)})


def _forget_in_notes(project_id: int, traces: Traces) -> None:
    """Those of the whole bank too. Every opt-out of a list has the list's note."""
    for row in _noted(OptOutList, project_id):
        note = _without(row.note, traces)
        if _change(OptOutList, row, {"note": note}):
            db.session.execute(db.update(OptOut).where(OptOut.list_id == row.id).values(note=note))
    for row in _noted(OptOut, project_id, OptOut.list_id.is_(None)):
        _change(OptOut, row, {"note": _without(row.note, traces)})


def _noted(model: Any, project_id: int, *where: ColumnElement[bool]) -> Sequence[Row[Any]]:
    in_reach = (model.project_id == project_id) | model.project_id.is_(None)
    return db.session.execute(db.select(model.id, model.note).where(in_reach, model.note != "", *where)).all()


def _change(model: Any, row: Row[Any], values: Mapping[str, Any]) -> bool:
    """Whether the values are others than those of the row, and so were changed."""
    changed = {name: value for name, value in values.items() if value != row._mapping[name]}
    if changed:
        db.session.execute(db.update(model).where(model.id == row.id).values(changed))
    return bool(changed)


def _asking_no_more(condition: Condition, project: Project, traces: Traces) -> Condition:
    values = (
        LEFT_OUT if _names(condition.subject, value, traces) and not _is_answered(condition, value, project) else value
        for value in condition.values
    )
    return replace(condition, values=tuple(values))


def _names(subject: str, value: str, traces: Traces) -> bool:
    """Whether the value of a condition names one client: by an id, an e-mail or a telephone, or by a good part of it,
    the part of an e-mail before the sign or some digits."""
    match subject:
        case "email":
            small = value.lower()
            return any(small in email and email.partition("@")[0] in small for email in traces.emails)
        case "phone":
            digits = re.sub(r"\D", "", value)
            return len(digits) >= LEAST_DIGITS and any(digits in phone for phone in traces.phones)
        case _ if subject == SEARCHED:
            return compared(value) in traces.ids
        case _:
            return _text_without(value, traces) != value


def _is_answered(condition: Condition, value: str, project: Project) -> bool:
    """Whether a client who is there answers to the value."""
    asked = matching(project, [replace(condition, values=(value,))])
    return db.session.scalar(db.select(Client.id).where(asked).limit(1)) is not None


def _without(said: Any, traces: Traces) -> Any:
    """A text, or all texts in JSON, without e-mails and telephones of these clients."""
    match said:
        case str():
            return _text_without(said, traces)
        case list():
            return [_without(each, traces) for each in said]
        case dict():
            return {name: _without(each, traces) for name, each in said.items()}
    return said


def _text_without(said: str, traces: Traces) -> str:
    small = said.lower()
    for email in [each for each in traces.emails if each in small] if "@" in said else ():
        said = re.sub(rf"(?<![\w.+-]){re.escape(email)}(?!\w)", LEFT_OUT, said, flags=re.IGNORECASE)
    return re.sub(PHONE, lambda run: LEFT_OUT if _has_phone(run[0], traces) else run[0], said)


def _has_phone(run: str, traces: Traces) -> bool:
    digits = re.sub(r"\D", "", run)
    return any(ending in digits for ending in traces.phone_endings)
