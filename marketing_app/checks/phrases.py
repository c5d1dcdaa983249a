"""Phrases as a lawyer would write them down, and the pattern that finds them in a text."""

import re

_TOKEN = re.compile(r" \.\.\. |[*|()\[\]#~ её]|[^*|()\[\]#~ её]+", re.IGNORECASE)
_GAP = r"[^.!?\n]{0,40}?(?<!\w)"
_MEANINGS = {
    " ... ": rf"\s{_GAP}",
    "*": r"\w*",
    "|": "|",
    "(": "(?:",
    ")": ")",
    "[": "(?:",
    "]": ")?",
    "#": r"\d+",
    "~": r"[^\w.!?\n]{1,3}",
    " ": r"\s+",
    "е": "[её]",
    "ё": "[её]",
}


def phrases(*wanted: str) -> re.Pattern[str]:
    """Finds any of the phrases, in any case, between whole words.

    In a phrase `*` is any ending, ` ... ` some words of the same sentence, `(a|b)` one of several, `[a]` what may be
    missing, `#` a number and `~` a mark with its spaces (a dash, a colon). "е" and "ё" are the same letter.
    """
    found = "|".join(f"(?:{_pattern(phrase)})" for phrase in wanted)
    return re.compile(rf"(?<!\w)(?:{found})(?!\w)", re.IGNORECASE)


def _pattern(phrase: str) -> str:
    return "".join(_MEANINGS.get(token.lower(), re.escape(token)) for token in _TOKEN.findall(phrase))
