"""Read texts from a csv file or a spreadsheet: each row has one text and says for which offers it is.

The columns are text, role, product, channel, language and until, in any order; text and role are required. Defaults for
empty cells: any product, any channel, Russian, and the day of the form.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, NamedTuple, TypeVar

from ..bank_time import today
from ..imports.files import open_file
from ..imports.reading import Limits
from ..imports.source import all_sound
from ..imports.values import BadValue, normalise, shown
from ..models import LANGUAGES, ProductKind, TextRole
from .services import Described

LIMITS = Limits(max_bytes=2 * 2**20, max_unpacked_bytes=20 * 2**20, max_columns=50, max_rows=5001)
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would run a cell that begins so, here or where the texts go from here."""
T = TypeVar("T")


class Column(StrEnum):
    TEXT = "text"
    ROLE = "role"
    PRODUCT = "product"
    CHANNEL = "channel"
    LANGUAGE = "language"
    UNTIL = "until"


class Wrong(StrEnum):
    FORMULA = "formula"
    WORDS = "words"
    UNKNOWN = "unknown"
    NO_DATE = "no_date"
    PAST = "past"


NAMES = {
    "текст": Column.TEXT,
    "роль": Column.ROLE,
    "продукт": Column.PRODUCT,
    "канал": Column.CHANNEL,
    "язык": Column.LANGUAGE,
    "до": Column.UNTIL,
    "годен до": Column.UNTIL,
} | {column.value: column for column in Column}
ROLES = {
    "начало": TextRole.OPENING,
    "вступление": TextRole.OPENING,
    "продолжение": TextRole.CONTINUATION,
    "призыв": TextRole.CALL_TO_ACTION,
    "призыв к действию": TextRole.CALL_TO_ACTION,
    "call to action": TextRole.CALL_TO_ACTION,
    "целый текст": TextRole.WHOLE,
    "whole text": TextRole.WHOLE,
} | {role.value: role for role in TextRole}
KINDS = {
    "кредит": ProductKind.LOAN,
    "карта": ProductKind.CARD,
    "вклад": ProductKind.DEPOSIT,
    "ипотека": ProductKind.MORTGAGE,
    "страхование": ProductKind.INSURANCE,
    "инвестиции": ProductKind.INVESTMENT,
    "счёт": ProductKind.ACCOUNT,
    "услуга": ProductKind.SERVICE,
} | {kind.value: kind for kind in ProductKind}
LANGUAGE_WORDS = {"русский": "ru", "russian": "ru", "английский": "en", "english": "en"}
LANGUAGE_WORDS |= {each: each for each in LANGUAGES}


class NoColumn(Exception):
    """The file's first row does not name a column that every file has."""

    def __init__(self, column: Column) -> None:
        super().__init__(column)
        self.column = column


class BadLine(NamedTuple):
    """What is wrong with a row: in which column, and with which words where that helps."""

    line: int
    column: Column
    wrong: Wrong
    said: str = ""


class BadFile(Exception):
    """Some rows of the file are wrong. Nothing of it is loaded."""

    def __init__(self, lines: list[BadLine]) -> None:
        super().__init__(len(lines))
        self.lines = lines


class Row(NamedTuple):
    """A text of a file. `until` is None where the row has no day of its own."""

    described: Described
    until: date | None = None


@dataclass(frozen=True)
class Names:
    """What products and channels are called in a file: ids by key and by name, in small letters."""

    products: Mapping[str, int]
    channels: Mapping[str, int]


class _BadCell(Exception):
    def __init__(self, column: Column, wrong: Wrong, said: str = "") -> None:
        super().__init__(column, wrong)
        self.problem = column, wrong, said


def read_texts(upload: BinaryIO, names: Names, problem_of_words: Callable[[str], str]) -> list[Row]:
    """The texts of a file, in its order. `problem_of_words` says what is wrong with a text's words.

    Raises a SourceError, NoColumn, or BadFile with everything that is wrong.
    """
    rows, wrong = list[Row](), list[BadLine]()
    for line, cells in _lines(upload):
        try:
            rows.append(_row(cells, names, problem_of_words))
        except _BadCell as error:
            wrong.append(BadLine(line, *error.problem))
    if wrong:
        raise BadFile(wrong)
    return rows


def _lines(upload: BinaryIO) -> Iterator[tuple[int, Mapping[Column, object]]]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "texts")
        path.write_bytes(upload.read(LIMITS.max_bytes + 1))
        with open_file(path, LIMITS) as source:
            places = _places(source.columns)
            for number, row in all_sound(source.rows()):
                yield number, {column: row[at] for column, at in places.items()}


def _places(columns: Sequence[str]) -> dict[Column, int]:
    places = {NAMES[name]: at for at, title in enumerate(columns) if (name := title.strip().casefold()) in NAMES}
    for column in (Column.TEXT, Column.ROLE):
        if column not in places:
            raise NoColumn(column)
    return places


def _row(cells: Mapping[Column, object], names: Names, problem_of_words: Callable[[str], str]) -> Row:
    said = {column: _said(column, cell) for column, cell in cells.items()}
    wrong = problem_of_words(said[Column.TEXT])
    if wrong:
        raise _BadCell(Column.TEXT, Wrong.WORDS, wrong)
    product = said.get(Column.PRODUCT, "")
    kind = KINDS.get(product.casefold())
    asked = Described(
        _known(Column.ROLE, said, ROLES),
        _known(Column.LANGUAGE, said, LANGUAGE_WORDS) if said.get(Column.LANGUAGE) else LANGUAGES[0],
        said[Column.TEXT],
        kind=kind,
        product_id=_known(Column.PRODUCT, said, names.products) if product and not kind else None,
        channel_id=_known(Column.CHANNEL, said, names.channels) if said.get(Column.CHANNEL) else None,
    )
    return Row(asked, _day(said.get(Column.UNTIL, "")))


def _said(column: Column, cell: object) -> str:
    text = cell if isinstance(cell, str) else shown(cell)
    if text.lstrip(" \n").startswith(FORMULA_SIGNS):
        raise _BadCell(column, Wrong.FORMULA, text.strip()[:40])
    return re.sub(r"\r\n?", "\n", text).strip()


def _known(column: Column, said: Mapping[Column, str], values: Mapping[str, T]) -> T:
    word = said[column]
    if word.casefold() not in values:
        raise _BadCell(column, Wrong.UNKNOWN, word[:80])
    return values[word.casefold()]


def _day(word: str) -> date | None:
    try:
        written = normalise(word, "date")
    except BadValue:
        raise _BadCell(Column.UNTIL, Wrong.NO_DATE, word[:40]) from None
    if written is None:
        return None
    day = date.fromisoformat(str(written)[:10])
    if day < today():
        raise _BadCell(Column.UNTIL, Wrong.PAST, word[:40])
    return day
