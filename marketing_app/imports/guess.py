"""What a text table leaves unsaid: in which encoding it is written, what parts its cells and what quotes them.

The encodings are few, so the whole file is tried: a guess from a sample takes a file whose first Russian name is far
down for something else (charset-normalizer and chardet both do). UTF-8 and UTF-16 exclude all others; of those with a
byte for a letter, that counts in which the letters are the frequent ones of Russian. For the separator the
standard Sniffer gives up on uneven rows and clevercsv takes a space where cells hold sentences; here the header
decides, and the rows confirm.
"""

import codecs
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from .cells import records
from .errors import NotATable
from .header import ROWS_SEARCHED, are_names

CYRILLIC = ("windows-1251", "cp866", "koi8-r")
"""A byte for a letter; the first where several serve equally well."""
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
"""What a file may begin with to tell its encoding; it is no part of the text."""

SAMPLE = 2**16
WORDS = 2_000
WORD = re.compile(rb"[\x80-\xff]{4,64}")
"""Shorter ones are codes and signs as well as words, and any three letters may be Russian in another encoding."""
LETTERS = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
"""Of Russian, from the most frequent to the rarest."""
NO_LETTER = -len(LETTERS)
CLEARLY, CERTAINLY = 3, 40
"""Ranks, on the average and in all, by which another encoding must fit better than Windows-1251."""
USUAL_DELIMITERS = "\t;|,"
"""In this order where two serve equally well: a comma is also a decimal point and part of a sentence."""
OFTEN_IN_NAMES = frozenset(" _-.\"'()[]{}<>/\\%№#&*:+?!@=$₽`\r\n«»—–\xa0")
"""Or in the first value of a list without a header."""
MOST_UNUSUAL = 10

_PIECE = 2**20
_BINARY = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1a\x1b\x1c\x1d\x1e\x1f\x01")
"""Control characters that no text has; some exports part cells with the last five."""
_NUL_SHARE_OF_UTF16 = 0.02
STRAY_NULS = 10
"""In a sample of a text: that many are damage in some of its rows, more are another kind of file."""
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
    if b"\0" in sample and (encoding := _utf16_of(sample)):
        return encoding
    if sample.count(0) > STRAY_NULS:
        raise NotATable("NUL characters")
    if len(_BINARY & frozenset(sample)) > 2:
        raise NotATable("control characters")
    return "utf-8" if _is_utf8(path) else _cyrillic_of(path)


def _utf16_of(sample: bytes) -> str | None:
    """By the side on which the zero bytes of separators, digits and line ends lie; None for a text of single bytes."""
    first, second = sample[::2].count(0), sample[1::2].count(0)
    if max(first, second) < max(4 * min(first, second), _NUL_SHARE_OF_UTF16 * len(sample)):
        return None
    encoding = "utf-16-le" if second > first else "utf-16-be"
    has_line_ends = not {"\r", "\n"}.isdisjoint(sample.decode(encoding, "replace"))
    return encoding if has_line_ends or not {10, 13} & set(sample) else None


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
                beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
                return has_shown or beyond_ascii > 4 * text.count("\ufffd")
    return True


def _cyrillic_of(path: Path) -> str:
    """By the different words of the text: a code that every row repeats tells no more than one of one row."""
    words = b" ".join(_words_beyond_ascii(path))
    scores = {encoding: _likeness_to_russian(words.decode(encoding, errors="replace")) for encoding in CYRILLIC}
    best = max(scores, key=scores.__getitem__)
    better_by = scores[best] - scores[CYRILLIC[0]]
    return best if better_by > CLEARLY and better_by * len(words) > CERTAINLY else CYRILLIC[0]


def _words_beyond_ascii(path: Path) -> set[bytes]:
    words: set[bytes] = set()
    with path.open("rb") as file:
        while len(words) < WORDS and (piece := file.read(SAMPLE)):
            words.update(found[0] for found in islice(WORD.finditer(piece), WORDS))
    return words


