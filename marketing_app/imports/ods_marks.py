"""The cells of an OpenDocument spreadsheet of which cell_marks tells."""

import re
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path

from .archive import pieces_of
from .cell_marks import LONGEST_ERROR, MOST_MARKS, PERCENT, TIME, Mark
from .flaws import UNCALCULATED
from .xml_bytes import attribute, text_of, whole_rows

DOCUMENT = "content.xml"

_ATTRIBUTES = rb"""((?:[^>"']|"[^"]*"|'[^']*')*?)"""
_CELL = rb"(?:covered-)?table-cell"
_TOKEN = re.compile(
    rb"<table:(?:(table-row|table)(?![-\w])%s/?>|%s(?![-\w])%s(?:/>|>(.*?)</table:%s>))"
    % (_ATTRIBUTES, _CELL, _ATTRIBUTES, _CELL),
    re.DOTALL,
)
_ROW_END = b"</table:table-row>"
_TEXT = re.compile(rb"<text:p\b[^>]*>([^<]*)<")
_WORTH_MARKING = re.compile(rb"""value-type=["'](?:error|percentage|time)|table:formula=""")


def is_opendocument(path: Path) -> bool:
    return next(pieces_of(path, DOCUMENT), None) is not None


def marks_in_ods(path: Path, sheet: str) -> Iterator[Mark]:
    """Of the sheet of that name; nothing where there is none."""
    if any(map(_WORTH_MARKING.search, whole_rows(pieces_of(path, DOCUMENT), _ROW_END))):
        yield from islice(_marks(path, sheet), MOST_MARKS)


def _marks(path: Path, sheet: str) -> Iterator[Mark]:
    """A row, and a cell, says of itself how often it comes."""
    name, row, row_count, column = "", 1, 0, 1
    for text in whole_rows(pieces_of(path, DOCUMENT), _ROW_END):
        for tag, attributes, of_cell, content in _TOKEN.findall(text):
            if tag == b"table":
                name, row, row_count = text_of(attribute(attributes, b"table:name")), 1, 0
            elif tag == b"table-row":
                row, row_count, column = row + row_count, _count(attributes, b"table:number-rows-repeated"), 1
            else:
                width = _count(of_cell, b"table:number-columns-repeated")
                if name == sheet and (word := _word(of_cell, content)):
                    places = product(range(row, row + row_count), range(column, column + width))
                    yield from ((*place, word) for place in places)
                column += width


def _word(of_cell: bytes, content: bytes) -> str | None:
    kind = attribute(of_cell, b"office:value-type")
    if attribute(of_cell, b"calcext:value-type") == b"error":
        shown = _TEXT.search(content)
        return text_of(shown[1]).strip()[:LONGEST_ERROR] if shown else UNCALCULATED
    if not kind and attribute(of_cell, b"table:formula"):
        return UNCALCULATED
    return {b"percentage": PERCENT, b"time": TIME}.get(kind)


def _count(tag: bytes, name: bytes) -> int:
    return int(attribute(tag, name) or 1)
