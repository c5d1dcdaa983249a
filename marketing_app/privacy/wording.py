"""The clients' rights in words."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

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
    sentence = ngettext("%(num)d opt-out was added.", "%(num)d opt-outs were added.", added)
    there = asked - added
    if not there:
        return sentence
    return f"{sentence} " + ngettext("%(num)d was there already.", "%(num)d were there already.", there)


def load_runs() -> str:
    return _("The load is still bringing clients, so it cannot be erased. Cancel it first, or wait until it has ended.")
