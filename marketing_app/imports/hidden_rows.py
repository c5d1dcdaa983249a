"""Which rows of a sheet are hidden, by a filter or by hand: python-calamine does not tell.

Read from the XML in pieces, after check_archive has let the file in.
"""

import html
import posixpath
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from xml.parsers import expat

from .archive import unpacked, whole_tags

BOOK = "xl/workbook.xml"
TARGETS = "xl/_rels/workbook.xml.rels"
OPEN_DOCUMENT = "content.xml"
PIECES_OF_A_LIST = 64
"""Of archive.PIECE bytes each: no list of sheets is as long."""

_ROW = re.compile(rb"<(?:\w+:)?row(?=[\s/>])([^>]*)>")
_NUMBER = re.compile(rb"""\sr\s*=\s*["'](\d{1,7})["']""")
_HIDDEN = re.compile(rb"""\shidden\s*=\s*["'](?:1|true)["']""")
_ROW_OR_TABLE = re.compile(rb"<(?:\w+:)?(table-row|table)(?=[\s/>])([^>]*)>")
_REPEATED = re.compile(rb"""number-rows-repeated\s*=\s*["'](\d{1,7})["']""")
_INVISIBLE = re.compile(rb"""visibility\s*=\s*["'](?:filter|collapse)["']""")
_NAME = re.compile(rb"""\s(?:\w+:)?name\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def hidden_rows(path: Path, sheet: str, last_row: int) -> bytearray:
    """By a row's number up to `last_row`, whether it is hidden. Raises NotATable."""
    hidden = bytearray(last_row + 1)
    for first, end in _ranges(path, sheet):
        if first <= last_row:
            count = min(end, last_row + 1) - first
            hidden[first : first + count] = b"\1" * count
    return hidden


def _ranges(path: Path, sheet: str) -> Iterator[tuple[int, int]]:
    """The first hidden row of several, and the first after them."""
    if member := member_of(path, sheet):
        if _holds(path, member, b"hidden"):
            yield from _of_excel(whole_tags(unpacked(path, member)))
    elif _holds(path, OPEN_DOCUMENT, b"visibility"):
        yield from _of_open_document(whole_tags(unpacked(path, OPEN_DOCUMENT)), sheet)


def _holds(path: Path, member: str, word: bytes) -> bool:
    """Quick, as most sheets hide nothing."""
    return any(word in text for text in whole_tags(unpacked(path, member)))


def _of_excel(texts: Iterator[bytes]) -> Iterator[tuple[int, int]]:
    row = 0
    for text in texts:
        for attributes in _ROW.findall(text):
            number = _NUMBER.search(attributes)
            row = int(number[1]) if number else row + 1
            if _HIDDEN.search(attributes):
                yield row, row + 1


def _of_open_document(texts: Iterator[bytes], sheet: str) -> Iterator[tuple[int, int]]:
    row, is_ours = 1, False
    for text in texts:
        for tag, attributes in _ROW_OR_TABLE.findall(text):
            if tag == b"table":
                name = _NAME.search(attributes)
                is_ours = name is not None and html.unescape((name[1] or name[2] or b"").decode()) == sheet
            elif is_ours:
                repeated = _REPEATED.search(attributes)
                end = row + (int(repeated[1]) if repeated else 1)
                if _INVISIBLE.search(attributes):
                    yield row, end
                row = end


def member_of(path: Path, sheet: str) -> str | None:
    """Where an xlsx keeps a sheet; None for an OpenDocument spreadsheet, whose sheets are in one member."""
    places = {each.get("name"): _reference(each) for each in _elements(path, BOOK, "sheet")}
    targets = {each.get("Id"): each.get("Target", "") for each in _elements(path, TARGETS, "Relationship")}
    target = targets.get(places.get(sheet))
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/") if target else None


def _reference(sheet: dict[str, str]) -> str | None:
    return next((value for name, value in sheet.items() if name.endswith(":id")), None)


def _elements(path: Path, member: str, tag: str) -> list[dict[str, str]]:
    """The attributes of a member's elements of that name, whatever their prefix; none where it cannot be read."""
    found: list[dict[str, str]] = []

    def note(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == tag:
            found.append(attributes)

    parser = expat.ParserCreate()
    parser.StartElementHandler = note
    try:
        for piece in islice(unpacked(path, member), PIECES_OF_A_LIST):
            parser.Parse(piece, False)
    except expat.ExpatError:
        return []
    return found
