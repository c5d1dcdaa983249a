"""What a field of a dictionary may be, and how its codes and bands are written in cells."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..imports.values import BadValue, typed_number
from ..models import FieldType, Sensitivity
from .ranges import ANY, NUMBERS, Ends, as_value, end_from, has_ends, is_between
from .services import KnownField

LONGEST_KEY = 120
LONGEST_LABEL = 200
MOST_CODES = 200
LONGEST_CODE = 120
MOST_BANDS = 50
LONGEST_WORDS = 100
BREAK = ";"
"""It parts what a prompt says of one field from the next, and the pairs in a cell of a file."""

Pair = tuple[str, str]


class Part(StrEnum):
    """Of what in a field something is said."""

    KEY = "key"
    LABEL = "label"
    TYPE = "type"
    SENSITIVITY = "sensitivity"
    IN_PROMPT = "is_in_prompt"
    CODES = "codes"
    BANDS = "bands"
    LOWEST = "lowest"
    HIGHEST = "highest"


class Wrong(StrEnum):
    """What can be wrong with a field. `detail` is the offending text, or the limit that it passes."""

    EMPTY = "empty"
    TOO_LONG = "too long"
    KEY_REPEATED = "key repeated"
    UNKNOWN_WORD = "unknown word"
    HAS_BREAK = "has break"
    CODE_INCOMPLETE = "code incomplete"
    CODE_REPEATED = "code repeated"
    CODE_HAS_EQUALS_SIGN = "code has equals sign"
    TOO_MANY = "too many"
    BAND_NOT_A_NUMBER = "band not a number"
    BANDS_NOT_RISING = "bands not rising"
    BANDS_WITHOUT_REST = "bands without rest"
    REST_WITHOUT_BANDS = "rest without bands"
    END_NOT_OF_TYPE = "end not of type"
    ENDS_REVERSED = "ends reversed"


@dataclass(frozen=True)
class Problem:
    part: Part
    wrong: Wrong
    detail: str = ""


class BadField(Exception):
    """A field that cannot be so."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def described(
    key: str,
    label: str,
    type_: FieldType,
    codes: dict[str, str],
    sensitivity: Sensitivity,
    is_in_prompt: bool,
    bands: list[dict[str, Any]],
    ends: Ends = ANY,
) -> KnownField:
    """A field as it may be: codes, bands and ends only where its type has them, a secret one out of prompts."""
    return KnownField(
        key,
        label,
        type_,
        codes if type_ is FieldType.CODE else {},
        sensitivity,
        is_in_prompt and sensitivity is not Sensitivity.SECRET,
        bands if type_ in NUMBERS else [],
        *(ends if has_ends(type_) else ANY),
    )


def check_text(part: Part, text: str, longest: int) -> None:
    """Raises BadField for an empty text, and for a longer one."""
    if not text:
        raise BadField(Problem(part, Wrong.EMPTY))
    _check_length(part, text, longest)


def codes_from(pairs: Iterable[Pair]) -> dict[str, str]:
    """Meanings by value; pairs of two empty cells are left out. Raises BadField."""
    codes: dict[str, str] = {}
    for value, meaning in _filled(Part.CODES, pairs, MOST_CODES):
        if not value or not meaning:
            raise BadField(Problem(Part.CODES, Wrong.CODE_INCOMPLETE, value or meaning))
        if "=" in value:
            raise BadField(Problem(Part.CODES, Wrong.CODE_HAS_EQUALS_SIGN, value))
        if value in codes:
            raise BadField(Problem(Part.CODES, Wrong.CODE_REPEATED, value))
        check_text(Part.CODES, value, LONGEST_CODE)
        check_text(Part.CODES, meaning, LONGEST_LABEL)
        codes[value] = meaning
    return codes


def bands_from(pairs: Iterable[Pair], rest: str) -> list[dict[str, Any]]:
    """Bands from pairs "up to, words", and from the words for whatever is above them all. Raises BadField."""
    bands: list[dict[str, Any]] = []
    for end, words in _filled(Part.BANDS, pairs, MOST_BANDS):
        number = _number(end or words)
        if bands and number <= bands[-1]["upto"]:
            raise BadField(Problem(Part.BANDS, Wrong.BANDS_NOT_RISING, end))
        _check_length(Part.BANDS, words, LONGEST_WORDS)
        bands.append({"upto": number, "words": words})
    rest = _tidy(Part.BANDS, rest)
    _check_length(Part.BANDS, rest, LONGEST_WORDS)
    if rest and not bands:
        raise BadField(Problem(Part.BANDS, Wrong.REST_WITHOUT_BANDS, rest))
    return [*bands, {"upto": None, "words": rest}] if bands else []


def ends_from(lowest: str, highest: str, type_: FieldType) -> Ends:
    """The ends of a range as they are written in a form or a file. Raises BadField."""
    ends = _end(Part.LOWEST, lowest, type_), _end(Part.HIGHEST, highest, type_)
    if all(ends) and not is_between(as_value(ends[0], type_), ends, type_):
        raise BadField(Problem(Part.HIGHEST, Wrong.ENDS_REVERSED, highest))
    return ends


def shown_number(number: float) -> str:
    """As a person writes it in a form or a file."""
    return str(int(number)) if number == int(number) else repr(number)


def _end(part: Part, written: str, type_: FieldType) -> str:
    try:
        return end_from(written, type_)
    except BadValue:
        raise BadField(Problem(part, Wrong.END_NOT_OF_TYPE, written)) from None


def _filled(part: Part, pairs: Iterable[Pair], most: int) -> list[Pair]:
    """The pairs in which something stands."""
    filled = [pair for left, right in pairs if any(pair := (_tidy(part, left), _tidy(part, right)))]
    if len(filled) > most:
        raise BadField(Problem(part, Wrong.TOO_MANY, str(most)))
    return filled


def _tidy(part: Part, cell: str) -> str:
    if BREAK in cell:
        raise BadField(Problem(part, Wrong.HAS_BREAK, cell.strip()))
    return " ".join(cell.replace("\0", "").split())


def _check_length(part: Part, text: str, longest: int) -> None:
    if len(text) > longest:
        raise BadField(Problem(part, Wrong.TOO_LONG, str(longest)))


def _number(cell: str) -> float:
    try:
        return typed_number(cell)
    except BadValue:
        raise BadField(Problem(Part.BANDS, Wrong.BAND_NOT_A_NUMBER, cell)) from None
