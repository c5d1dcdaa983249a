"""What people send about a file of clients: the file, and how it is to be read."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import Length, NumberRange, Optional

from ..imports import errors
from ..imports.reading import Reading
from ..web.fields import choices_of
from .wording import ENCODINGS, MARKS

OTHER_MARK = "other"


def header_row_field() -> IntegerField:
    return IntegerField(_l("Row of the header"), [Optional(), NumberRange(1, message=_l("Rows are counted from 1."))])


class UploadForm(FlaskForm):
    file = FileField(_l("File"), [FileRequired(_l("Choose a file."))])
    header_row = header_row_field()
    has_doubtful_header = False

    def refuse(self, error: errors.SourceError, sentence: str) -> None:
        self.file.errors = [sentence]
        of_headers = (errors.UnnamedColumns, errors.DuplicateColumns, errors.TooManyColumns, errors.HeaderOnly)
        self.has_doubtful_header = isinstance(error, of_headers)


class ReadingForm(FlaskForm):
    """How a file is to be read; an empty choice is "find it out"."""

    sheet = SelectField(_l("Sheet"), validators=[Optional()], validate_choice=False)
    encoding = SelectField(
        _l("Encoding"), choices=choices_of([("", _l("find it out")), *ENCODINGS.items()]), validators=[Optional()]
    )
    delimiter = SelectField(
        _l("Separator"),
        choices=choices_of([("", _l("find it out")), *MARKS.items(), (OTHER_MARK, _l("another one"))]),
        validators=[Optional()],
    )
    other = StringField(_l("Another separator"), [Length(max=5, message=_l("At most five characters."))])
    quote = SelectField(
        _l("Quotation marks"),
        choices=choices_of(
            [
                ('"', _l('double, "')),
                ('\\"', _l('double, \\" within a cell')),
                ("'", _l("single, '")),
                ("", _l("mean nothing")),
            ]
        ),
        validators=[Optional()],
    )
    header_row = header_row_field()
    without_hidden = BooleanField(_l("Leave hidden rows out"))

    @classmethod
    def of(cls, reading: Reading, sheets: Sequence[str], has_hidden: bool) -> "ReadingForm":
        """As a source is read now."""
        is_usual = reading.delimiter is None or reading.delimiter in MARKS
        form = cls(
            sheet=reading.sheet,
            encoding=reading.encoding,
            delimiter=reading.delimiter if is_usual else OTHER_MARK,
            other="" if is_usual else reading.delimiter,
            quote=reading.quote,
            header_row=reading.header_row,
            without_hidden=reading.without_hidden,
        )
        form.sheet.choices = sheets
        if not has_hidden:
            del form.without_hidden
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        if self.delimiter.data == OTHER_MARK and not self.other.data:
            self.other.errors = [_("Write the separator.")]
            return False
        return is_valid

    @property
    def reading(self) -> Reading:
        reading = Reading(
            header_row=None if self._is_of_another_table else self.header_row.data,
            without_hidden=self.without_hidden is not None and bool(self.without_hidden.data),
        )
        if self.sheet.data:
            return replace(reading, sheet=self.sheet.data)
        delimiter = self.other.data if self.delimiter.data == OTHER_MARK else self.delimiter.data
        return replace(
            reading, encoding=self.encoding.data or None, delimiter=delimiter or None, quote=self.quote.data or ""
        )

    @property
    def _is_of_another_table(self) -> bool:
        """Whether the row of the header was found in a table that is read no more: another sheet, other cells."""
        is_changed = any(each.data != each.object_data for each in (self.sheet, self.delimiter, self.other))
        return is_changed and self.header_row.data == self.header_row.object_data
