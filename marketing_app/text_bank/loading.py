"""A file of texts brought into the bank, all of it or nothing, after a look at what will be new."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ..database import db
from ..models import BankText, User
from .files import Row
from .services import Clearing, TextBankError, add_new_texts, known_texts


class BankChanged(TextBankError):
    """The file or the bank is not what was looked at any more."""


@dataclass(frozen=True)
class Plan:
    """What loading rows does. `state` stands for it: what was looked at is what is loaded."""

    added: list[Row]
    duplicate_count: int
    state: str


def plan_of(rows: Sequence[Row]) -> Plan:
    """A text that comes twice in the file, or that the bank has, even retired, is not added."""
    by_fingerprint: dict[str, Row] = {}
    for row in rows:
        by_fingerprint.setdefault(row.described.fingerprint, row)
    present = {text.fingerprint for text in known_texts(by_fingerprint)}
    added = {fingerprint: row for fingerprint, row in by_fingerprint.items() if fingerprint not in present}
    state = hashlib.sha256("\n".join([str(len(rows)), *added]).encode()).hexdigest()[:16]
    return Plan(list(added.values()), len(rows) - len(added), state)


def load_texts(rows: Sequence[Row], state: str, author: User, clearing: Clearing | None) -> list[BankText]:
    """Carry out the plan of this state. A row's own day comes before that of the `clearing`. Raises BankChanged."""
    plan = plan_of(rows)
    if plan.state != state:
        raise BankChanged
    added = add_new_texts([row.described for row in plan.added], author, clearing)
    for text, row in zip(added, plan.added, strict=True):
        if row.until and clearing:
            text.cleared_until = row.until
    db.session.flush()
    return added
