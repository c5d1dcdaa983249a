"""The clients' rights in words."""

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ..models import OptOutSource

SOURCES = {
    OptOutSource.COLUMN: _l("a load’s column"),
    OptOutSource.FILE: _l("a file of ids"),
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


def unknown_here(count: int) -> str:
    return ngettext(
        "%(n)s id is of no client of this project: see how the bank writes it, capitals too."
        " It is kept, for when it comes with a load.",
        "%(n)s ids are of no client of this project: see how the bank writes them, capitals too."
        " They are kept, for when they come with a load.",
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
