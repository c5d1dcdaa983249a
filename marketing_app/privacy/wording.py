"""The clients' rights in words."""

from collections.abc import Collection

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ..models import OptOut, OptOutSource
from . import marks
from .naming import Kind

LONGEST_SHOWN = 40
"""Characters of an id in a list."""

SOURCES = {
    OptOutSource.COLUMN: _l("a load’s column"),
    OptOutSource.FILE: _l("a file"),
    OptOutSource.HAND: _l("by hand"),
}


def opted_out(added: int, asked: int) -> str:
    """What came of keeping people out."""
    if not added:
        return _("Nobody was added: all of them are opted out already.")
    sentence = ngettext("%(n)s opt-out was added.", "%(n)s opt-outs were added.", added, n=format_decimal(added))
    there = asked - added
    if not there:
        return sentence
    rest = ngettext("%(n)s was there already.", "%(n)s were there already.", there, n=format_decimal(there))
    return f"{sentence} {rest}"


def unknown_here(count: int, kinds: Collection[Kind]) -> str:
    """Of those who were kept out, how many nobody here is; `kinds` are how they were named."""
    n = format_decimal(count)
    if set(kinds) == {Kind.ID}:
        return ngettext(
            "%(n)s id is of no client of this project: see how the bank writes it, capitals too."
            " It is kept, for when it comes with a load.",
            "%(n)s ids are of no client of this project: see how the bank writes them, capitals too."
            " They are kept, for when they come with a load.",
            count,
            n=n,
        )
    return ngettext(
        "%(n)s of them is of no client of this project. It is kept, for when it comes with a load.",
        "%(n)s of them are of no client of this project. They are kept, for when they come with a load.",
        count,
        n=n,
    )


def named(entry: OptOut) -> str:
    """Whom an opt-out is of."""
    sign, data = entry.identity[:1], entry.identity[1:9]
    match sign:
        case "#":
            return _("without an id (%(data)s…)", data=data)
        case marks.PHONE if marks.is_mark(entry.identity):
            return _("a phone number (%(data)s…)", data=data)
        case marks.EMAIL if marks.is_mark(entry.identity):
            return _("an e-mail (%(data)s…)", data=data)
        case _:
            return entry.identity if len(entry.identity) <= LONGEST_SHOWN else f"{entry.identity[:LONGEST_SHOWN]}…"


def counted(kind: Kind, count: int) -> str:
    """How many people a file names, by what."""
    n = format_decimal(count)
    match kind:
        case Kind.PHONE:
            return ngettext("%(n)s phone number in the file", "%(n)s phone numbers in the file", count, n=n)
        case Kind.EMAIL:
            return ngettext("%(n)s e-mail in the file", "%(n)s e-mails in the file", count, n=n)
        case _:
            return ngettext("%(n)s id in the file", "%(n)s ids in the file", count, n=n)


def left_out(kind: Kind, count: int) -> str:
    """How many rows of a file name nobody."""
    n = format_decimal(count)
    match kind:
        case Kind.PHONE:
            return ngettext(
                "%(n)s row is left out: there is no phone number in it",
                "%(n)s rows are left out: there is no phone number in them",
                count,
                n=n,
            )
        case Kind.EMAIL:
            return ngettext(
                "%(n)s row is left out: there is no e-mail in it",
                "%(n)s rows are left out: there is no e-mail in them",
                count,
                n=n,
            )
        case _:
            return ngettext(
                "%(n)s row is left out: there is no id in it",
                "%(n)s rows are left out: there is no id in them",
                count,
                n=n,
            )


def list_undone(count: int) -> str:
    return ngettext(
        "The list is undone: %(n)s opt-out is lifted.",
        "The list is undone: %(n)s opt-outs are lifted.",
        count,
        n=format_decimal(count),
    )


def load_erased(count: int) -> str:
    return ngettext(
        "The load is erased with its %(n)s client and everything made of them.",
        "The load is erased with its %(n)s clients and everything made of them.",
        count,
        n=format_decimal(count),
    )


def load_runs() -> str:
    return _("The load is still bringing clients, so it cannot be erased. Cancel it first, or wait until it has ended.")
