"""Which known field a column's name means: the same word for word, or written a little differently."""

import re
from collections.abc import Mapping
from functools import lru_cache

from rapidfuzz.distance import OSA

ALIKE = 0.8
"""Of two words, one mistyped letter in five or another ending; "debit" and "credit" stay apart."""
SHORTEST_MISTYPED = 5
"""Shorter words are compared as they are: sum and cnt, all and oil, доход and расход."""

_WORD = re.compile(r"\d+|[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])")
_FILLERS = frozenset({"of", "the", "in", "a", "за", "в", "на", "по", "client", "customer", "клиент", "клиента"})
"""Say nothing of what a column holds, every column being about a client."""


def likeness(name: str, labels: Mapping[str, str]) -> str | None:
    """The key of the field that a column's name means, by the fields' keys and labels; None where none is near."""
    if not (wanted := _squashed(name)):
        return None
    for key in labels:
        if _squashed(key) == wanted:
            return key
    for key, label in labels.items():
        if _squashed(label) == wanted:
            return key
    scores = {key: max(_score(name, key), _score(name, label)) for key, label in labels.items()}
    best = max(scores, key=scores.__getitem__, default=None)
    return best if best is not None and scores[best] else None


def _squashed(name: str) -> str:
    return "".join(character for character in name.casefold().replace("ё", "е") if character.isalnum())


def _score(name: str, other: str) -> float:
    """0 unless every word of one has its like in the other, and their numbers are the same."""
    left, right = _words(name), _words(other)
    if len(left) != len(right) or not left:
        return 0
    total = 0.0
    rest = list(right)
    for word in left:
        best = max(rest, key=lambda other_word: _alike(word, other_word))
        total += (alike := _alike(word, best))
        if not alike:
            return 0
        rest.remove(best)
    return total / len(left)


def _alike(word: str, other: str) -> float:
    if word == other:
        return 1
    if min(len(word), len(other)) < SHORTEST_MISTYPED or word.isdigit() or other.isdigit():
        return 0
    return OSA.normalized_similarity(word, other, score_cutoff=ALIKE)


@lru_cache(maxsize=1000)
def _words(name: str) -> tuple[str, ...]:
    words = _WORD.findall(_CAMEL.sub(" ", name).casefold().replace("ё", "е"))
    return tuple(word for word in words if word not in _FILLERS) or tuple(words)
