"""How sure a model was of the words that it wrote: what tells sense from nonsense in a small model's text."""

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PLACE_WORDS = 3
"""Words of a weakest place. A single rare word is often right; three in a row that a model would not say seldom are."""
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Certainty:
    """Log-probabilities per token, natural logarithm: the mean of a text's own words, without a beginning that was
    given, and the mean of its weakest place, which is in these characters of the text."""

    mean: float
    weakest: float
    weakest_span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Bars:
    """How sure a model has to be, as mean log-probabilities per token: below `upper` a text is asked for again, below
    `lower` it is never sent."""

    upper: float
    lower: float


Scored = tuple[str, float]
"""Some characters, none where a token ends within one, and the log-probability of the token."""


def certainty_of(text: str, begin: int, pieces: Iterable[Scored]) -> Certainty | None:
    """Of a text that a model wrote piece by piece from the place `begin` on. Where the text is shorter than its pieces,
    their end does not count. None when the model wrote nothing of it.

    `begin` is negative where space before the text was cut off.
    """
    if len(text) <= begin:
        return None
    kept: list[tuple[int, float]] = []
    for piece, logprob in pieces:
        if begin + len(piece.rstrip()) > len(text):
            break
        begin += len(piece)
        kept.append((begin, logprob))
    if not kept:
        return None
    weakest, span = min(_places(text, kept), default=(0.0, (0, 0)))
    return Certainty(_mean([logprob for _end, logprob in kept]), weakest, span)


def decoded(tokens: Iterable[tuple[bytes, float]]) -> list[Scored]:
    """The characters of tokens, each with the token that ends it."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore")
    return [(decoder.decode(piece).replace("\0", ""), logprob) for piece, logprob in tokens]


def _places(text: str, kept: Sequence[tuple[int, float]]) -> Iterable[tuple[float, tuple[int, int]]]:
    """Each run of PLACE_WORDS words, or all of them where there are fewer, with its mean."""
    first = kept[0][0]
    words = [match.span() for match in _WORD.finditer(text) if match.end() >= first]
    for at in range(max(1, len(words) - PLACE_WORDS + 1)):
        run = words[at : at + PLACE_WORDS]
        if run:
            start, end = run[0][0], run[-1][1]
            inside = [logprob for place, logprob in kept if start < place <= end]
            if inside:
                yield _mean(inside), (start, end)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
