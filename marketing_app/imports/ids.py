"""Ids of clients as they are compared: what nobody sees in them does not count, nor does the alphabet of a letter.

A copied cell brings zero-width characters along, and a Russian keyboard has an "С" of its own: the bank's list of
refusals then means a client whom it does not name letter by letter.
"""

import re
from collections.abc import Collection

_ALIKE = {
    "АВЕКМНОРСТУХЅІЈаекорсухѕіј": "ABEKMHOPCTYXSIJaekopcyxsij",
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο": "ABEZHIKMNOPTYXo",
    "\u2010\u2011\u2012\u2013\u2014\u2212": "------",
}
_SPACES = "\xa0\u2002\u2003\u2007\u2009\u202f\u3000"
_INVISIBLE = "\xad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e" + (
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff"
)

LETTERS = "".join(_ALIKE) + _SPACES + _INVISIBLE
REPLACED_BY = "".join(_ALIKE.values()) + " " * len(_SPACES)
"""What PostgreSQL's translate() puts in place of each of LETTERS; those past its end it removes."""

_LATIN = re.compile(r"[A-Za-z]")
_VISIBLE = str.maketrans(_SPACES, " " * len(_SPACES), _INVISIBLE)
_COMPARED = str.maketrans(LETTERS[: len(REPLACED_BY)], REPLACED_BY, _INVISIBLE)


def visible(written: str) -> str:
    """An id as a person sees it, in the letters in which it was written."""
    return written if written.isascii() else written.translate(_VISIBLE).strip()


def compared(written: str) -> str:
    """An id as it is compared: equal for all that look the same."""
    return written if written.isascii() else written.translate(_COMPARED).strip()


def mixed(ids: Collection[str]) -> list[str]:
    """Those that look wholly Latin and have letters of another alphabet, where Latin letters are among the ids too.

    A word with other letters besides, such as "Итого", is plainly no Latin one.
    """
    if not any(map(_LATIN.search, ids)):
        return []
    return [each for each in ids if compared(each).isascii() and compared(each) != visible(each)]
