"""Two texts beside each other, with the words that differ."""

import re
from difflib import SequenceMatcher
from typing import NamedTuple

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class Part(NamedTuple):
    """A run of a text; whether the other text has it in this place."""

    text: str
    differs: bool


def differences(left: str, right: str) -> tuple[list[Part], list[Part]]:
    """All of both texts in their order, cut where they begin and cease to be the same by words."""
    ours, theirs = _WORDS.findall(left), _WORDS.findall(right)
    cut: tuple[list[Part], list[Part]] = ([], [])
    matcher = SequenceMatcher(_is_space, ours, theirs, autojunk=False)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        for parts, words in zip(cut, (ours[start:end], theirs[other_start:other_end]), strict=True):
            if words:
                parts.append(Part("".join(words), kind != "equal"))
    return cut


def _is_space(word: str) -> bool:
    return word.isspace()
