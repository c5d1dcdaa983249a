"""Rows that sum up the others: people let a spreadsheet write one at the end, or one after each group."""

import re
from collections.abc import Sequence

from .values import shown

_MARKS = r"[\s:;.=*_\-–—«»\"'()]*+"
"""Possessive, as the digits below: parts that may hold the same signs would otherwise be tried in every combination,
for hours where a cell has a thousand spaces."""
_WORDS = r"(?:(?:общи[йе]|промежуточны[йе])\s+)?(?:итого|итоги?|всего)|(?:grand\s+|sub-?)?totals?"
_OF_WHAT = r"\s++(?:по|за|на|в|by|for|of|in)\b.*"
_CLIENTS = r"(?:клиент\w*|запис\w+|строк\w*|человек|чел|clients?|rows?|records?)?"
_COUNTED = rf"{_CLIENTS}{_MARKS}[\d\s.,]*+{_CLIENTS}"
_TOTAL = re.compile(rf"{_MARKS}(?:{_WORDS})(?:{_OF_WHAT}|{_MARKS}{_COUNTED}{_MARKS})", re.IGNORECASE | re.DOTALL)
_FIRST_MARKS = frozenset(" \t\n\xa0:;.=*_-–—«\"'(")
_BEGINNINGS = frozenset(
    first + second
    for pair in ("ит", "вс", "об", "пр", "to", "gr", "su")
    for first in (pair[0], pair[0].upper())
    for second in (pair[1], pair[1].upper())
)


def totals_among(table: Sequence[Sequence[object]], first_cells: Sequence[object]) -> list[int]:
    """The places of the rows that sum up others, by their own cells and those of the first column. Quick, for a million
    rows: few begin as a word of totals does."""
    return [
        at
        for at, cell in enumerate(first_cells)
        if (not cell or (isinstance(cell, str) and (cell[:2] in _BEGINNINGS or cell[0] in _FIRST_MARKS)))
        and is_total(table[at])
    ]


def is_total(cells: Sequence[object]) -> bool:
    """Whether the first cell with a value has a word of totals, as no client's data begins."""
    first = next((text for text in map(shown, cells) if text), "")
    return is_word_of_totals(first)


def is_word_of_totals(text: str) -> bool:
    return _TOTAL.fullmatch(text) is not None


def as_one_line(cells: Sequence[object]) -> str:
    """A row as a sentence can show it."""
    return " · ".join(text for text in map(shown, cells) if text)
