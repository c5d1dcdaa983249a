"""Why a source cannot be read, what looks odd in it, and why a row is not loaded, in sentences that say what to do."""

from collections.abc import Mapping

from flask_babel import format_decimal, format_percent
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ..database_errors import Trouble
from ..imports import errors
from ..imports.profile import Finding, FindingKind
from ..imports.source import RowFault
from ..models import SourceKind
from ..web.database_words import advice_on
from . import services
from .cell_wording import odd_rows, odd_values, why_bad, why_not_believed
from .columns import Target
from .failures import NotStored
from .rejections import Reason

MEGABYTE = 2**20
MARKS = {"\t": _l("tab"), ",": _l("comma"), ";": _l("semicolon"), "|": _l("vertical bar")}
"""Separators in words; any other is shown as it is."""
ENCODINGS = {
    "utf-8": "UTF-8",
    "windows-1251": "Windows-1251",
    "cp866": "DOS (CP866)",
    "koi8-r": "KOI8-R",
    "windows-1252": _l("Windows-1252 (Western Europe)"),
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
}
OTHER_FORMATS = {
    "html": _l("a web page (HTML)"),
    "xml": _l("an XML document"),
    "mhtml": _l("a web archive (MHTML)"),
    "json": _l("a JSON document"),
    "rtf": _l("a text document (RTF)"),
    "pdf": _l("a PDF document"),
    "xls": _l("a workbook of an old Excel (.xls)"),
}
TARGETS = {
    Target.CLIENT_ID: _l("The client’s id"),
    Target.EMAIL: _l("E-mail"),
    Target.PHONE: _l("Phone"),
    Target.OPT_OUT: _l("Must not be written to (yes or no)"),
}
KINDS = {SourceKind.FILE: _l("File"), SourceKind.POSTGRESQL: "PostgreSQL", SourceKind.MONGODB: "MongoDB"}


def refusal(error: errors.SourceError, kind: SourceKind = SourceKind.FILE) -> str:
    """What is wrong with a source, and what to do about it."""
    match error:
        case NotStored():
            return f"{advice_on(Trouble(error.trouble))[0]}."
        case errors.SourceChanged():
            return _("The kept copy of the source is not what was previewed, so nothing was loaded. Choose it again.")
        case errors.ConnectionRefused():
            return _of_a_connection(error)
        case errors.QueryRefused() | errors.NoRows():
            return _of_a_query(error)
        case errors.OverLimit():
            return _of_a_size(error, kind)
        case errors.DuplicateColumns() | errors.UnnamedColumns() | errors.EmptySource():
            return _of_columns(error, kind)
        case errors.FileRefused() | errors.HeaderOnly():
            return _of_a_file(error)
        case _:
            return _("The source could not be read to its end. Try again; if it lasts, call your administrator.")


def _of_a_file(error: errors.SourceError) -> str:
    match error:
        case errors.EncryptedFile():
            return _("The file is protected by a password. Save it without one and upload it again.")
        case errors.OtherFormat():
            return _(
                "This file is %(format)s, whatever its name says. Open it in a spreadsheet program, save the table as"
                " .xlsx and choose that file.",
                format=OTHER_FORMATS.get(error.format, error.format),
            )
        case errors.HeaderOnly():
            return _("The file has a header and no clients under it.")
        case errors.UnclosedQuote():
            return _(
                "A quotation mark in line %(line)s is never closed."
                " Close it, or say that quotation marks mean nothing.",
                line=format_decimal(error.line),
            )
        case errors.DamagedRow():
            return _("Row %(row)s: %(reason)s", row=format_decimal(error.line), reason=why_not_believed(error.fault))
        case errors.WrongEncoding():
            return _(
                "Near line %(line)s there is something that is not %(encoding)s. Choose another encoding.",
                line=format_decimal(error.line),
                encoding=ENCODINGS.get(error.encoding, error.encoding),
            )
        case errors.UnknownSheet():
            return _("The workbook has no sheet “%(name)s”. Choose another.", name=error.sheet)
        case _:
            return _(
                "This is neither a spreadsheet nor a text table, or it is damaged."
                " Save the table as .xlsx, .ods or .csv and choose it again."
            )


