"""Fields of a dictionary in words, and what is wrong with them."""

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ..models import FieldType, Sensitivity
from .bringing import DictionaryChanged
from .editing import DictionaryError, KeyTaken, LoadUnfinished
from .files import NotADictionary
from .ranges import TODAY, Ends
from .rules import Part, Problem, Wrong
from .services import KnownField

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
PARTS = {
    Part.KEY: _l("Key"),
    Part.LABEL: _l("What it means"),
    Part.TYPE: _l("Type"),
    Part.SENSITIVITY: _l("Sensitivity"),
    Part.IN_PROMPT: _l("In the prompt"),
    Part.CODES: _l("Codes"),
    Part.BANDS: _l("Bands"),
    Part.LOWEST: _l("Likely values, from"),
    Part.HIGHEST: _l("Likely values, to"),
}
MOST_SHOWN = 3
"""Codes or bands in a line; how many more there are is said."""


def shown(part: Part, field: KnownField) -> str:
    """One part of a field for a person."""
    match part:
        case Part.TYPE:
            return str(TYPES[field.type])
        case Part.SENSITIVITY:
            return str(SENSITIVITIES[field.sensitivity])
        case Part.IN_PROMPT:
            return _("yes") if field.is_in_prompt else _("no")
        case Part.CODES:
            return "; ".join(f"{value} = {meaning}" for value, meaning in sorted(field.codes.items())) or _("none")
        case Part.BANDS:
            return "; ".join(bands_in_words(field)) or _("none")
        case Part.LOWEST | Part.HIGHEST:
            return end_in_words(getattr(field, part)) or _("none")
        case _:
            return str(getattr(field, part))


def in_short(field: KnownField) -> str:
    """Codes or bands in a line of a list; empty when the field has neither."""
    pieces = [f"{value} = {meaning}" for value, meaning in sorted(field.codes.items())] or bands_in_words(field)
    rest = len(pieces) - MOST_SHOWN
    return "; ".join(pieces[:MOST_SHOWN]) + (" " + _("and %(n)d more", n=rest) if rest > 0 else "")


def bands_in_words(field: KnownField) -> list[str]:
    nothing = _("(nothing)")
    return [
        _("more: %(words)s", words=band["words"] or nothing)
        if band["upto"] is None
        else _("up to %(n)s: %(words)s", n=format_decimal(band["upto"]), words=band["words"] or nothing)
        for band in field.bands
    ]


def end_in_words(end: str) -> str:
    """An end of a range as a person writes it."""
    return _("today") if end == TODAY else end


def range_in_words(ends: Ends) -> str:
    """Both ends, or the one that there is; empty without any."""
    lowest, highest = map(end_in_words, ends)
    if not lowest and not highest:
        return ""
    if lowest and highest:
        return _("from %(lowest)s to %(highest)s", lowest=lowest, highest=highest)
    return _("from %(lowest)s", lowest=lowest) if lowest else _("up to %(highest)s", highest=highest)


def problem(found: Problem) -> str:
    """What is wrong with one part of a field, and what to do."""
    part, detail = str(PARTS[found.part]), found.detail
    sentences = {
        Wrong.EMPTY: _("“%(part)s” is empty. Fill it in.", part=part),
        Wrong.TOO_LONG: _("“%(part)s”: at most %(n)s characters. Shorten it.", part=part, n=detail),
        Wrong.TOO_MANY: _("“%(part)s”: at most %(n)s rows. Leave some out.", part=part, n=detail),
        Wrong.KEY_REPEATED: _("The key “%(key)s” comes twice. Leave one of the lines out.", key=detail),
        Wrong.UNKNOWN_WORD: _(
            "“%(part)s” cannot be “%(word)s”. See on the page what the file looks like.", part=part, word=detail
        ),
        Wrong.HAS_BREAK: _(
            "“%(text)s” has a semicolon, which parts what a prompt says. Write a comma instead.", text=detail
        ),
        Wrong.CODE_INCOMPLETE: _("The code “%(text)s” needs both a value and a meaning.", text=detail),
        Wrong.CODE_REPEATED: _("The code “%(text)s” comes twice. Keep one meaning of it.", text=detail),
        Wrong.CODE_HAS_EQUALS_SIGN: _("A code's value cannot have an equals sign: “%(text)s”.", text=detail),
        Wrong.BAND_NOT_A_NUMBER: _(
            "A band reaches up to a number of at most 15 digits; “%(text)s” is none.", text=detail
        ),
        Wrong.BANDS_NOT_RISING: _("The bands do not rise: “%(text)s” is not above the band before it.", text=detail),
        Wrong.BANDS_WITHOUT_REST: _("The last band has no end: write “more = words” after the others."),
        Wrong.END_NOT_OF_TYPE: _(
            "“%(part)s”: “%(text)s” is not a value of the field’s type."
            " Write a number of at most 15 digits, or a date or “today”.",
            part=part,
            text=detail,
        ),
        Wrong.ENDS_REVERSED: _("The likely values end before they begin: “%(text)s”.", text=detail),
        Wrong.REST_WITHOUT_BANDS: _("Only what is above all bands has words: “%(text)s”. Add a band.", text=detail),
    }
    return sentences[found.wrong]


def not_a_dictionary(error: NotADictionary) -> str:
    return _("The file has no column “%(name)s”. Its first row names the columns.", name=error.column)


def reason(error: DictionaryError) -> str:
    """Why nothing was changed."""
    match error:
        case KeyTaken():
            return _("The project has a field of this key. Change that one, or choose another key.")
        case LoadUnfinished():
            return _("A load of clients is unfinished and may fill this field. Finish, cancel or undo it first.")
        case DictionaryChanged():
            return _("The dictionary is not what you looked at. What would change now is below; send it again.")
        case _:
            return _("Somebody saved this field meanwhile.")
