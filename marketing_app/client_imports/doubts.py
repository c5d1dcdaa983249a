"""What of a column would not go in as it is chosen to, said before the load in sentences."""

from collections.abc import Iterator, Mapping

from flask_babel import format_decimal, format_percent, ngettext
from flask_babel import gettext as _

from ..dictionary.services import KnownField
from ..imports.profile import ColumnProfile
from ..models import FieldType
from .columns import ColumnPlan, Target
from .wording import not_of_kind

CODES_NAMED = 5


def doubts(column: ColumnPlan, looks: ColumnProfile, known: Mapping[str, KnownField]) -> list[str]:
    """Of the rows looked at. `looks` is that column's."""
    return [*_of_the_id(column, looks), *_of_the_kind(column, looks, known), *_of_the_codes(column, looks, known)]


def kind_of(column: ColumnPlan, known: Mapping[str, KnownField]) -> str:
    """What its values are to be: a type of FieldType's words, or what else imports.profile.KINDS has."""
    if column.new is not None:
        return column.new.type.value
    field = known.get(column.key or "")
    return field.type.value if field else column.target


def _of_the_id(column: ColumnPlan, looks: ColumnProfile) -> Iterator[str]:
    if column.target != Target.CLIENT_ID:
        return
    if looks.empty_share:
        share = format_percent(looks.empty_share, "#,##0.##%")
        yield _("%(share)s of the rows have no id: they will be rejected.", share=share)
    if looks.repeat_count:
        yield ngettext(
            "%(count)s row has an id that came before: the first row of an id counts, the last one when updating.",
            "%(count)s rows have an id that came before: the first row of an id counts, the last one when updating.",
            looks.repeat_count,
            count=format_decimal(looks.repeat_count),
        )
    if looks.mixed_ids:
        yield _(
            "Row %(row)s, “%(example)s”: letters of another alphabet that look like Latin ones are in this id."
            " It counts as the same id as one with Latin letters. See how the bank writes it.",
            row=format_decimal(looks.mixed_ids.row),
            example=looks.mixed_ids.example,
        )


def _of_the_kind(column: ColumnPlan, looks: ColumnProfile, known: Mapping[str, KnownField]) -> Iterator[str]:
    kind = kind_of(column, known)
    if misfit := looks.misfits.get(kind):
        yield _(
            "%(share)s of the values will be rejected with their rows. Row %(row)s, “%(example)s”: %(reason)s.",
            share=format_percent(misfit.share, "#,##0.##%"),
            row=format_decimal(misfit.row),
            example=misfit.example,
            reason=not_of_kind(kind),
        )


def _of_the_codes(column: ColumnPlan, looks: ColumnProfile, known: Mapping[str, KnownField]) -> Iterator[str]:
    field = known.get(column.key or "") if column.new is None else None
    if field is None or field.type is not FieldType.CODE or not field.codes:
        return
    if unknown := [value for value in looks.values if value not in field.codes]:
        yield _(
            "Not among the codes of “%(field)s”: %(values)s. They are loaded, but prompts leave them out."
            " Add them to the dictionary, or mend the source.",
            field=field.label,
            values=", ".join(unknown[:CODES_NAMED]) + (" …" if len(unknown) > CODES_NAMED else ""),
        )
