"""Which tokens of a model's vocabulary offers in Russian and English can use.

A small model spends most of its time on its vocabulary: two thirds of a step of Gemma 3 270M are the output head, a row
for each of 262,144 tokens, of which texts in Russian and English use a tenth. Rows of a tensor do not depend on each
other, so the smaller model is the same file without some of them (see `cutting`). Text without a token of its own is
encoded as byte tokens.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path

from .engine import EngineError
from .tokenizers import WORD_SPACE, Tokenizer, with_parts

ASCII_TOKENS = 6_000
"""How many of the longer tokens in ASCII, English words above all, are kept, likeliest first. docs/performance.md says
what came of other figures."""
TRADE_WORDS = Path(__file__).with_name("trade_words.txt")
"""English words of bank offers, whose tokens are kept however rare they are elsewhere: vocabularies order their tokens
by what the whole web writes, where "}^{+}=" comes before "mortgage"."""
ROWS_OF_A_BLOCK = 64
"""The number of tokens is a multiple of it: llama.cpp multiplies by many rows at a time."""

SOURCE = "studio.vocabulary.source_sha256"
SOURCE_TOKENS = "studio.vocabulary.source_tokens"
"""What a cut file says of the one that it was made from."""

SHORT = 2
"""Characters of the tokens in ASCII that are all kept, the space before a word not counted."""

NORMAL = 1
"""The type of a token that stands for its text, not for a command or a byte."""
_SIGNS = r"\s\u2581\u2010-\u2027\u2030-\u205e\u20ac\u20bd\u2116\u2122\u2212\u00a0-\u00bf\u00d7\u00f7"
_SIGN_OR_CYRILLIC = re.compile(rf"[\u0400-\u04ff{_SIGNS}!-~]*")
_POINTS = re.compile(r"[\u2581 ]*[.,!?:;()\"'%/-]+")
"""Of prose: an ellipsis, a row of exclamation marks."""
_ASCII = re.compile(r"[\u2581\x00-\x7f]*")
_UNUSED = re.compile(r"[<\[|]+(?:unused|reserved_special_token)_?\d+[>\]|]+")
"""Places in a vocabulary that its maker left for others to fill: 6,242 of Gemma 3's."""


class VocabularyNotCut(EngineError):
    """The model is used as it is; the message says why, in English, for the log and the console."""


def cut_path(directory: Path, name: str, source_sha256: str, ascii_tokens: int = ASCII_TOKENS) -> Path:
    """Where the cut form of a source belongs. Another source, and another way to cut, have another name."""
    return directory / f"{Path(name).stem}-cut-{ascii_tokens}-{source_sha256[:12]}.gguf"


def kept_tokens(
    tokenizer: Tokenizer,
    types: Sequence[int],
    split: Callable[[str], Collection[int]],
    special: Collection[int] = (),
    ascii_tokens: int = ASCII_TOKENS,
) -> list[int]:
    """The places of the tokens that stay, rising, the `special` ones among them. `split` gives a text's tokens,
    `types` are GGUF's token types."""
    wanted = _of_offers(tokenizer, types, ascii_tokens) | _of_trade_words(split) | {*special, *tokenizer.alphabet}
    kept = with_parts(wanted, tokenizer)
    return sorted(kept | _filling(tokenizer, types, kept))


def _of_trade_words(split: Callable[[str], Collection[int]]) -> set[int]:
    """The tokens of each word within a sentence and at its beginning, with and without a space before it."""
    forms = sorted({form for word in TRADE_WORDS.read_text().split() for form in (word, word.capitalize())})
    return {token for form in forms for text in (f" {form}", f"\n{form}") for token in split(text)}


def _of_offers(tokenizer: Tokenizer, types: Sequence[int], ascii_tokens: int) -> set[int]:
    """Commands and bytes, Cyrillic, signs, short ASCII tokens, and so many of the other ASCII ones."""
    always = {place for place, text in enumerate(tokenizer.texts) if _is_always_kept(text, types[place])}
    others = (place for place in _other_ascii(tokenizer, types) if place not in always)
    return always | set(islice(others, ascii_tokens))


def _filling(tokenizer: Tokenizer, types: Sequence[int], kept: set[int]) -> set[int]:
    """Some more of the likeliest, so that the count is a whole number of blocks."""
    others = (place for place in _other_ascii(tokenizer, types) if place not in kept)
    return set(islice(others, -len(kept) % ROWS_OF_A_BLOCK))


def _other_ascii(tokenizer: Tokenizer, types: Sequence[int]) -> Iterator[int]:
    """Likeliest first."""
    return (p for p in tokenizer.likeliest if types[p] == NORMAL and _ASCII.fullmatch(tokenizer.texts[p]))


def _is_always_kept(text: str, type_: int) -> bool:
    """A token of bytes that are no whole characters is kept only as a part of one that is (see `with_parts`)."""
    if type_ != NORMAL:
        return not _UNUSED.fullmatch(text)
    if _ASCII.fullmatch(text):
        return len(text.strip(f"{WORD_SPACE} ")) <= SHORT or bool(_POINTS.fullmatch(text))
    return bool(_SIGN_OR_CYRILLIC.fullmatch(text))