def _of_a_size(error: errors.OverLimit, kind: SourceKind) -> str:
    is_file = kind is SourceKind.FILE
    match error:
        case errors.TooManyBytes() if is_file:
            return _(
                "The file is larger than %(n)s MB. Split it into several.", n=format_decimal(error.limit // MEGABYTE)
            )
        case errors.TooManyBytes():
            size = format_decimal(error.limit // MEGABYTE)
            return _("The query gives more than %(n)s MB. Ask for fewer columns or rows.", n=size)
        case errors.UnpacksTooLarge():
            return _("The file unpacks to far more than a table of clients does, so it was not opened.")
        case errors.TooManyColumns():
            return _(
                "There are %(n)s columns, at most %(limit)s are read. Remove those you do not need.",
                n=format_decimal(error.size),
                limit=format_decimal(error.limit),
            )
        case errors.TooManyRows() if is_file:
            return _("The file has more than %(n)s rows. Split it into several.", n=format_decimal(error.limit - 1))
        case errors.TooManyRows():
            return _("The query gives more than %(n)s rows. Narrow it down.", n=format_decimal(error.limit))
        case errors.TooManyCells():
            return _(
                "The spreadsheet has more than %(n)s cells. Save it as .csv: a text table is read row by row.",
                n=format_decimal(error.limit),
            )
        case errors.ValueTooLong():
            return _(
                "Row %(row)s has %(size)s MB in “%(name)s”; a value may have at most %(limit)s MB. Leave that column"
                " out, or take only the beginning of its values.",
                row=format_decimal(error.row),
                size=_in_megabytes(error.size),
                name=error.column,
                limit=_in_megabytes(error.limit),
            )
        case errors.RowTooLong():
            return _(
                "Row %(row)s has %(size)s MB; a row may have at most %(limit)s MB. Leave out what nobody needs of it.",
                row=format_decimal(error.row),
                size=_in_megabytes(error.size),
                limit=_in_megabytes(error.limit),
            )
        case errors.LineTooLong():
            return _(
                "The row that begins in line %(line)s does not end."
                " A quotation mark is not closed there, or the file is no table.",
                line=format_decimal(error.line),
            )
        case _:
            return _("The source is larger than what can be loaded. Split it into several.")


def _in_megabytes(size: int) -> str:
    return format_decimal(size / MEGABYTE, "#,##0.##")


def _of_columns(error: errors.SourceError, kind: SourceKind) -> str:
    is_file = kind is SourceKind.FILE
    match error:
        case errors.DuplicateColumns() if is_file:
            return _("These columns come more than once: %(names)s. Rename them.", names=", ".join(error.names))
        case errors.DuplicateColumns():
            return _(
                "The query gives these columns more than once: %(names)s. Give each a name of its own with AS.",
                names=", ".join(error.names),
            )
        case errors.UnnamedColumns():
            places = ", ".join(str(place) for place in error.positions)
            return _(
                "These columns have no name in the header: %(places)s. Name them, or say which row is the header.",
                places=places,
            )
        case _ if is_file:
            return _("The file is empty. Choose one with a header and at least one client.")
        case _:
            return _("The query gives no columns. Name those of a client.")


def _of_a_connection(error: errors.ConnectionRefused) -> str:
    match error:
        case errors.UnknownHost():
            return _("No database answers at “%(host)s”. Check the host and the port.", host=error.host)
        case errors.ForbiddenHost():
            return _(
                "This studio may not ask “%(host)s”. Your administrator can allow it with IMPORT_ALLOWED_HOSTS.",
                host=error.host,
            )
        case errors.BadAddress():
            return _("The address cannot be read. Write it as mongodb://host:port/database.")
        case errors.WrongCredentials():
            return _("The database does not let this user in. Check the user and the password.")
        case errors.UnknownDatabase():
            return _("The server has no such database. Check its name.")
        case _:
            return _("The connection was lost while the rows were read. Connect again.")


def _of_a_query(error: errors.SourceError) -> str:
    match error:
        case errors.NoRows():
            return _("The query is right, but it finds no client. Change its conditions.")
        case errors.NotASelect():
            return _("Only one SELECT that writes nothing is run. Write it without other statements.")
        case errors.QueryTooSlow():
            return _(
                "The database was asked to stop after %(n)s seconds. Narrow the query down, or let it use an index.",
                n=format_decimal(error.seconds),
            )
        case errors.UnsafeFilter():
            return _(
                "%(operator)s would run code on the server and is refused. Filter without it.", operator=error.operator
            )
        case errors.BadFilter():
            return _(
                'The filter is not a JSON object%(place)s. Write it as {"age": {"$gte": 30}}.',
                place=f" ({error.detail})" if error.detail else "",
            )
        case errors.QueryRefused():
            return _("The database refused the query: %(detail)s", detail=error.detail)
        case _:
            return _("The database refused the query.")


def odd(finding: Finding) -> str:
    """What looks wrong in a source that was read, and what can be done about it."""
    share = format_percent(finding.share or 0, "#,##0.##%")
    match finding.kind:
        case FindingKind.ONE_COLUMN:
            return _(
                "There is only one column, and “%(mark)s” parts its cells. Choose that separator below.",
                mark=str(MARKS.get(finding.example or "", finding.example)),
            )
        case FindingKind.LONG_ROWS:
            return _(
                "%(share)s of the rows have more cells than there are columns, the first in row %(row)s;"
                " they will be rejected. Is the separator right?",
                share=share,
                row=format_decimal(finding.row or 0),
            )
        case FindingKind.MIXED_TYPES:
            return _(
                "“%(name)s”: %(share)s of the values are of another type, such as “%(example)s” in row %(row)s."
                " Those rows will be rejected. To keep them, bring the column into a field of text, or leave it out.",
                name=finding.column,
                share=share,
                example=finding.example,
                row=format_decimal(finding.row or 0),
            )
        case FindingKind.SERIAL_DATES:
            return _(
                "“%(name)s” holds dates that a spreadsheet wrote as numbers, such as %(example)s."
                " They are read as dates.",
                name=finding.column,
                example=finding.example,
            )
        case FindingKind.EMPTY_COLUMN:
            return _("“%(name)s” has no value in the rows looked at.", name=finding.column)
        case FindingKind.MERGED_LINES | FindingKind.FOREIGN_ENCODING | FindingKind.NUL:
            return odd_rows(RowFault(finding.kind), share, format_decimal(finding.row or 0))
        case FindingKind.FLAWED:
            return odd_values(finding)
        case FindingKind.MAY_BE_REFUSAL:
            return _(
                "“%(name)s” may say who must not be written to, but its values are neither yes nor no. If it does,"
                " choose that for the column: every value but a no then counts as a refusal.",
                name=finding.column,
            )
        case FindingKind.TOTALS if finding.row is None:
            return _(
                "The last row seems to hold totals, not a client: “%(example)s”. Such rows are rejected.",
                example=finding.example,
            )
        case FindingKind.TOTALS:
            return _(
                "Row %(row)s seems to hold totals, not a client: “%(example)s”. Such rows are rejected.",
                row=format_decimal(finding.row),
                example=finding.example,
            )
        case FindingKind.LAST_WITHOUT_ID:
            return _(
                "The last row has nothing in “%(name)s”: “%(example)s”. If that column is the client’s id, the row will"
                " be rejected.",
                name=finding.column,
                example=finding.example,
            )
        case FindingKind.CONSENT:
            return _(
                "“%(name)s” seems to say who agreed to be written to. A column for opting out says the reverse:"
                " turn its values round in the source if you want it as one.",
                name=finding.column,
            )


def rejection(reason: str, detail: str, kinds: Mapping[str, str], value: str) -> str:
    """Why a row was not loaded. `kinds` say by the columns' names what their values should be, `value` is the cell."""
    match Reason(reason):
        case Reason.EMPTY:
            return _("The row has no data in the chosen columns.")
        case Reason.NO_ID:
            return _("The client's id is missing.")
        case Reason.LONG_ID:
            return _("The client's id is longer than 120 characters.")
        case Reason.BAD_VALUE:
            return _("“%(name)s”: %(reason)s.", name=detail, reason=why_bad(value, kinds.get(detail, "")))
        case Reason.TOTALS:
            return _("The row holds totals, not a client.")
        case Reason.TOO_WIDE:
            return _("The row has more cells than the table has columns.")
        case _:
            return why_not_believed(reason)


def stands_against(error: services.LoadError) -> str:
    """Why something cannot be done with a load."""
    match error:
        case services.ImportInUse():
            return _(
                "Offers were written for clients of this load, so it stays. A manager may erase it with its offers."
            )
        case services.BuiltUpon():
            return _("Later loads changed clients of this one. Undo or erase those first, beginning with the newest.")
        case services.SourceNotReady():
            return _("The rows are still being fetched. Load them when all are here.")
        case services.FieldGone():
            return _("A field was taken out of the dictionary meanwhile. Look at the columns again.")
        case services.SourceGone():
            return _("The source was forgotten meanwhile. Choose it again.")
        case services.AlreadyLoading():
            return _("This source is being loaded already.")
        case _:
            return _("The load has moved on meanwhile. Look at its page again.")
