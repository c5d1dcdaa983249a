"""Small readings of XML that is searched as bytes, where a parser would take many times as long."""

import re
from collections.abc import Iterator
from html import unescape

LONGEST_ROW = 8 * 2**20
"""Bytes. What follows a longer one is not searched."""


def whole_rows(pieces: Iterator[bytes], row_end: bytes) -> Iterator[bytes]:
    """The pieces, cut where a row ends."""
    rest = b""
    for piece in pieces:
        text = rest + piece
        end = text.rfind(row_end) + len(row_end) if row_end in text else 0
        if end:
            yield text[:end]
        rest = text[end:]
        if len(rest) > LONGEST_ROW:
            return


def attribute(tag: bytes, name: bytes) -> bytes:
    """Its value as written; empty where the tag has none. `name` is an expression."""
    found = re.search(rb"""\s%s\s*=\s*(?:"([^"]*)"|'([^']*)')""" % name, tag)
    return found[1] or found[2] or b"" if found else b""


def text_of(written: bytes) -> str:
    return unescape(written.decode("utf-8", "replace"))
