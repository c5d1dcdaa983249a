"""Changes to the text bank: add, rewrite (while unused), clear, retire and restore a text."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_

from ..database import db
from ..models import AuditEntry, BankText, Message, Offer, ProductKind, TextRole, User


class TextBankError(Exception):
    """Something that the rules of the text bank do not allow."""


class AlreadyThere(TextBankError):
    """The bank has the same text for the same offers; it may be retired."""

    def __init__(self, text: BankText) -> None:
        super().__init__(text.id)
        self.text = text


class NeedsAdministrator(TextBankError):
    """An administrator cleared or retired the text, or another person proposed it."""


class WordsAreFixed(TextBankError):
    """The text was used in an offer, or comes with the program: what was cleared and used must stay readable."""


@dataclass(frozen=True)
class Described:
    """The words of a text, and for which offers they are. None means any."""

    role: TextRole
    language: str
    text: str
    kind: ProductKind | None = None
    product_id: int | None = None
    channel_id: int | None = None

    @property
    def fingerprint(self) -> str:
        """The same for texts that differ only in spaces and capital letters."""
        words = " ".join(self.text.lower().split())
        purpose = (self.role, self.language, self.kind or "", self.product_id or "", self.channel_id or "")
        return hashlib.sha256("\x1f".join([*map(str, purpose), words]).encode()).hexdigest()

    @property
    def columns(self) -> dict[str, Any]:
        return {
            "role": self.role,
            "language": self.language,
            "kind": self.kind,
            "product_id": self.product_id,
            "sale_channel_id": self.channel_id,
            "text": self.text,
            "fingerprint": self.fingerprint,
        }


@dataclass(frozen=True)
class Clearing:
    """That a text may be used from now on, until the end of a day or without an end."""

    until: date | None = None


def described(text: BankText) -> Described:
    return Described(text.role, text.language, text.text, text.kind, text.product_id, text.sale_channel_id)


def add_text(asked: Described, author: User, clearing: Clearing | None) -> BankText:
    """Raises AlreadyThere."""
    known = known_texts([asked.fingerprint])
    if known:
        raise AlreadyThere(known[0])
    return add_new_texts([asked], author, clearing)[0]


def add_new_texts(asked: Sequence[Described], author: User, clearing: Clearing | None) -> list[BankText]:
    """Add texts that the bank does not have yet. The database refuses one that somebody adds at the same moment."""
    added = [BankText(author_id=author.id, **each.columns) for each in asked]
    for text in added:
        if clearing:
            _clear(text, author, clearing)
    db.session.add_all(added)
    db.session.flush()
    for text in added:
        _record("create", text, author, {"cleared": [None, clearing is not None]})
    return added


def write_anew(text: BankText, asked: Described, author: User, clearing: Clearing | None) -> BankText:
    """Replace a text that no offer used by a new one with other words or another purpose, with a clearing of its own.

    An offer that is being finished with the old text at this moment gets another. Raises AlreadyThere, WordsAreFixed,
    NeedsAdministrator.
    """
    _lock(text)
    refusal = why_fixed(text, author)
    if refusal:
        raise refusal
    known = [each for each in known_texts([asked.fingerprint]) if each.id != text.id]
    if known:
        raise AlreadyThere(known[0])
    _record("delete", text, author, {})
    db.session.delete(text)
    db.session.flush()
    return add_text(asked, author, clearing)


def why_fixed(text: BankText, author: User) -> TextBankError | None:
    """The reason why a person may not rewrite a text, or None. Managers may rewrite their own proposals until an
    administrator has decided about them."""
    if text.is_ours or _was_used(text):
        return WordsAreFixed()
    is_own_proposal = text.author_id == author.id and not text.cleared_at and not text.is_retired
    return None if author.is_administrator or is_own_proposal else NeedsAdministrator()


def clear_text(text: BankText, author: User, clearing: Clearing) -> None:
    """Let offers be finished with it; for a text that is cleared already, change until when."""
    _lock(text)
    was = {"cleared_until": _said(text.cleared_until), "cleared_by_id": text.cleared_by_id}
    _clear(text, author, clearing)
    changes = {"cleared_until": [was["cleared_until"], _said(clearing.until)]}
    _record("clear", text, author, changes | {"cleared_by_id": [was["cleared_by_id"], author.id]})
    db.session.flush()


def retire_text(text: BankText, author: User) -> None:
    """No offer gets it from now on. Waits for transactions that are finishing an offer with it."""
    _lock(text)
    if not text.is_retired:
        text.retired_at = func.now()
        _record("retire", text, author, {})
    db.session.flush()


def bring_back_text(text: BankText, author: User) -> None:
    """Undo retire_text. The text may be used again if its clearing has not expired."""
    _lock(text)
    if text.is_retired:
        text.retired_at = None
        _record("bring back", text, author, {})
    db.session.flush()


def known_texts(fingerprints: Collection[str]) -> Sequence[BankText]:
    return db.session.scalars(db.select(BankText).where(BankText.fingerprint.in_(fingerprints))).all()


def _was_used(text: BankText) -> bool:
    """In the present text of an offer, or in a message of its conversation."""
    uses = (
        db.select(table.id).where(or_(table.finished_with_id == text.id, table.opened_with_id == text.id)).limit(1)
        for table in (Offer, Message)
    )
    return any(db.session.scalar(query) for query in uses)


def _clear(text: BankText, author: User, clearing: Clearing) -> None:
    text.cleared_at, text.cleared_by_id, text.cleared_until = func.now(), author.id, clearing.until


def _lock(text: BankText) -> None:
    """Read the text again and lock its row until this transaction ends."""
    db.session.refresh(text, with_for_update={"of": BankText})


def _record(action: str, text: BankText, author: User, changes: dict[str, Any]) -> None:
    db.session.add(AuditEntry.about(text, action, author, changes))


def _said(day: date | None) -> str | None:
    return day.isoformat() if day else None