def _likeness_to_russian(words: str) -> float:
    """The average of how frequent its letters are; a capital after a small letter is no letter of a word."""
    ranks = [NO_LETTER if misplaced else _rank(letter) for misplaced, letter in _CAPITAL.findall(words)]
    return sum(ranks) / len(ranks) if ranks else 0.0


def _rank(letter: str) -> int:
    place = LETTERS.find(letter.lower())
    return NO_LETTER if place < 0 else -place


def quote_of(sample: str) -> str:
    """The double quotation mark, unless cells are held by single ones and none by double ones (see Reading)."""
    if _ESCAPED.search(sample) and _parts_as_well(sample, '\\"'):
        return '\\"'
    held = re.compile(r"(?:^|[\t;|,])'[^'\r\n]*'(?=[\t;|,\r\n]|$)", re.MULTILINE)
    begun = re.compile(r"(?:^|[\t;|,])'", re.MULTILINE)
    count = len(held.findall(sample))
    return "'" if '"' not in sample and count and count == len(begun.findall(sample)) else '"'


def _parts_as_well(sample: str, quote: str) -> bool:
    """Whether the rows come out more even by these quotation marks than by the usual ones, or as even and no fewer."""
    as_usual, by_these = ((delimiter_of(sample, each), each) for each in ('"', quote))
    usual, these = ([len(row) for row in records(_lines(sample), *how)] for how in (as_usual, by_these))
    return (_evenness(these), len(these)) >= (_evenness(usual), len(usual))


def _evenness(widths: Sequence[int]) -> float:
    return widths.count(widths[0]) / len(widths) if widths else 0.0


def delimiter_of(sample: str, quote: str) -> str:
    """Of what parts the header, that by which most rows are as wide as it; of equals, that of most columns.

    The header is the first line, or one below a title that parts the rows better.
    """
    if said := _SEPARATOR_LINE.match(sample):
        return said[1]
    best, best_score = _best_of(_candidates(_header_of(sample)), sample, quote)
    for table in _below_titles(sample):
        header = _header_of(table)
        delimiter, score = _best_of([each for each in USUAL_DELIMITERS if each in header], table, quote)
        if score > best_score and _parts_names(header, delimiter):
            sample, best, best_score = table, delimiter, score
    if best in _header_of(sample).replace(best * 2, ""):
        return best
    share, _width = _score(records(_lines(sample), best * 2, quote))
    return best * 2 if share and share >= best_score[0] else best


def _best_of(delimiters: Iterable[str], table: str, quote: str) -> tuple[str, tuple[float, int]]:
    best, best_score = USUAL_DELIMITERS[-1], (0.0, 0)
    for delimiter in delimiters:
        score = _score(records(_lines(table), delimiter, quote))
        if score > best_score:
            best, best_score = delimiter, score
    return best, best_score


def _below_titles(sample: str) -> Iterator[str]:
    """The sample from its second line with a value on, from its third, and so on."""
    at, count = 0, 0
    for line in _lines(sample):
        if line.strip():
            if count:
                yield sample[at:]
            count += 1
        at += len(line)
        if count == ROWS_SEARCHED:
            return


def _parts_names(header: str, delimiter: str) -> bool:
    """Whether the parts of a line may be names: a row of data, parted by what stands in its texts, is no header.

    No name has a separator in it, except for a comma with a space after it.
    """
    others = set(USUAL_DELIMITERS) - {delimiter}
    return are_names(header.split(delimiter)) and others.isdisjoint(header.replace(", ", ""))


def _candidates(header: str) -> Iterator[str]:
    yield from (each for each in USUAL_DELIMITERS if each in header)
    unusual = [each for each in dict.fromkeys(header) if not each.isalnum() and each not in OFTEN_IN_NAMES]
    yield from [each for each in unusual if each not in USUAL_DELIMITERS][:MOST_UNUSUAL]
    if ":" in header:
        yield ":"


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
