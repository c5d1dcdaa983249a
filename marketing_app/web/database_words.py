"""Troubles of the database in words: what happened, and what to do."""

from flask_babel import gettext as _

from ..database_errors import Trouble


def advice_on(trouble: Trouble) -> tuple[str, str]:
    """A title and an advice."""
    known = {
        Trouble.AWAY: (
            _("The database does not answer"),
            _("Nothing was lost that had been saved. Try again in a minute; if it lasts, call your administrator."),
        ),
        Trouble.NO_CONNECTION: (
            _("The database has no free connection"),
            _(
                "Too many people or programs use it at this moment. Nothing was changed. Try again in a minute;"
                " if it lasts, ask your administrator to allow more connections."
            ),
        ),
        Trouble.DISK_FULL: (
            _("The database’s disk is full"),
            _(
                "Nothing of this was stored, and nothing was lost that had been saved."
                " Ask your administrator to free space on the database’s disk, then try again."
            ),
        ),
        Trouble.OVERLOADED: (
            _("The database has too little memory or working space for this"),
            _("Nothing was changed. Ask for less at a time, or try again later; if it lasts, call your administrator."),
        ),
        Trouble.LOCKED: (
            _("Somebody else is changing the same at this moment"),
            _("Nothing of yours was changed. Wait a few seconds, reload the page and try again."),
        ),
        Trouble.TOO_SLOW: (
            _("The database did not finish this in time"),
            _("Nothing was changed. Ask for less at a time, or try again later; if it lasts, call your administrator."),
        ),
        Trouble.READ_ONLY: (
            _("The database can only be read at present"),
            _(
                "Nothing of this was stored. You can go on looking at pages. Ask your administrator when the database"
                " takes changes again, then try again."
            ),
        ),
        Trouble.BAD_VALUE: (
            _("A number or a text is not one that can be stored"),
            _("Nothing was changed. Go back, look for a number that is far too large, and try again."),
        ),
    }
    refused = (
        _("The database refused to store this"),
        _("Nothing was changed. Ask your administrator to look into the log."),
    )
    return known.get(trouble, refused)
