"""The cells of an OpenDocument spreadsheet of which cell_marks tells."""

import re
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path

from .archive import unpacked
from .cell_marks import MOST_MARKS, PERCENT, TIME, Mark, error_of
from .flaws import UNCALCULATED
from .xml_bytes import attribute, text_of, whole_rows

DOCUMENT = "content.xml"

_ATTRIBUTES = rb"""((?:[^<>"']|"[^"<]*"|'[^'<]*')*)"""
_TOKEN = re.compile(
    rb"<table:(?:(?P<tag>table-row|table)(?![-\w])%s>|(?:covered-)?table-cell(?![-\w])(?P<cell>%s)>)"
    % (_ATTRIBUTES, _ATTRIBUTES)
)
_ROW_END = b"</table:table-row>"
LONGEST_CELL = 1_000
"""Bytes of a cell in which the name of its error stands."""
_TEXT = re.compile(rb"<text:p\b[^>]*>([^<]*)<")
_WORTH_MARKING = re.compile(rb"""value-type=["'](?:error|percentage|time)|table:formula=""")


def is_opendocument(path: Path) -> bool:
    return next(unpacked(path, DOCUMENT), None) is not None


def marks_in_ods(path: Path, sheet: str) -> Iterator[Mark]:
    """The marks of the sheet with that name; nothing if the file has no such sheet."""
    if any(map(_WORTH_MARKING.search, whole_rows(unpacked(path, DOCUMENT), _ROW_END))):
        yield from islice(_marks(path, sheet), MOST_MARKS)


def _marks(path: Path, sheet: str) -> Iterator[Mark]:
    """A row, and a cell, says of itself how often it comes."""
    name, row, row_count, column = "", 1, 0, 1
    for text in whole_rows(unpacked(path, DOCUMENT), _ROW_END):
        for found in _TOKEN.finditer(text):
            tag, attributes, of_cell = found["tag"], found[2], found["cell"]
            if tag == b"table":
                name, row, row_count = text_of(attribute(attributes, b"table:name")), 1, 0
            elif tag == b"table-row":
                row, row_count, column = row + row_count, _count(attributes, b"table:number-rows-repeated"), 1
            else:
                width = _count(of_cell, b"table:number-columns-repeated")
                if name == sheet and (word := _word(of_cell, text[found.end() : found.end() + LONGEST_CELL])):
                    places = product(range(row, row + row_count), range(column, column + width))
                    yield from ((*place, word) for place in places)
                column += width


def _word(of_cell: bytes, content: bytes) -> str | None:
    kind = attribute(of_cell, b"office:value-type")
    if attribute(of_cell, b"calcext:value-type") == b"error":
        shown = _TEXT.search(content)
        return error_of(text_of(shown[1]) if shown else "")
    if not kind and attribute(of_cell, b"table:formula"):
        return UNCALCULATED
    return {b"percentage": PERCENT, b"time": TIME}.get(kind)


def _count(tag: bytes, name: bytes) -> int:
    return int(attribute(tag, name) or 1)
