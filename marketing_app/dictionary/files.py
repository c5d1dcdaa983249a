"""A dictionary as a file: a csv to take away, and a csv or spreadsheet to bring.

The columns are key, meaning, type, sensitivity, in_prompt, codes, bands, lowest, highest. A cell of codes is "0 = male;
1 = female", one of bands "50000 = low; 100000 = middle; more = high"; a line break parts pairs as well. The bank's own
form is read too: meaning_ru and meaning_en, and codes as `values`, parted by commas.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from ..imports.files import open_file
from ..imports.reading import Limits
from ..imports.source import all_sound
from ..imports.values import shown
from ..models import FieldType, Sensitivity
from .ranges import ANY, NUMBERS, has_ends
from .rules import (
    BREAK,
    LONGEST_KEY,
    LONGEST_LABEL,
    BadField,
    Pair,
    Part,
    Problem,
    Wrong,
    bands_from,
    check_text,
    codes_from,
    described,
    ends_from,
    shown_number,
)
from .services import KnownField

LIMITS = Limits(max_bytes=2 * 2**20, max_unpacked_bytes=20 * 2**20, max_columns=50, max_rows=1001)
COLUMNS = ("key", "meaning", "type", "sensitivity", "in_prompt", "codes", "bands", "lowest", "highest")
MORE = "more"
_MORE = frozenset({MORE, "больше", "выше", "*"})
_YES = frozenset({"yes", "да", "1", "true", "+"})
_NO = frozenset({"no", "нет", "0", "false", "-"})
_FORMULA_SIGN = re.compile(r"^[=+\-@']")
"""A spreadsheet would run such a cell; an apostrophe before it says that it is text."""
_BANKS_CODES = re.compile(r"[^=,]+=[^=,]+(?:,[^=,]+=[^=,]+)*")

Cells = Mapping[str, str]


@dataclass(frozen=True)
class BadLine:
    line: int
    problem: Problem


class BadDictionary(Exception):
    """A file whose lines are no dictionary. Nothing of it is taken."""

    def __init__(self, lines: list[BadLine]) -> None:
        super().__init__(lines)
        self.lines = lines


class NotADictionary(Exception):
    """A table without a column that a dictionary has: `column` is its name."""

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


def write_dictionary(fields: Iterable[KnownField]) -> str:
    """A csv as a Russian spreadsheet opens it at once: semicolons, and a byte order mark that says UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for field in fields:
        in_prompt = "yes" if field.is_in_prompt else "no"
        codes = _joined(field.codes.items())
        bands = _joined((_end(band["upto"]), band["words"]) for band in field.bands)
        cells = [field.key, field.label, field.type.value, field.sensitivity.value, in_prompt, codes, bands]
        cells += [field.lowest, field.highest]
        writer.writerow([_FORMULA_SIGN.sub(r"'\g<0>", cell) for cell in cells])
    return "\ufeff" + file.getvalue()


def read_dictionary(upload: BinaryIO, language: str, present: Mapping[str, KnownField]) -> list[KnownField]:
    """The fields of a file. What it has no column for stays as it is in the present field of the same key.

    Raises a SourceError, NotADictionary, or BadDictionary with everything that is wrong.
    """
    fields: dict[str, KnownField] = {}
    wrong: list[BadLine] = []
    for line, cells in _lines(upload, language):
        try:
            field = _field(cells, present)
            if field.key in fields:
                raise BadField(Problem(Part.KEY, Wrong.KEY_REPEATED, field.key))
            fields[field.key] = field
        except BadField as error:
            wrong.append(BadLine(line, error.problem))
    if wrong:
        raise BadDictionary(wrong)
    return list(fields.values())


def _lines(upload: BinaryIO, language: str) -> list[tuple[int, Cells]]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "dictionary")
        path.write_bytes(upload.read(LIMITS.max_bytes + 1))
        with open_file(path, LIMITS) as source:
            places = _places(source.columns, language)
            return [
                (number, {name: _text(row[at]) for name, at in places.items()})
                for number, row in all_sound(source.rows())
            ]


