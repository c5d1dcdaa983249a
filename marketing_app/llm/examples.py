"""Few-shot examples: which ones a base model is shown.

Two of the product's own kind come last, nearest to the new text: measured, they decide whether its texts are usable.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isclose

from .continuations import CONTINUATIONS, STYLES
from .examples_en import ENGLISH
from .examples_ru import ANGLES, CLIENTS, PRODUCTS, TEXTS
from .openings import openings

OWN_KIND_COUNT = 2
BEGUN_COUNT = 6
"""Examples that begin as the new text does. All are of the product's own kind, since how others go on ("what would you
like to save for?") does not suit it."""
NUMBER = re.compile(r"\d+")
NEAR_SHARE = 0.2
LEARNED_COUNT = 4
LEARNED_ROOM = 1_600
"""Characters of all learned texts together, some 500 tokens: what two examples of an e-mail take."""


@dataclass(frozen=True, slots=True)
class Example:
    """A finished offer: the product's line, the client's in words, the benefit it is about, a channel's text.

    A pinned one is shown before others. One of somebody's has a `number` by which it is known; ours have none.
    """

    kind: str
    product: str
    client: str
    angle: str
    text: str
    is_pinned: bool = False
    number: int | None = None


def examples_for(channel: str, kind: str, limit: int, language: str = "ru") -> list[Example]:
    """At most `limit` examples for a channel, other kinds first, the product's own kind last.

    A channel of the bank's own making gets the examples of the text message, the shortest of all.
    """
    known = _known(channel, language)
    own = [example for example in known if example.kind == kind][:OWN_KIND_COUNT]
    others = [example for example in known if example.kind != kind]
    different = list({example.kind: example for example in reversed(others)}.values())[::-1]
    return different[: limit - len(own)] + own


def begun_examples(channel: str, kind: str, limit: int, language: str = "ru", bank: str = "") -> list[Example]:
    """At most `limit` examples of the product's kind that say their benefit in an opening and go on without figures."""
    own = [each for each in _known(channel, language) if each.kind == kind]
    continuations = CONTINUATIONS[language][kind][STYLES.get(channel, "short")]
    return [_begun(own, continuations, channel, place, language, bank) for place in range(min(BEGUN_COUNT, limit))]


def nearest(learned: Sequence[Example], angle: str) -> list[Example]:
    """Those of the learned that a prompt for this angle shows, nearest last. They come in the order of their worth."""
    shown: list[Example] = []
    room = LEARNED_ROOM
    for example in sorted(learned, key=lambda each: (not each.is_pinned, each.angle != angle)):
        if len(shown) < LEARNED_COUNT and len(example.text) <= room:
            shown.append(example)
            room -= len(example.text)
    return sorted(shown, key=lambda each: each.angle == angle)


def nearest_to_client(learned: Sequence[Example], client: str) -> list[Example]:
    """The learned ones by how much their clients have in common with this one, told in the same words.

    Where all of them are shown anyway their order stays, so that prompts keep one beginning.
    """
    if len(learned) <= LEARNED_COUNT:
        return list(learned)
    return sorted(learned, key=lambda each: -_likeness(_told(each.client), _told(client)))


def _told(client: str) -> dict[str, str]:
    """By label, what is told of a client."""
    return {label: value for label, _colon, value in (part.partition(": ") for part in client.split("; ")) if value}


def _likeness(ours: Mapping[str, str], theirs: Mapping[str, str]) -> int:
    return sum(_is_near(value, theirs.get(label, "")) for label, value in ours.items())


def _is_near(ours: str, theirs: str) -> bool:
    """The same, or numbers that differ by a fifth at most: an age, a count of months."""
    if ours == theirs:
        return True
    one, other = NUMBER.match(ours), NUMBER.match(theirs)
    return one is not None and other is not None and isclose(float(one[0]), float(other[0]), rel_tol=NEAR_SHARE)


def _begun(
    examples: Sequence[Example], continuations: Sequence[str], channel: str, place: int, language: str, bank: str
) -> Example:
    """One example with another beginning and another end for each `place`."""
    example = examples[place % len(examples)]
    beginnings = openings(channel, example.product.partition(". ")[0], example.angle, language, bank=bank)
    text = f"{beginnings[place % len(beginnings)]} {continuations[place % len(continuations)]}"
    return replace(example, text=text)


def _known(channel: str, language: str) -> list[Example]:
    return _english() if language == "en" else _russian(channel if channel in TEXTS else "SMS")


def _russian(channel: str) -> list[Example]:
    return [
        Example(kind, PRODUCTS[kind][index], CLIENTS[kind][index], ANGLES[kind][index], text)
        for kind, texts in TEXTS[channel].items()
        for index, text in enumerate(texts)
    ]


def _english() -> list[Example]:
    return [Example(kind, product, client, angle, text) for kind, product, client, angle, text in ENGLISH]
