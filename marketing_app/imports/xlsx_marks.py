"""The cells of an xlsx of which cell_marks tells."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .archive import unpacked
from .cell_marks import PERCENT, PERHAPS_ZERO, WORKED_OUT, Mark, error_of
from .flaws import UNCALCULATED
from .hidden_rows import BOOK, member_of
from .xml_bytes import attribute, text_of, whole_rows

LONGEST_PART = 16 * 2**20
"""Bytes of the lists of sheets and formats. In a longer one nothing is looked for."""
_BUILT_IN_PERCENTS = frozenset({b"9", b"10"})

_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\b[^>]*>")
_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\b[^>]*>")
_SHOWN_AS_IT_STANDS = re.compile(rb"&quot;.*?&quot;|\\.|\[[^\]]*\]")
_CALCULATED_LATER = re.compile(rb"""\sfullCalcOnLoad=["'](?:1|true)["']""")

_ROW_END = b"row>"
_ROW = rb"<(?:\w+:)?row\b(?P<row>[^<>]*)>"
_BEGINNING = re.compile(rb"<(?:\w+:)?c\b")
_END = re.compile(rb"</(?:\w+:)?c>")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]*)<")


class _Cell(NamedTuple):
    row: int
    column: int
    attributes: bytes
    content: bytes

    @property
    def value(self) -> bytes:
        found = _VALUE.search(self.content)
        return found[1].strip() if found else b""


def marks_in_xlsx(path: Path, sheet: str) -> Iterator[Mark]:
    """The marks of the sheet with that name; nothing if the file has no such sheet."""
    workbook = _whole(path, BOOK)
    is_calculated_later = bool(_CALCULATED_LATER.search(workbook))
    percents = _percents(_whole(path, "xl/styles.xml"))
    member = member_of(path, sheet) or ""
    for cell in _cells(unpacked(path, member), percents) if _is_worth_it(path, member, percents) else ():
        kind, value = attribute(cell.attributes, b"t"), cell.value
        if kind == b"e":
            yield cell.row, cell.column, error_of(text_of(value))
        elif _FORMULA.search(cell.content) and (word := _of_a_formula(kind, value, is_calculated_later)):
            yield cell.row, cell.column, word
        elif value and attribute(cell.attributes, b"s") in percents:
            yield cell.row, cell.column, PERCENT


def _is_worth_it(path: Path, member: str, percents: frozenset[bytes]) -> bool:
    """Whether anything that we look for may be in the sheet: most have nothing, and this is quick."""
    signs = [b't="e"', b"t='e'", b"<f", b":f", *(sign % style for style in percents for sign in (b's="%s"', b"s='%s'"))]
    return any(sign in text for text in whole_rows(unpacked(path, member), _ROW_END) for sign in signs)


def _of_a_formula(kind: bytes, value: bytes, is_calculated_later: bool) -> str | None:
    """The mark of a formula's cell. A text may be empty: then the cell says that it is one."""
    if not value:
        return UNCALCULATED if kind not in (b"str", b"inlineStr") else None
    if not is_calculated_later:
        return None
    return PERHAPS_ZERO if value == b"0" else WORKED_OUT


def _percents(styles: bytes) -> frozenset[bytes]:
    """Numbers of the cell styles that show a number as a percentage."""
    formats = {attribute(tag, b"numFmtId"): attribute(tag, b"formatCode") for tag in _FORMAT.findall(styles)}
    percents = _BUILT_IN_PERCENTS | {
        number for number, code in formats.items() if b"%" in _SHOWN_AS_IT_STANDS.sub(b"", code)
    }
    of_cells = _STYLES.search(styles)
    tags = _STYLE.findall(of_cells[0]) if of_cells else []
    return frozenset(b"%d" % at for at, tag in enumerate(tags) if attribute(tag, b"numFmtId") in percents)


def _cells(pieces: Iterator[bytes], percents: frozenset[bytes]) -> Iterator[_Cell]:
    """Those with an error, a formula, or one of these styles."""
    is_error = rb"""\st=["']e["']"""
    is_percent = rb"""\ss=["'](?:%s)["']""" % b"|".join(percents) if percents else is_error
    has_formula = rb"[^<>]*(?=>\s*<(?:\w+:)?f\b)"
    wanted = rb"<(?:\w+:)?c\b(?P<cell>(?=[^<>]*(?:%s|%s))[^<>]*|%s)(?<!/)>" % (is_error, is_percent, has_formula)
    tokens = re.compile(_ROW + rb"|" + wanted)
    row = 0
    for text in whole_rows(pieces, _ROW_END):
        at = row_begins = 0
        while found := tokens.search(text, at):
            at = found.end()
            if found["row"] is not None:
                row, row_begins = int(attribute(found["row"], b"r") or row + 1), at
            elif end := _END.search(text, at):
                address = attribute(found["cell"], b"r")
                column = _number(address) if address else len(_BEGINNING.findall(text, row_begins, found.start())) + 1
                yield _Cell(row, column, found["cell"], text[at : end.start()])
                at = end.end()
            else:
                break


def _whole(path: Path, name: str) -> bytes:
    content = b""
    for piece in unpacked(path, name):
        content += piece
        if len(content) > LONGEST_PART:
            return b""
    return content


def _number(address: bytes) -> int:
    """AB12 as 28."""
    number = 0
    for letter in address.upper():
        if letter < 65:
            break
        number = number * 26 + letter - 64
    return number
