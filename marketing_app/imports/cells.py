"""Cells of lines of text, beyond what the csv module knows: separators of several characters, and quotation marks that
are escaped inside of a quoted cell."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from _csv import Reader

PART = "\ufdd0"
"""Stands for a separator of several characters. Unicode keeps it from all texts."""


def records(lines: Iterable[str], delimiter: str, quote: str) -> "Reader":
    """Cells of lines that keep their ends; `delimiter` and `quote` as in Reading.

    A separator of several characters that a quoted cell holds is PART there.
    """
    if len(delimiter) > 1:
        return records((line.replace(delimiter, PART) for line in lines), PART, quote)
    if not quote:
        return csv.reader(lines, delimiter=delimiter, quotechar=None, quoting=csv.QUOTE_NONE)
    if len(quote) == 1:
        return csv.reader(lines, delimiter=delimiter, quotechar=quote)
    escape, mark = quote[0], quote[1]
    lines = _escaped_outside(lines, delimiter, mark, escape)
    return csv.reader(lines, delimiter=delimiter, quotechar=mark, escapechar=escape)


def _escaped_outside(lines: Iterable[str], delimiter: str, mark: str, escape: str) -> Iterator[str]:
    """The lines with every `escape` outside of a quoted cell doubled: there it escapes nothing, as programs write it,
    while the csv module's reader would take it away."""
    inner = rf"(?:[^{re.escape(mark + escape)}]+|{re.escape(escape)}.|{mark}{mark})*(?P<close>{mark}?)"
    after = rf"(?P<plain>[^{re.escape(delimiter)}]*{re.escape(delimiter)}?)"
    cell = re.compile(rf"(?P<quoted>{mark}{inner})?{after}", re.DOTALL)
    rest_of_cell = re.compile(rf"(?P<quoted>{inner}){after}", re.DOTALL)
    is_open = False
    for line in lines:
        kept, at = "", 0
        while at < len(line):
            found = cast("re.Match[str]", (rest_of_cell if is_open else cell).match(line, at))
            is_open = found["quoted"] is not None and not found["close"]
            kept += (found["quoted"] or "") + found["plain"].replace(escape, escape * 2)
            at = found.end()
        yield kept
