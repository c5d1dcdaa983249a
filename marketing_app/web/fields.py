"""Fields of forms that WTForms has not quite."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from wtforms import Form, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

LARGEST_NUMBER = 2**63 - 1
"""The largest id of a row, and the largest count of rows, in PostgreSQL."""


def row_number(sent: str | int) -> int:
    """An id or a count of rows as a form or an address sends it. Raises ValueError."""
    number = int(sent)
    if not 0 <= number <= LARGEST_NUMBER:
        raise ValueError(sent)
    return number


def choices_of(pairs: Iterable[tuple[object, object]]) -> list[SelectChoice]:
    """The choices of a field, from pairs of a value and its label."""
    return [SelectChoice(value, label) for value, label in pairs]


class RowField(SelectField):
    """One of the rows that are offered, by its number.

    Any other number is refused with a sentence: the row may be gone, or of another project, and nothing else is meant
    instead. So is none at all, where the field has no default.
    """

    data: Any

    def __init__(self, label: Any = None, **values: Any) -> None:
        super().__init__(label, coerce=int, **values)

    @property
    def is_offered(self) -> bool:
        return self.data in {choice.value for choice in self.choices}

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            try:
                self.data = int(valuelist[0])
            except ValueError:
                self.data = None

    def pre_validate(self, form: Form) -> None:
        if not self.is_offered:
            raise ValidationError(_("What was chosen here is not offered, or not any more. Choose again."))


class LinesField(TextAreaField):
    """A text of several lines.

    Browsers end each line with CR and LF. A prompt, a letter, a comparison by words and a count of characters want
    what the same text has from anywhere else: LF alone.
    """

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([text.replace("\r\n", "\n") for text in valuelist])
