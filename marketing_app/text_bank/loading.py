"""Load a file of texts into the bank after a preview: all of its new texts, or none."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ..database import db
from ..models import BankText, User
from .files import Row
from .services import Clearing, TextBankError, add_new_texts, known_texts


class BankChanged(TextBankError):
    """The file or the text bank changed since the preview."""


@dataclass(frozen=True)
class Plan:
    """What loading rows does. `state` is a hash of it: a load is refused when the preview showed another plan."""

    added: list[Row]
    duplicate_count: int
    state: str

    @property
    def day_count(self) -> int:
        """Rows that say until when they are cleared."""
        return sum(row.until is not None for row in self.added)


def plan_of(rows: Sequence[Row]) -> Plan:
    """A text that the bank has, even a retired one, and a repeated row of the file are not added."""
    by_fingerprint: dict[str, Row] = {}
    for row in rows:
        by_fingerprint.setdefault(row.described.fingerprint, row)
    present = {text.fingerprint for text in known_texts(by_fingerprint)}
    added = {fingerprint: row for fingerprint, row in by_fingerprint.items() if fingerprint not in present}
    state = hashlib.sha256("\n".join([str(len(rows)), *added]).encode()).hexdigest()[:16]
    return Plan(list(added.values()), len(rows) - len(added), state)


def load_texts(rows: Sequence[Row], state: str, author: User, clearing: Clearing | None) -> list[BankText]:
    """Add the texts of the plan with this state. A row's own day replaces that of the `clearing`; without a clearing it
    is not kept, which the preview says. Raises BankChanged."""
    plan = plan_of(rows)
    if plan.state != state:
        raise BankChanged
    added = add_new_texts([row.described for row in plan.added], author, clearing)
    for text, row in zip(added, plan.added, strict=True):
        if row.until and clearing:
            text.cleared_until = row.until
    db.session.flush()
    return added
