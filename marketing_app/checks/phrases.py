"""Phrases as a lawyer would write them down, and the pattern that finds them in a text."""

import re
from collections.abc import Iterator
from functools import cached_property

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


def phrases(*wanted: str) -> "Phrases":
    """Finds any of the phrases, in any case, between whole words.

    In a phrase `*` is any ending, ` ... ` some words of the same sentence, `(a|b)` one of several, `[a]` what may be
    missing, `#` a number and `~` a mark with its spaces (a dash, a colon). "е" and "ё" are the same letter.
    """
    return Phrases(wanted)


class Phrases:
    """What finds the phrases. The pattern is made when it is first wanted: those of all rules take a tenth of a second,
    for which no command that checks no text should wait. An unclosed bracket raises re.error then."""

    def __init__(self, wanted: tuple[str, ...]) -> None:
        self._wanted = wanted

    def search(self, text: str) -> re.Match[str] | None:
        return self.pattern.search(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self.pattern.finditer(text)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        found = "|".join(f"(?:{_pattern_of(phrase)})" for phrase in self._wanted)
        return re.compile(rf"(?<!\w)(?:{found})(?!\w)", re.IGNORECASE)


def _pattern_of(phrase: str) -> str:
    return "".join(_MEANINGS.get(token.lower(), re.escape(token)) for token in _TOKEN.findall(phrase))
