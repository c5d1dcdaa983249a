"""What the XML of a sheet says of its cells and the parser does not: errors, formulas without a value, percentages.

The parser gives an empty cell for an error and for a formula that was never worked out, and 0.125 for 12.5 %. So the
sheet is searched for those cells, by expressions over its bytes: most sheets have none, and are searched as fast as
they unpack.
"""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from .flaws import EXACT_DIGITS, OTHER_ERROR, UNCALCULATED, Flaw, flaw_of
from .source import Row

MOST_MARKS = 4_000_000
PERCENT, TIME = "%", "time"
WORKED_OUT, PERHAPS_ZERO = "=", "=0"
"""Formulas of a file that says that they are still to be worked out: with a value, and with 0, which some programs
write for the time being. It is no value where no formula has another one."""

_ODS_TIME = re.compile(r"(-?)PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")

Mark = tuple[int, int, str]
"""A row and a column, counted from 1, and the text to be there instead; or how the value is shown."""


def error_of(shown: str) -> str:
    """The name of an error as flaws knows it; one name for those of other languages."""
    return shown.strip() if flaw_of(shown.strip()) is Flaw.ERROR else OTHER_ERROR


class CellMarks:
    """The marks of a sheet by row, in little memory."""

    def __init__(self, marks: Iterable[Mark]) -> None:
        self._rows, self._columns, self._words = array("I"), array("I"), array("I")
        numbers: dict[str, int] = {}
        for row, column, word in marks:
            if len(self._rows) == MOST_MARKS:
                break
            self._rows.append(row)
            self._columns.append(column)
            self._words.append(numbers.setdefault(word, len(numbers)))
        unsure = WORKED_OUT if WORKED_OUT in numbers else UNCALCULATED
        self._vocabulary = [unsure if word == PERHAPS_ZERO else word for word in numbers]

    def __bool__(self) -> bool:
        return bool(self._rows)

    def rows_after(self, number: int) -> int:
        """How many rows after that number have marks."""
        return sum(row > number for row, _ in self._by_row())

    def put(self, rows: Iterable[Row], after: int, width: int) -> Iterator[Row]:
        """The rows with what is marked in them, and those after that number in which the parser saw nothing."""
        marked = self._by_row()
        row, marks = next(marked, _NO_MORE)
        for number, cells in rows:
            while row < number:
                yield from _missed(row, marks, after, width)
                row, marks = next(marked, _NO_MORE)
            yield number, _marked(list(cells), marks) if row == number else cells
            if row == number:
                row, marks = next(marked, _NO_MORE)
        while (row, marks) != _NO_MORE:
            yield from _missed(row, marks, after, width)
            row, marks = next(marked, _NO_MORE)

    def _by_row(self) -> Iterator[tuple[float, list[tuple[int, str]]]]:
        marks = zip(self._rows, self._columns, self._words, strict=True)
        for row, group in groupby(marks, key=lambda mark: mark[0]):
            yield row, [(column - 1, self._vocabulary[word]) for _, column, word in group]


_NO_MORE: tuple[float, list[tuple[int, str]]] = (float("inf"), [])


def _missed(row: float, marks: Sequence[tuple[int, str]], after: int, width: int) -> Iterator[Row]:
    """A row of errors alone, which the parser takes for blank."""
    if row > after and any(cells := _marked([""] * width, marks)):
        yield int(row), cells


def _marked(cells: list[object], marks: Sequence[tuple[int, str]]) -> list[object]:
    for column, word in marks:
        if column < len(cells):
            cells[column] = _shown(cells[column], word)
    return cells


def _shown(value: object, word: str) -> object:
    if word == PERCENT:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return f"{value * 100:.{EXACT_DIGITS}g}%" if is_number else value  # type: ignore[operator]
    if word == TIME:
        return _ODS_TIME.sub(_hours, value) if isinstance(value, str) else value
    return value if word == WORKED_OUT else word


def _hours(found: re.Match[str]) -> str:
    sign, hours, minutes, seconds = found.groups()
    return f"{sign}{hours:0>2}:{minutes:0>2}:{seconds:0>2}"
