"""What is wrong with the lines of a text table that reads without an error: rows that must not be believed."""

import re
from collections.abc import Sequence
from functools import cache

from .guess import CYRILLIC

_LETTERS, _DIGITS = re.compile(r"[^\W\d_]+"), re.compile(r"\d+")
_MARKS = " \"'\ufeff"
_UTF8_LEADS = b"\xd0\xd1"
"""First bytes of Russian letters in UTF-8. Bytes from 80 to BF follow them."""


def look_like_rows(lines: Sequence[str], delimiter: str, width: int, first_cell: str | None) -> bool:
    """Whether lines that are one row by their quotation marks part into rows of a table of this width.

    `first_cell` is that of the row, which the others' are to resemble; None where it may be unlike, as in a header.
    """
    first_shape = None if first_cell is None else _shape(re.split(rf"{re.escape(delimiter)}|[\r\n]", first_cell)[0])
    return any(
        len(cells) >= width and first_shape in (None, _shape(cells[0]))
        for cells in (line.split(delimiter) for line in lines)
    )


@cache
def foreign_text(encoding: str) -> re.Pattern[str] | None:
    """What Russian letters in UTF-8 look like in a Russian encoding, or what is no character of it; None where
    reading the file would fail at them."""
    if encoding not in CYRILLIC:
        return None
    follower = re.escape(bytes(range(0x80, 0xC0)).decode(encoding, "surrogateescape"))
    return re.compile(rf"(?:[{_UTF8_LEADS.decode(encoding)}][{follower}]){{2}}|[\udc80-\udcff]")


def mended(text: str, encoding: str) -> str:
    """The text as UTF-8, if it is that, without what is no character."""
    written = text.encode(encoding, "surrogateescape")
    try:
        return written.decode()
    except UnicodeDecodeError:
        return written.decode(encoding, "replace")


def _shape(cell: str) -> str:
    """How a cell is written: C-104 as A-9, so that ids of one kind have one shape."""
    return _LETTERS.sub("A", _DIGITS.sub("9", cell.strip(_MARKS)))