def _places(columns: Sequence[str], language: str) -> dict[str, int]:
    """Where our columns are in the file. Raises NotADictionary."""
    found = {name.strip().lower(): position for position, name in enumerate(columns)}
    other = "en" if language == "ru" else "ru"
    for name in (f"meaning_{other}", f"meaning_{language}"):
        if name in found:
            found["meaning"] = found[name]
    for name in ("key", "meaning"):
        if name not in found:
            raise NotADictionary(name)
    return {name: found[name] for name in (*COLUMNS, "values", "literal_in_offer") if name in found}


def _text(cell: object) -> str:
    text = cell if isinstance(cell, str) else shown(cell)
    return text.strip().removeprefix("'") if _FORMULA_SIGN.match(text.strip().removeprefix("'")) else text.strip()


def _field(cells: Cells, known: Mapping[str, KnownField]) -> KnownField:
    key = " ".join(cells["key"].split())
    check_text(Part.KEY, key, LONGEST_KEY)
    present = known.get(key) or KnownField(key, "", FieldType.TEXT, {}, Sensitivity.PERSONAL, _may_be_said(cells))
    label = " ".join(cells["meaning"].split())
    check_text(Part.LABEL, label, LONGEST_LABEL)
    type_ = _type(cells["type"]) if "type" in cells else present.type
    sensitivity = _sensitivity(cells["sensitivity"]) if "sensitivity" in cells else present.sensitivity
    is_in_prompt = _is_yes(cells["in_prompt"]) if "in_prompt" in cells else present.is_in_prompt
    codes = _codes(cells, present) if type_ is FieldType.CODE else {}
    bands = _bands(cells, present) if type_ in NUMBERS else []
    lowest, highest = cells.get("lowest", present.lowest), cells.get("highest", present.highest)
    ends = ends_from(lowest, highest, type_) if has_ends(type_) else ANY
    return described(key, label, type_, codes, sensitivity, is_in_prompt, bands, ends)


def _may_be_said(cells: Cells) -> bool:
    """Whether a new field goes into prompts where no column `in_prompt` tells: where the bank's own form allows it."""
    return cells.get("literal_in_offer", "never").lower() != "never"


def _type(word: str) -> FieldType:
    try:
        return FieldType(word.lower().removesuffix(" as text"))
    except ValueError:
        raise BadField(Problem(Part.TYPE, Wrong.UNKNOWN_WORD, word)) from None


def _sensitivity(word: str) -> Sensitivity:
    try:
        return Sensitivity(word.lower())
    except ValueError:
        raise BadField(Problem(Part.SENSITIVITY, Wrong.UNKNOWN_WORD, word)) from None


def _is_yes(word: str) -> bool:
    if word.lower() not in _YES | _NO:
        raise BadField(Problem(Part.IN_PROMPT, Wrong.UNKNOWN_WORD, word))
    return word.lower() in _YES


def _codes(cells: Cells, present: KnownField) -> dict[str, str]:
    if "codes" in cells:
        return codes_from(_pairs(cells["codes"]))
    values = cells.get("values", "")
    return codes_from(_pairs(values.replace(",", BREAK))) if _BANKS_CODES.fullmatch(values) else dict(present.codes)


def _bands(cells: Cells, present: KnownField) -> list[dict[str, Any]]:
    if "bands" not in cells:
        return list(present.bands)
    pairs = _pairs(cells["bands"])
    if pairs and pairs[-1][0].lower() not in _MORE:
        raise BadField(Problem(Part.BANDS, Wrong.BANDS_WITHOUT_REST))
    return bands_from(pairs[:-1], pairs[-1][1]) if pairs else []


def _pairs(cell: str) -> list[Pair]:
    pieces = (piece.partition("=") for piece in re.split(rf"[{BREAK}\n]", cell) if piece.strip())
    return [(left.strip(), right.strip()) for left, _sign, right in pieces]


def _joined(pairs: Iterable[Pair]) -> str:
    return f"{BREAK} ".join(f"{left} = {right}" for left, right in pairs)


def _end(upto: float | None) -> str:
    return MORE if upto is None else shown_number(upto)
