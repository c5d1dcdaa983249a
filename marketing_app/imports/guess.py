"""What a text table leaves unsaid: in which encoding it is written, what parts its cells and what quotes them.

The encodings are few and exclude each other, so the whole file is tried: a guess from a sample takes a file whose
first Russian name is far down for something else (charset-normalizer and chardet both do). For the separator the
standard Sniffer gives up on uneven rows and clevercsv takes a space where cells hold sentences; here the header
decides, and the rows confirm.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import NotATable

if TYPE_CHECKING:
    from _csv import Reader

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "windows-1251")
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
"""What a file may begin with to tell its encoding; it is no part of the text."""

SAMPLE = 2**16
USUAL_DELIMITERS = "\t;|,"
"""In this order where two serve equally well: a comma is also a decimal point and part of a sentence."""
OFTEN_IN_NAMES = frozenset(" _-.\"'()[]{}<>/\\%№#&*:+?!@=$₽`\r\n«»—–\xa0")
"""Or in the first value of a list without a header."""
MOST_UNUSUAL = 10

_PIECE = 2**20
_BINARY = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1a\x1b\x1c\x1d\x1e\x1f\x01")
"""Control characters that no text has; some exports part cells with the last five."""
_NUL_SHARE_OF_UTF16 = 0.02
_SEPARATOR_LINE = re.compile(r"sep=([^\r\n])\r?\n", re.IGNORECASE)


def mark_of(path: Path) -> bytes:
    """The byte order mark that a file begins with, or nothing."""
    with path.open("rb") as file:
        start = file.read(3)
    return next((mark for mark in MARKS if start.startswith(mark)), b"")


def encoding_of(path: Path) -> str:
    """One of ENCODINGS. Raises NotATable for what is no text."""
    if mark := mark_of(path):
        return MARKS[mark]
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    if b"\0" in sample:
        return _utf16_of(sample)
    if len(_BINARY & frozenset(sample)) > 2:
        raise NotATable("control characters")
    return "utf-8" if _is_utf8(path) else "windows-1251"


def _utf16_of(sample: bytes) -> str:
    """By the side on which the zero bytes of separators, digits and line ends lie."""
    first, second = sample[::2].count(0), sample[1::2].count(0)
    if max(first, second) < max(4 * min(first, second), _NUL_SHARE_OF_UTF16 * len(sample)):
        raise NotATable("NUL characters")
    return "utf-16-le" if second > first else "utf-16-be"


def _is_utf8(path: Path) -> bool:
    """Whether the whole file is, or is but for damage: then reading it will name the line."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    has_shown = False
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            try:
                has_shown |= not decoder.decode(piece).isascii()
            except UnicodeDecodeError:
                text = piece.decode("utf-8", errors="replace")
                return has_shown or len(re.findall(r"[^\x00-\x7f]", text)) > 4 * text.count("\ufffd")
    return True


def quote_of(sample: str) -> str:
    """The double quotation mark, unless cells are held by single ones and none by double ones."""
    held = re.compile(r"(?:^|[\t;|,])'[^'\r\n]*'(?=[\t;|,\r\n]|$)", re.MULTILINE)
    begun = re.compile(r"(?:^|[\t;|,])'", re.MULTILINE)
    count = len(held.findall(sample))
    return "'" if '"' not in sample and count and count == len(begun.findall(sample)) else '"'


def delimiter_of(sample: str, quote: str) -> str:
    """Of what parts the header, that by which most rows are as wide as it; of equals, that of most columns."""
    if said := _SEPARATOR_LINE.match(sample):
        return said[1]
    best, best_score = USUAL_DELIMITERS[-1], (0.0, 0)
    for delimiter in _candidates(sample):
        score = _score(records(_lines(sample), delimiter, quote))
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _candidates(sample: str) -> Iterator[str]:
    header = next((line for line in _lines(sample) if line.strip()), "")
    yield from (each for each in USUAL_DELIMITERS if each in header)
    unusual = [each for each in dict.fromkeys(header) if not each.isalnum() and each not in OFTEN_IN_NAMES]
    yield from [each for each in unusual if each not in USUAL_DELIMITERS][:MOST_UNUSUAL]
    if ":" in header:
        yield ":"


def records(lines: Iterable[str], delimiter: str, quote: str) -> "Reader":
    """Cells of lines that keep their ends."""
    if quote:
        return csv.reader(lines, delimiter=delimiter, quotechar=quote)
    return csv.reader(lines, delimiter=delimiter, quotechar=None, quoting=csv.QUOTE_NONE)


def _lines(sample: str) -> Iterable[str]:
    """As a file gives them; splitlines would also part at characters that are a separator here."""
    return io.StringIO(sample, newline="")


def _score(rows: Iterable[list[str]]) -> tuple[float, int]:
    """How many rows are as wide as the header, as a share in tenths, and its width; 0 where it parts nothing."""
    header, *widths = [len(row) for row in rows if any(row)] or [0]
    if header < 2 or sum(width > 1 for width in widths) * 2 < len(widths):
        return 0, 0
    return max(0.1, round(widths.count(header) / len(widths), 1)) if widths else 1, header
