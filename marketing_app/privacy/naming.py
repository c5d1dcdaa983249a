"""How a person names clients who must not be written to: by the bank's ids, by telephones or by e-mails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..imports.ids import compared
from ..imports.roles import Role, role_of
from ..imports.values import BadValue, email, phone
from ..models import LONGEST_ID
from .marks import mark_of_email, mark_of_phone


class Kind(StrEnum):
    ID = "id"
    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True)
class Named:
    """One of them. `value` is the id, telephone or e-mail as it is compared."""

    kind: Kind
    value: str

    @property
    def identity(self) -> str:
        """By what the opt-out knows them."""
        return _IDENTITIES[self.kind](self.value)


_IDENTITIES: dict[Kind, Callable[[str], str]] = {Kind.ID: str, Kind.PHONE: mark_of_phone, Kind.EMAIL: mark_of_email}
_KINDS: dict[Role | None, Kind] = {Role.PHONE: Kind.PHONE, Role.EMAIL: Kind.EMAIL}


def kind_of_list(name: str, values: Sequence[str]) -> Kind:
    """What most values of a list are; `name` is that of their column where it has one.

    Digits alone may be either: they are telephones where they are written as one, or where the name says so.
    """
    filled = [value for value in values if value]
    return _KINDS.get(role_of(name, filled), Kind.ID) if filled else Kind.ID


def names_contacts(name: str) -> bool:
    """Whether a column of this name has telephones or e-mails."""
    return role_of(name, []) in _KINDS


def named(written: str, kind: Kind | None = None) -> Named | None:
    """Whom a word names; without a kind it is what it looks like. None where it names nobody.

    Among telephones an e-mail is one all the same, and the other way round.
    """
    kind = kind or kind_of_list("", [written])
    if kind is Kind.ID:
        value = _id(written)
        return Named(kind, value) if value else None
    for each in (kind, Kind.EMAIL, Kind.PHONE):
        if value := _contact(written, each):
            return Named(each, value)
    return None


def searched(written: str) -> str:
    """The identity, or its beginning, that a search for an opt-out means."""
    found = named(written)
    return found.identity if found else written


def _id(written: str) -> str | None:
    value = compared(written)
    return value if len(value) <= LONGEST_ID else None


def _contact(written: str, kind: Kind) -> str | None:
    try:
        return phone(written) if kind is Kind.PHONE else email(written)
    except BadValue:
        return None
