"""What is wrong with single values and rows of a source, in sentences that say what to do."""

from flask_babel import format_decimal, format_percent
from flask_babel import gettext as _

from ..imports import values
from ..imports.flaws import Flaw, flaw_of
from ..imports.profile import Finding
from ..imports.source import RowFault
from ..models import FieldType
from .columns import Target


def odd_rows(fault: RowFault, share: str, first_row: str) -> str:
    """Rows that will not be taken, how many and which is the first."""
    match fault:
        case RowFault.MERGED_LINES:
            return _(
                "From row %(row)s on, a cell holds line ends and what looks like further rows. Such rows will be"
                " rejected (%(share)s): a quotation mark is missing there, or is one too many. Mend it in the file, or"
                " read the file again with quotation marks that mean nothing.",
                row=first_row,
                share=share,
            )
        case RowFault.FOREIGN_ENCODING:
            return _(
                "Some rows are in another encoding than the rest, in UTF-8, the first of them row %(row)s"
                " (%(share)s of the rows). They will be rejected. You can load them from the file of rejected rows,"
                " where they are in the encoding of the rest.",
                row=first_row,
                share=share,
            )
        case RowFault.NUL:
            return _(
                "Some rows have a NUL character (code 0), which no text has, the first of them row %(row)s"
                " (%(share)s of the rows). They will be rejected: something is damaged there.",
                row=first_row,
                share=share,
            )


def why_not_believed(fault: str) -> str:
    """Why a row with a RowFault is not taken."""
    match RowFault(fault):
        case RowFault.MERGED_LINES:
            return _("A cell holds what looks like further rows: a quotation mark is missing or is one too many.")
        case RowFault.FOREIGN_ENCODING:
            return _("The row is in another encoding than the rest of the file.")
        case RowFault.NUL:
            return _("The row has a NUL character (code 0), which no text has.")


def odd_values(finding: Finding) -> str:
    """What a spreadsheet did to some values of a column (see imports.flaws), and what can be done about it."""
    example = finding.example or ""
    about = {
        "name": finding.column,
        "share": format_percent(finding.share or 0, "#,##0.##%"),
        "row": format_decimal(finding.row or 0),
    }
    match flaw_of(example):
        case Flaw.UNCALCULATED:
            return _(
                "“%(name)s”: %(share)s of the values are formulas that were never calculated, the first in row %(row)s."
                " Those rows will be rejected. Open the file in a spreadsheet program, save it, and choose it again.",
                **about,
            )
        case Flaw.SHORTENED:
            return _(
                "“%(name)s”: %(share)s of the values are numbers that a spreadsheet shortened, such as “%(example)s” in"
                " row %(row)s: their last digits are lost. As ids they will be rejected.",
                example=example,
                **about,
            )
        case _:
            return _(
                "“%(name)s”: %(share)s of the values are errors of the spreadsheet, such as “%(example)s” in row"
                " %(row)s. Those rows will be rejected unless the column is left out.",
                example=example,
                **about,
            )


def why_bad(value: str, kind: str) -> str:
    """Why a value is rejected, by what it is or else by what it should be (see not_of_kind)."""
    match flaw_of(value.strip()):
        case Flaw.ERROR:
            return _("an error of the spreadsheet, %(error)s", error=value.strip())
        case Flaw.UNCALCULATED:
            return _("a formula that was never calculated")
        case Flaw.SHORTENED if kind != FieldType.TEXT:
            return _("a number that a spreadsheet shortened: its last digits are lost")
        case _:
            return not_of_kind(kind)


def not_of_kind(kind: str) -> str:
    """Why a value is rejected that should be of a field's type, or a contact, or a refusal."""
    match kind:
        case FieldType.INTEGER:
            return _("not a whole number")
        case FieldType.DECIMAL:
            return _("not a number")
        case FieldType.DATE:
            return _("not a date")
        case values.MONTH_FIRST:
            return _("not a date with the month before the day")
        case Target.EMAIL:
            return _("not an e-mail address")
        case Target.PHONE:
            return _("not a phone number")
        case Target.OPT_OUT:
            return _("neither a yes nor a no")
        case FieldType.TEXT | FieldType.CODE:
            return _("a text that cannot be kept")
        case _:
            return _("not of its field’s type")
