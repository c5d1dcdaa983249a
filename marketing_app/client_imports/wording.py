"""Why a file cannot be read or a row not loaded, in sentences that say what to do."""

from flask_babel import format_decimal
from flask_babel import gettext as _

from ..imports import errors
from . import services
from .rejections import Reason

MEGABYTE = 2**20


def refusal(error: errors.SourceError) -> str:
    """What is wrong with a file, and what to do about it."""
    match error:
        case errors.EncryptedFile():
            return _("The file is protected by a password. Save it without one and upload it again.")
        case errors.EmptySource():
            return _("The file is empty. Choose one with a header and at least one client.")
        case errors.HeaderOnly():
            return _("The file has a header and no clients under it.")
        case errors.TooManyBytes():
            return _(
                "The file is larger than %(n)s MB. Split it into several.", n=format_decimal(error.limit // MEGABYTE)
            )
        case errors.UnpacksTooLarge():
            return _("The file unpacks to far more than a table of clients does, so it was not opened.")
        case errors.TooManyColumns():
            return _(
                "The file has %(n)s columns, at most %(limit)s are read. Remove those you do not need.",
                n=format_decimal(error.size),
                limit=format_decimal(error.limit),
            )
        case errors.TooManyRows():
            return _("The file has more than %(n)s rows. Split it into several.", n=format_decimal(error.limit - 1))
        case errors.DuplicateColumns():
            return _("These columns come more than once: %(names)s. Rename them.", names=", ".join(error.names))
        case errors.UnnamedColumns():
            places = ", ".join(str(place) for place in error.positions)
            return _("These columns have no name in the first row: %(places)s. Name them.", places=places)
        case _:
            return _("This is not an xlsx file, or it is damaged. Save the table as .xlsx and upload it again.")


def rejection(reason: str, detail: str) -> str:
    """Why a row was not loaded."""
    match Reason(reason):
        case Reason.EMPTY:
            return _("The row has no data in the chosen columns.")
        case Reason.LONG_ID:
            return _("The client's id is longer than 120 characters.")
        case Reason.BAD_VALUE:
            return _("The value in the column “%(name)s” is not of its field's type.", name=detail)
        case Reason.TOO_WIDE:
            return _("The row has more cells than the table has columns.")


def stands_against(error: services.LoadError) -> str:
    """Why something cannot be done with a load."""
    match error:
        case services.ImportInUse():
            return _(
                "Offers were written for clients of this load, so it stays. A manager may erase it with its offers."
            )
        case services.SourceNotReady():
            return _("The rows are still being fetched. Load them when all are here.")
        case services.AlreadyLoading():
            return _("This source is being loaded already.")
        case _:
            return _("The load has moved on meanwhile. Look at its page again.")
