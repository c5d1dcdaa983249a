"""Russian words by the dictionary of OpenCorpora (pymorphy3): their lemmas, and what each may be in a sentence.

The dictionary takes 0.13 s and 30 MB, so it is loaded with the first Russian word that is looked up.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

MOST_WORDS = 20_000
NAMES = ("Name", "Surn", "Patr", "Geox", "Orgn", "Trad")
"""Grammemes of people, places, companies and brands."""


@lru_cache(maxsize=1)
def _analyser() -> Any:
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer(lang="ru")


@lru_cache(maxsize=MOST_WORDS)
def _parses(word: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """The lemma and grammemes of each reading of a lower-case word, the likeliest first. The dictionary reads every
    letter as an abbreviation too; such readings are left out where there are others."""
    try:
        found = [(each.normal_form, each.tag.grammemes) for each in _analyser().parse(word)]
    except ValueError:  # pymorphy3 asks for the name of each letter, and Python's table of Unicode does not have all.
        return ((word, frozenset({"UNKN"})),)
    return tuple(each for each in found if "Abbr" not in each[1]) or tuple(found)


@lru_cache(maxsize=MOST_WORDS)
def is_known(word: str) -> bool:
    """Whether the dictionary has the word. For other words pymorphy3 guesses by the ending."""
    return bool(_analyser().word_is_known(word.lower()))


def readings(word: str) -> list[frozenset[str]]:
    """The grammemes of every reading, the likeliest first."""
    return [grammemes for _lemma, grammemes in _parses(word.lower())]


def lemmas(word: str) -> frozenset[str]:
    return frozenset(lemma.replace("ё", "е") for lemma, _grammemes in _parses(word.lower()))


def lemmas_of(words: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(lemmas(word) for word in words))


def is_name_only(word: str) -> bool:
    """Whether the dictionary knows the word as a name and as nothing else: "Москва" is one, "вера" is a word too."""
    return is_known(word) and all(not grammemes.isdisjoint(NAMES) for grammemes in readings(word))
