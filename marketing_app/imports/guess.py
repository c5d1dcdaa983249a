"""What a text table leaves unsaid: in which encoding it is written, what parts its cells and what quotes them.

The encodings are few, so the whole file is tried: a guess from a sample takes a file whose first Russian name is far
down for something else (charset-normalizer and chardet both do). UTF-8 and UTF-16 exclude all others; of those with a
byte for a letter, that counts in which the letters are the frequent ones of Russian. For the separator the
standard Sniffer gives up on uneven rows and clevercsv takes a space where cells hold sentences; here the header
decides, and the rows confirm.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import NotATable

if TYPE_CHECKING:
    from _csv import Reader

CYRILLIC = ("windows-1251", "cp866", "koi8-r")
"""A byte for a letter; the first where several serve equally well."""
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
"""What a file may begin with to tell its encoding; it is no part of the text."""

SAMPLE = 2**16
WORDS = 2000
LETTERS = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
"""Of Russian, from the most frequent to the rarest."""
NO_LETTER = -len(LETTERS)
CLEARLY = 3.0
"""Ranks on the average by which another encoding must fit better than Windows-1251."""
PART = "\ufdd0"
"""Stands for a separator of several characters, of which the csv module knows none. Unicode keeps it from all texts."""
USUAL_DELIMITERS = "\t;|,"
"""In this order where two serve equally well: a comma is also a decimal point and part of a sentence."""
OFTEN_IN_NAMES = frozenset(" _-.\"'()[]{}<>/\\%№#&*:+?!@=$₽`\r\n«»—–\xa0")
"""Or in the first value of a list without a header."""
MOST_UNUSUAL = 10

_PIECE = 2**20
_BINARY = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1a\x1b\x1c\x1d\x1e\x1f\x01")
"""Control characters that no text has; some exports part cells with the last five."""
_NUL_SHARE_OF_UTF16 = 0.02
_CAPITAL = re.compile(r"((?<=[а-яё])[А-ЯЁ])?(\S)")
_ESCAPED = re.compile(r"""(?:^|[\t;|,])"(?:[^"\\]|\\.)*\\"[^\t;|,\r\n"]""", re.MULTILINE)
"""A cell within quotation marks that holds one of them after a backslash, not before the cell's own end."""
_SEPARATOR_LINE = re.compile(r"sep=([^\r\n])\r?\n", re.IGNORECASE)


def mark_of(path: Path) -> bytes:
    """The byte order mark that a file begins with, or nothing."""
    with path.open("rb") as file:
        start = file.read(3)
    return next((mark for mark in MARKS if start.startswith(mark)), b"")


def encoding_of(path: Path) -> str:
    """Raises NotATable for what is no text."""
    if mark := mark_of(path):
        return MARKS[mark]
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    if b"\0" in sample:
        return _utf16_of(sample)
    if len(_BINARY & frozenset(sample)) > 2:
        raise NotATable("control characters")
    return "utf-8" if _is_utf8(path) else _cyrillic_of(path)


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


def _cyrillic_of(path: Path) -> str:
    words = b" ".join(islice(_words_beyond_ascii(path), WORDS))
    scores = {encoding: _likeness_to_russian(words.decode(encoding, errors="replace")) for encoding in CYRILLIC}
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] > scores[CYRILLIC[0]] + CLEARLY else CYRILLIC[0]


def _words_beyond_ascii(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(SAMPLE):
            yield from re.findall(rb"[\x80-\xff]+", piece)


def _likeness_to_russian(words: str) -> float:
    """The average of how frequent its letters are; a capital after a small letter is no letter of a word."""
    ranks = [NO_LETTER if misplaced else _rank(letter) for misplaced, letter in _CAPITAL.findall(words)]
    return sum(ranks) / len(ranks) if ranks else 0.0


def _rank(letter: str) -> int:
    place = LETTERS.find(letter.lower())
    return NO_LETTER if place < 0 else -place


def quote_of(sample: str) -> str:
    """The double quotation mark, unless cells are held by single ones and none by double ones (see Reading)."""
    if _ESCAPED.search(sample):
        return '\\"'
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
    if best in _header_of(sample).replace(best * 2, ""):
        return best
    share, _width = _score(records(_lines(sample), best * 2, quote))
    return best * 2 if share and share >= best_score[0] else best


def _candidates(sample: str) -> Iterator[str]:
    header = _header_of(sample)
    yield from (each for each in USUAL_DELIMITERS if each in header)
    unusual = [each for each in dict.fromkeys(header) if not each.isalnum() and each not in OFTEN_IN_NAMES]
    yield from [each for each in unusual if each not in USUAL_DELIMITERS][:MOST_UNUSUAL]
    if ":" in header:
        yield ":"


def records(lines: Iterable[str], delimiter: str, quote: str) -> "Reader":
    """Cells of lines that keep their ends; `delimiter` and `quote` as in Reading.

    A separator of several characters that a quoted cell holds is PART there.
    """
    if len(delimiter) > 1:
        return records((line.replace(delimiter, PART) for line in lines), PART, quote)
    if not quote:
        return csv.reader(lines, delimiter=delimiter, quotechar=None, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=delimiter, quotechar=quote[-1], escapechar=quote[:-1] or None)


def _header_of(sample: str) -> str:
    return next((line for line in _lines(sample) if line.strip()), "")


def _lines(sample: str) -> Iterable[str]:
    """As a file gives them; splitlines would also part at characters that are a separator here."""
    return io.StringIO(sample, newline="")


def _score(rows: Iterable[list[str]]) -> tuple[float, int]:
    """How many rows are as wide as the header, as a share in tenths, and its width; 0 where it parts nothing."""
    header, *widths = [len(row) for row in rows if any(row)] or [0]
    if header < 2 or sum(width > 1 for width in widths) * 2 < len(widths):
        return 0, 0
    return max(0.1, round(widths.count(header) / len(widths), 1)) if widths else 1, header
