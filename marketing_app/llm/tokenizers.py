"""How a model's tokens come about, as far as it takes to leave some out: which text each stands for, and which shorter
tokens it is joined from. llama.cpp splits texts itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Protocol

WORD_SPACE = "\u2581"
"""What tokenizers by scores have for a space."""


class Tokenizer(Protocol):
    """Tokens are known by their places in the vocabulary."""

    @property
    def texts(self) -> Sequence[str]:
        """What each token stands for; with U+FFFD in the place of bytes that are no whole character."""
        ...

    @property
    def likeliest(self) -> Iterable[int]:
        """All tokens, those first that stand in most texts."""
        ...

    @property
    def alphabet(self) -> Iterable[int]:
        """The tokens of single bytes that its list of types does not tell from others."""
        ...

    def parts(self, token: int) -> Iterable[int]:
        """The shorter tokens that are joined on the way to this one."""
        ...


class TokenizerByScores:
    """SentencePiece's (Gemma, Llama 2): of all neighbours the pair is joined whose token has the highest score."""

    alphabet = ()

    def __init__(self, texts: Sequence[bytes], scores: Sequence[float]) -> None:
        self.texts = [text.decode("utf-8", "replace") for text in texts]
        self._scores = scores
        self._places = {text: place for place, text in enumerate(self.texts)}

    @cached_property
    def likeliest(self) -> Sequence[int]:
        return sorted(range(len(self._scores)), key=lambda place: -self._scores[place])

    def parts(self, token: int) -> Iterator[int]:
        pieces = list(self.texts[token])
        yield from (self._places[piece] for piece in pieces if piece in self._places)
        while len(pieces) > 2:
            joined = [self._places.get(one + other) for one, other in pairwise(pieces)]
            known = [(self._scores[place], -at) for at, place in enumerate(joined) if place is not None]
            if not known:
                return
            at = -max(known)[1]
            pieces[at : at + 2] = [pieces[at] + pieces[at + 1]]
            yield self._places[pieces[at]]


class TokenizerByMerges:
    """GPT-2's (Llama 3, Qwen): the pair is joined that stands first in the list of merges, of which each is written as
    two tokens with a space between them. Tokens stand in the order in which they came about."""

    def __init__(self, texts: Sequence[bytes], merges: Sequence[bytes]) -> None:
        self.texts = [text_of_letters(text.decode("utf-8", "replace")) for text in texts]
        self.likeliest = range(len(texts))
        self._places = {text: place for place, text in enumerate(texts)}
        letters = (letter.encode() for letter in _bytes_of_letters())
        self.alphabet = [self._places[letter] for letter in letters if letter in self._places]
        self._merges = merges

    @cached_property
    def _parts(self) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        for merge in self._merges:
            one, _space, other = merge.partition(b" ")
            if one + other in self._places:
                pair = (self._places[part] for part in (one, other) if part in self._places)
                found.setdefault(self._places[one + other], set()).update(pair)
        return found

    def parts(self, token: int) -> Iterable[int]:
        return self._parts.get(token, ())


def with_parts(tokens: Iterable[int], tokenizer: Tokenizer) -> set[int]:
    """These tokens, and all that they are joined from: without one of those no text would be split as before."""
    kept = set(tokens)
    waiting = list(kept)
    while waiting:
        missing = set(tokenizer.parts(waiting.pop())) - kept
        kept |= missing
        waiting += missing
    return kept


def text_of_letters(token: str) -> str:
    """The text of a token of GPT-2's tokenizer, which writes each byte as a letter."""
    byte_of = _bytes_of_letters()
    if not all(letter in byte_of for letter in token):  # a command
        return token
    return bytes(byte_of[letter] for letter in token).decode("utf-8", "replace")


@lru_cache(maxsize=1)
def _bytes_of_letters() -> dict[str, int]:
    """Bytes that Latin-1 prints stand for themselves, the others for the letters from U+0100 on."""
    printed = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in set(printed)]
    return {chr(byte): byte for byte in printed} | {chr(0x100 + place): byte for place, byte in enumerate(others)}
