"""Few-shot examples: which ones a base model is shown.

Two of the product's own kind come last, nearest to the new text: measured, they decide whether its texts are usable.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .examples_en import ENGLISH
from .examples_ru import ANGLES, CLIENTS, PRODUCTS, TEXTS

OWN_KIND_COUNT = 2
LEARNED_COUNT = 4
LEARNED_ROOM = 1_600
"""Characters of all learned texts together, some 500 tokens: what two examples of an e-mail take."""


@dataclass(frozen=True, slots=True)
class Example:
    """A finished offer: the product's line, the client's in words, the benefit it is about, a channel's text.

    A pinned one is shown before others.
    """

    kind: str
    product: str
    client: str
    angle: str
    text: str
    is_pinned: bool = False


def examples_for(channel: str, kind: str, limit: int, language: str = "ru") -> list[Example]:
    """At most `limit` examples for a channel, other kinds first, the product's own kind last.

    A channel of the bank's own making gets the examples of the text message, the shortest of all.
    """
    known = _english() if language == "en" else _russian(channel if channel in TEXTS else "SMS")
    own = [example for example in known if example.kind == kind][:OWN_KIND_COUNT]
    others = [example for example in known if example.kind != kind]
    different = list({example.kind: example for example in reversed(others)}.values())[::-1]
    return different[: limit - len(own)] + own


def nearest(learned: Sequence[Example], angle: str) -> list[Example]:
    """Those of the learned that a prompt for this angle shows, nearest last. They come in the order of their worth."""
    shown: list[Example] = []
    room = LEARNED_ROOM
    for example in sorted(learned, key=lambda each: (not each.is_pinned, each.angle != angle)):
        if len(shown) < LEARNED_COUNT and len(example.text) <= room:
            shown.append(example)
            room -= len(example.text)
    return sorted(shown, key=lambda each: each.angle == angle)


def _russian(channel: str) -> list[Example]:
    return [
        Example(kind, PRODUCTS[kind][index], CLIENTS[kind][index], ANGLES[kind][index], text)
        for kind, texts in TEXTS[channel].items()
        for index, text in enumerate(texts)
    ]


def _english() -> list[Example]:
    return [Example(kind, product, client, angle, text) for kind, product, client, angle, text in ENGLISH]
