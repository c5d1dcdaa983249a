"""Which known field a column's name means: the same word for word, or written a little differently."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

ALIKE = 0.8
"""Of two words, one mistyped letter in five or another ending; "debit" and "credit" stay apart."""
LONGEST_NAME = 200
"""Characters, as many as a field's label has: a cell of a header may have a million."""
SHORTEST_MISTYPED = 5
"""Shorter words are compared as they are: sum and cnt, all and oil, доход and расход."""
MOST_WORDS = 12
"""Names of more words are not searched for mistyped ones: each word is compared with each."""
REMEMBERED = 5_000
"""Names of fields and columns: each column of a file is compared with every field of a dictionary."""

_WORD = re.compile(r"\d+|[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])")
_FILLERS = frozenset({"of", "the", "in", "a", "за", "в", "на", "по", "client", "customer", "клиент", "клиента"})
"""Say nothing of what a column holds, every column being about a client."""


def likeness(name: str, labels: Mapping[str, str]) -> str | None:
    """The key of the field that a column's name means, by the fields' keys and labels; None where none is near."""
    if len(name) > LONGEST_NAME or not (wanted := _squashed(name)):
        return None
    for key in labels:
        if _squashed(key) == wanted:
            return key
    for key, label in labels.items():
        if _squashed(label) == wanted:
            return key
    words = _words(name)
    scores = {key: max(_score(words, _words(key)), _score(words, _words(label))) for key, label in labels.items()}
    best = max(scores, key=scores.__getitem__, default=None)
    return best if best is not None and scores[best] else None


@lru_cache(maxsize=REMEMBERED)
def _squashed(name: str) -> str:
    return "".join(character for character in name.casefold().replace("ё", "е") if character.isalnum())


class _Words(NamedTuple):
    """`fixed` are in order the numbers and the words that are too short to be mistyped."""

    fixed: tuple[str, ...]
    others: tuple[str, ...]


def _score(left: _Words, right: _Words) -> float:
    """0 unless every word of one has its like in the other, and their numbers are the same."""
    count = len(left.fixed) + len(left.others)
    if left.fixed != right.fixed or len(left.others) != len(right.others) or not 0 < count <= MOST_WORDS:
        return 0
    total = float(len(left.fixed))
    rest = list(right.others)
    for word in left.others:
        best = extractOne(word, rest, scorer=OSA.normalized_similarity, score_cutoff=ALIKE)
        if best is None:
            return 0
        _like, likeness_of_words, place = best
        total += likeness_of_words
        del rest[place]
    return total / count


@lru_cache(maxsize=REMEMBERED)
def _words(name: str) -> _Words:
    words = _WORD.findall(_CAMEL.sub(" ", name).casefold().replace("ё", "е"))
    telling = [word for word in words if word not in _FILLERS] or words
    fixed = [word for word in telling if word.isdigit() or len(word) < SHORTEST_MISTYPED]
    return _Words(tuple(sorted(fixed)), tuple(word for word in telling if word not in fixed))
