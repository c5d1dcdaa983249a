"""Why a file cannot be read or a row not loaded, in sentences that say what to do."""

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ..imports import spreadsheet
from ..models import FieldType, Sensitivity
from .loading import Rejection

MEGABYTE = 2**20

TYPES = {
    FieldType.TEXT: _l("text"),
    FieldType.INTEGER: _l("whole number"),
    FieldType.DECIMAL: _l("number"),
    FieldType.CODE: _l("code"),
    FieldType.DATE: _l("date"),
}
SENSITIVITIES = {
    Sensitivity.OPEN: _l("open"),
    Sensitivity.PERSONAL: _l("personal"),
    Sensitivity.BEHAVIOUR: _l("behaviour"),
    Sensitivity.SECRET: _l("secret, never in a prompt"),
}


def refusal(error: spreadsheet.SpreadsheetError) -> str:
    """What is wrong with a file, and what to do about it."""
    match error:
        case spreadsheet.EncryptedSpreadsheet():
            return _("The file is protected by a password. Save it without one and upload it again.")
        case spreadsheet.EmptySpreadsheet():
            return _("The file is empty. Choose one with a header and at least one client.")
        case spreadsheet.HeaderOnly():
            return _("The file has a header and no clients under it.")
        case spreadsheet.FileTooLarge():
            return _(
                "The file is larger than %(n)s MB. Split it into several.", n=format_decimal(error.limit // MEGABYTE)
            )
        case spreadsheet.UnpacksTooLarge():
            return _("The file unpacks to far more than a table of clients does, so it was not opened.")
        case spreadsheet.TooManyColumns():
            return _(
                "The file has %(n)s columns, at most %(limit)s are read. Remove those you do not need.",
                n=format_decimal(error.count),
                limit=format_decimal(error.limit),
            )
        case spreadsheet.TooManyRows():
            return _("The file has more than %(n)s rows. Split it into several.", n=format_decimal(error.limit - 1))
        case spreadsheet.DuplicateColumns():
            return _("These columns come more than once: %(names)s. Rename them.", names=", ".join(error.names))
        case spreadsheet.UnnamedColumns():
            places = ", ".join(str(place) for place in error.positions)
            return _("These columns have no name in the first row: %(places)s. Name them.", places=places)
        case _:
            return _("This is not an xlsx file, or it is damaged. Save the table as .xlsx and upload it again.")


def rejection(reason: str, detail: str) -> str:
    """Why a row was not loaded."""
    match Rejection(reason):
        case Rejection.EMPTY:
            return _("The row has no data in the chosen columns.")
        case Rejection.LONG_ID:
            return _("The client's id is longer than 120 characters.")
        case Rejection.BAD_VALUE:
            return _("The value in the column “%(name)s” is not of its field's type.", name=detail)
