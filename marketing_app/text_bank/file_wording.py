"""What is wrong with a file of texts, in words."""

from flask_babel import gettext as _

from .files import BadLine, NoColumn, Wrong


def bad_line(bad: BadLine) -> str:
    """What is wrong with a row, and where."""
    return _("Line %(n)d, column “%(column)s”: %(problem)s", n=bad.line, column=bad.column.value, problem=_problem(bad))


def no_column(error: NoColumn) -> str:
    return _("The file has no column “%(name)s”. Its first row names the columns.", name=error.column.value)


def _problem(bad: BadLine) -> str:
    match bad.wrong:
        case Wrong.FORMULA:
            return _("“%(said)s” begins as a formula does. Begin it with a word.", said=bad.said)
        case Wrong.UNKNOWN:
            return _("“%(said)s” is not known. See on the page what the file looks like.", said=bad.said)
        case Wrong.NO_DATE:
            return _("“%(said)s” is no date. Write it as 2027-12-31.", said=bad.said)
        case Wrong.PAST:
            return _("“%(said)s” is over. Write a later day, or none.", said=bad.said)
        case _:
            return bad.said
