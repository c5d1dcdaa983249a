"""What of a column would not go in as it is chosen to, said before the load in sentences."""

from collections.abc import Iterator, Mapping

from flask_babel import format_decimal, format_percent, ngettext
from flask_babel import gettext as _

from ..dictionary.ranges import ANY, NUMBERS, Ends, is_between, usual_ends
from ..dictionary.services import KnownField
from ..dictionary.wording import range_in_words
from ..imports.flaws import Flaw, flaw_of
from ..imports.kinds import LIKELY_PHONE, PLAIN_REFUSAL
from ..imports.profile import ColumnProfile
from ..imports.values import MONTH_FIRST
from ..models import FieldType
from .cell_wording import why_bad
from .columns import ColumnPlan, Target, type_of

CODES_NAMED = 5


def doubts(column: ColumnPlan, looks: ColumnProfile, known: Mapping[str, KnownField]) -> list[str]:
    """Of the rows looked at. `looks` is that column's."""
    if column.target == Target.LEFT_OUT:
        return []
    return [
        *_of_the_id(column, looks),
        *_of_the_kind(column, looks, known),
        *_of_the_codes(column, looks, known),
        *_of_the_range(column, looks, known),
        *_of_shortened_numbers(column, looks),
        *_of_the_answers(column, looks),
        *_of_the_telephones(column, looks),
        *_of_the_date_order(column, looks, known),
    ]


def kind_of(column: ColumnPlan, known: Mapping[str, KnownField]) -> str:
    """What its values are to be: one of imports.kinds.KINDS."""
    if column.new is not None:
        return type_of(column, column.new.type)
    field = known.get(column.key or "")
    return type_of(column, field.type) if field else column.target


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
            reason=why_bad(misfit.example, kind),
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


def _of_the_range(column: ColumnPlan, looks: ColumnProfile, known: Mapping[str, KnownField]) -> Iterator[str]:
    ends, type_ = _likely_ends(column, known)
    kind = kind_of(column, known)
    for extreme in dict.fromkeys(looks.extremes.get("decimal" if type_ in NUMBERS else kind, [])):
        if ends != ANY and not is_between(extreme.value, ends, type_):
            yield _(
                "Row %(row)s, “%(example)s”: likely values are %(range)s. Such a value is loaded as it is. Mend it in"
                " the source, or change the likely values in the dictionary.",
                row=format_decimal(extreme.row),
                example=extreme.example,
                range=range_in_words(ends),
            )


def _likely_ends(column: ColumnPlan, known: Mapping[str, KnownField]) -> tuple[Ends, FieldType]:
    """Of the field that the column fills, and the field's type."""
    if column.new is not None:
        return usual_ends((column.name, column.new.label), column.new.type), column.new.type
    field = known.get(column.key or "")
    return ((field.lowest, field.highest), field.type) if field else (ANY, FieldType.TEXT)


def _of_shortened_numbers(column: ColumnPlan, looks: ColumnProfile) -> Iterator[str]:
    """Where they are not rejected: an id of this kind is."""
    shortened = looks.flaws.get(Flaw.SHORTENED)
    if shortened and column.target not in (Target.CLIENT_ID, Target.PHONE):
        yield _(
            "%(share)s of the values are numbers that a spreadsheet shortened, such as “%(example)s” in row %(row)s:"
            " their last digits are lost. Make the cells text in the spreadsheet and enter the numbers again.",
            share=format_percent(shortened.share, "#,##0.##%"),
            example=shortened.example,
            row=format_decimal(shortened.row),
        )


def _of_the_answers(column: ColumnPlan, looks: ColumnProfile) -> Iterator[str]:
    unclear = looks.misfits.get(PLAIN_REFUSAL)
    if column.target == Target.OPT_OUT and unclear and not flaw_of(unclear.example):
        yield _(
            "%(share)s of the values are neither a yes nor a no, such as “%(example)s” in row %(row)s."
            " They count as a refusal: these clients will not be written to.",
            share=format_percent(unclear.share, "#,##0.##%"),
            example=unclear.example,
            row=format_decimal(unclear.row),
        )


def _of_the_telephones(column: ColumnPlan, looks: ColumnProfile) -> Iterator[str]:
    unlikely = looks.misfits.get(LIKELY_PHONE)
    if column.target == Target.PHONE and unlikely and unlikely != looks.misfits.get(Target.PHONE):
        yield _(
            "Some telephones are one digit over and over, such as “%(example)s” in row %(row)s. Are they real?",
            example=unlikely.example,
            row=format_decimal(unlikely.row),
        )


def _of_the_date_order(column: ColumnPlan, looks: ColumnProfile, known: Mapping[str, KnownField]) -> Iterator[str]:
    if kind_of(column, known) == MONTH_FIRST:
        yield _("In these dates the month comes before the day: “%(example)s”.", example=_date_that_tells(looks))


def _date_that_tells(looks: ColumnProfile) -> str:
    """One that cannot be read with the day first, where there is one."""
    misfit = looks.misfits.get(FieldType.DATE)
    return misfit.example if misfit else looks.examples[0]
