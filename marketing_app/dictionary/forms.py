"""What people send about the fields of a dictionary."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectField, StringField

from ..models import FieldType, Project, Sensitivity
from ..web.fields import RowField, choices_of
from . import rules
from .ranges import ANY, NUMBERS, has_ends
from .rules import LONGEST_KEY, LONGEST_LABEL, LONGEST_WORDS, BadField, Pair, Part
from .services import KnownField
from .wording import SENSITIVITIES, TYPES, end_in_words, problem

LONGEST_END = 40


class PairsField(Field):
    """Rows of two cells: `name-left` and `name-right`, each sent once a row.

    Of more than `most` rows with something in them one more is kept, for which the form is refused.
    """

    data: list[Pair]

    def __init__(self, label: Any, most: int, **values: Any) -> None:
        super().__init__(label, **values)
        self._most = most

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.data = list(data or ())
        self.object_data = data
        self.process_errors: list[str] = []
        if formdata:
            left, right = (formdata.getlist(f"{self.name}-{side}") for side in ("left", "right"))
            self.data = list(zip(left, right, strict=False))
        if len(self.data) > self._most:
            self.data = [pair for pair in self.data if any(map(str.strip, pair))][: self._most + 1]


def tidy(text: str | None) -> str:
    return " ".join((text or "").replace("\0", "").split())


class FieldForm(FlaskForm):
    """A field of the dictionary. `described` is what was sent, once the form is valid."""

    label = StringField(_l("What it means"), filters=[tidy], render_kw={"maxlength": LONGEST_LABEL, "required": True})
    type = SelectField(_l("Type"), choices=choices_of(TYPES.items()))
    sensitivity = SelectField(_l("Sensitivity"), choices=choices_of(SENSITIVITIES.items()))
    is_in_prompt = BooleanField(_l("Goes into the prompt"))
    codes = PairsField(_l("Codes"), rules.MOST_CODES)
    bands = PairsField(_l("Bands"), rules.MOST_BANDS)
    rest = StringField(_l("Words for more than that"), filters=[tidy], render_kw={"maxlength": LONGEST_WORDS})
    lowest = StringField(_l("from"), filters=[tidy], render_kw={"maxlength": LONGEST_END})
    highest = StringField(_l("to"), filters=[tidy], render_kw={"maxlength": LONGEST_END})
    state = HiddenField()

    described: KnownField

    def __init__(self, field_key: str, **values: Any) -> None:
        super().__init__(**values)
        self.field_key = field_key

    @classmethod
    def of(cls, field: KnownField, state: str) -> "FieldForm":
        """Filled in with what the field is."""
        *bands, rest = field.bands or [{"words": ""}]
        return cls(
            field.key,
            formdata=None,
            label=field.label,
            type=field.type.value,
            sensitivity=field.sensitivity.value,
            is_in_prompt=field.is_in_prompt,
            codes=sorted(field.codes.items()),
            bands=[(rules.shown_number(band["upto"]), band["words"]) for band in bands],
            rest=rest["words"],
            lowest=end_in_words(field.lowest),
            highest=end_in_words(field.highest),
            state=state,
        )

    @property
    def has_codes(self) -> bool:
        return bool(self.type.data == FieldType.CODE)

    @property
    def has_bands(self) -> bool:
        return self.type.data in NUMBERS

    @property
    def has_ends(self) -> bool:
        return self.type.data in set(FieldType) and has_ends(FieldType(self.type.data))

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        try:
            self.described = self._described()
        except BadField as error:
            self[error.problem.part].errors = [problem(error.problem)]
            return False
        return True

    def _described(self) -> KnownField:
        rules.check_text(Part.KEY, self.field_key, LONGEST_KEY)
        rules.check_text(Part.LABEL, self.label.data, LONGEST_LABEL)
        return rules.described(
            self.field_key,
            self.label.data,
            FieldType(self.type.data),
            rules.codes_from(self.codes.data) if self.has_codes else {},
            Sensitivity(self.sensitivity.data),
            self.is_in_prompt.data,
            rules.bands_from(self.bands.data, self.rest.data) if self.has_bands else [],
            rules.ends_from(self.lowest.data, self.highest.data, FieldType(self.type.data)) if self.has_ends else ANY,
        )


class NewFieldForm(FieldForm):
    """A field that the dictionary has not yet, with the key under which loads will bring its values."""

    key = StringField(_l("Key"), filters=[tidy], render_kw={"maxlength": LONGEST_KEY, "required": True})

    def __init__(self, **values: Any) -> None:
        super().__init__("", **values)
        self.field_key = self.key.data


class BringForm(FlaskForm):
    """What happens to fields that the project has already, and what was looked at before."""

    mode = RadioField(
        _l("Fields of the same key"),
        choices=choices_of(
            [("keep", _l("stay as they are: only what is missing is added")), ("overwrite", _l("are overwritten"))]
        ),
        default="keep",
    )
    state = HiddenField()

    @property
    def is_overwriting(self) -> bool:
        return bool(self.mode.data == "overwrite")


class CopyForm(BringForm):
    source = RowField(_l("Project"))

    def offer(self, projects: Sequence[Project]) -> None:
        self._offered = {project.id: project for project in projects}
        self.source.choices = choices_of((project.id, project.name) for project in projects)

    @property
    def chosen(self) -> Project:
        return self._offered[self.source.data]


class FileForm(BringForm):
    file = FileField(_l("File"), [FileRequired(_l("Choose a file."))])
