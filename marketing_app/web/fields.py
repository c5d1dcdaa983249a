"""Fields of forms that WTForms has not quite."""

from collections.abc import Iterable

from wtforms import TextAreaField
from wtforms.fields.choices import SelectChoice


def choices_of(pairs: Iterable[tuple[object, object]]) -> list[SelectChoice]:
    """The choices of a field, from pairs of a value and its label."""
    return [SelectChoice(value, label) for value, label in pairs]


class LinesField(TextAreaField):
    """A text of several lines.

    Browsers end each line with CR and LF. A prompt, a letter, a comparison by words and a count of characters want
    what the same text has from anywhere else: LF alone.
    """

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([text.replace("\r\n", "\n") for text in valuelist])
