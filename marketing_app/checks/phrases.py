"""Phrases as a lawyer would write them down, and the pattern that finds them in a text."""

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from math import prod

_TOKEN = re.compile(
    r"(?P<inner>\*(?=[^\W_]))|(?P<gap> +\.\.\. +)|(?P<space> +)|[*|()\[\]#~её]|[^*|()\[\]#~ её]+", re.IGNORECASE
)
"""`inner` is an ending after which the word goes on."""
_LONGEST_GAP, _LONGEST_MARK, _LONGEST_WORD = 40, 3, 100
_GAP = rf"[^.!?\n]{{0,{_LONGEST_GAP}}}?(?<!\w)"
# Endings, numbers and spaces give nothing back: a row of them would share out a long text in every way.
_MEANINGS = {
    "inner": r"\w*",
    "gap": rf"\s{_GAP}",
    "space": r"\s++",
    "*": r"\w*+",
    "|": "|",
    "(": "(?:",
    ")": ")",
    "[": "(?:",
    "]": ")?",
    "#": r"\d++",
    "~": rf"[^\w.!?\n]{{1,{_LONGEST_MARK}}}",
    "е": "[её]",
    "ё": "[её]",
}

_WAYS = {"gap": _LONGEST_GAP, "~": _LONGEST_MARK, "inner": _LONGEST_WORD}

BEGINNING = 4
ANYTHING, DIGIT = "", "#"
_WORD, _MARK = re.compile(r"\w+"), re.compile(r"[^\w\s]")
_SAME = str.maketrans({"İ": "i", "ı": "i"})


@lru_cache(maxsize=512)
def phrases(*wanted: str) -> "Phrases":
    """Finds any of the phrases, in any case, between whole words.

    In a phrase `*` is any ending, ` ... ` some words of the same sentence, `(a|b)` one of several, `[a]` what may be
    missing, `#` a number and `~` a mark with its spaces (a dash, a colon). "е" and "ё" are the same letter.
    """
    return Phrases(wanted)


def ways(phrase: str) -> int:
    """In how many ways a text may have to be tried against a phrase, at most: what looking for it costs."""
    count, choices_of_open = 1, [1]
    for token in _TOKEN.finditer(phrase):
        match _kind(token):
            case "(" | "[" as bracket:
                choices_of_open.append(1 if bracket == "(" else 2)
            case "|":
                choices_of_open[-1] += 1
            case ")" | "]" if len(choices_of_open) > 1:
                count *= max(2, choices_of_open.pop())
            case kind:
                count *= _WAYS.get(kind, 1)
    return count * choices_of_open[0] * prod(max(2, choices) for choices in choices_of_open[1:])


class Phrases:
    """What finds the phrases. The pattern is made when it is first wanted: those of all rules take a tenth of a second,
    so that commands that check no text do not wait for it. A phrase with an unmatched bracket raises re.error then."""

    def __init__(self, wanted: tuple[str, ...]) -> None:
        self._wanted = wanted

    def search(self, text: str) -> re.Match[str] | None:
        return self.pattern.search(text) if self._may_be_in(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self.pattern.finditer(text) if self._may_be_in(text) else iter(())

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """Every text that contains one of the phrases has one of these beginnings (see `beginnings_in`)."""
        return frozenset(each for phrase in self._wanted for each in _beginnings_of(phrase))

    def _may_be_in(self, text: str) -> bool:
        """Comparing beginnings is many times faster than the pattern, and most phrases are in no text."""
        return not self.beginnings.isdisjoint(beginnings_in(text))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        found = "|".join(f"(?:{_pattern_of(phrase)})" for phrase in self._wanted)
        return re.compile(rf"(?<!\w)(?:{found})(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=256)
def beginnings_in(text: str) -> frozenset[str]:
    """The first letters of every word, up to BEGINNING of them; short words with a space; every mark; DIGIT where there
    are digits; and ANYTHING."""
    plain = folded(text)
    words = set(_WORD.findall(plain))
    found = {word[:length] for word in words for length in range(1, BEGINNING + 1)}
    found |= {f"{word} " for word in words if len(word) <= BEGINNING}
    found |= {ANYTHING, *_MARK.findall(plain)}
    return frozenset(found | {DIGIT} if any(word[0].isdecimal() for word in words) else found)


def _beginnings_of(phrase: str) -> set[str]:
    """The beginnings, as `beginnings_in` gives them, of texts that the phrase matches."""
    word = _WORD.match(phrase)
    letters = folded(word[0]) if word else ""
    after = phrase[len(letters) :][:1]
    if after in ("(", "[") and len(letters) < BEGINNING:
        begun, end = len(letters), _end_of_group(phrase, len(letters))
        choices = [*_choices(phrase[begun + 1 : end]), *([""] if after == "[" else [])]
        return {each for choice in choices for each in _beginnings_of(phrase[:begun] + choice + phrase[end + 1 :])}
    if letters:
        is_whole = len(letters) <= BEGINNING and after not in ("*", "#", "(", "[")
        return {f"{letters} " if is_whole else letters[:BEGINNING]}
    return {DIGIT if after == "#" else ANYTHING if after in ("", "*", "~", " ") else after}


def _end_of_group(phrase: str, start: int) -> int:
    depth = 0
    for place in range(start, len(phrase)):
        depth += (phrase[place] in "([") - (phrase[place] in ")]")
        if depth == 0:
            return place
    return len(phrase)


def _choices(group: str) -> Iterator[str]:
    """The alternatives of a group: split at each `|` that is not inside a nested group."""
    depth, start = 0, 0
    for place, sign in enumerate(group):
        depth += (sign in "([") - (sign in ")]")
        if sign == "|" and depth == 0:
            yield group[start:place]
            start = place + 1
    yield group[start:]


def folded(text: str) -> str:
    """Folds letters as a pattern with IGNORECASE compares them."""
    return text.translate(_SAME).casefold().replace("ё", "е")


def _pattern_of(phrase: str) -> str:
    return "".join(_MEANINGS.get(_kind(token), re.escape(token[0])) for token in _TOKEN.finditer(phrase))


def _kind(token: re.Match[str]) -> str:
    return token.lastgroup or token[0].lower()
