"""How many parts an SMS takes, as networks count them (3GPP TS 23.038 and 23.040)."""

import re
from dataclasses import dataclass
from functools import lru_cache

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
"""They take two places each."""
PLAIN = str.maketrans(
    {
        "₽": "руб.", "№": "N", "—": "-", "–": "-", "−": "-", "«": '"', "»": '"', "„": '"', "“": '"', "”": '"', "‘": "'",
        "’": "'", "…": "...", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2011": "-", "•": "-",
    }
)  # fmt: skip
EMOJI = re.compile(r" ?[\u2600-\u27bf\ufe0f\u200d\U0001f000-\U0001faff]+")


@dataclass(frozen=True)
class Size:
    """`units` are places that the text needs in its alphabet, "GSM-7" or "UCS-2"; `room` those in all its parts."""

    alphabet: str
    units: int
    parts: int
    room: int


@lru_cache(maxsize=64)
def size(text: str) -> Size:
    if all(character in BASIC or character in EXTENDED for character in text):
        costs = [2 if character in EXTENDED else 1 for character in text]
        return _size("GSM-7", costs, 160, 153)
    return _size("UCS-2", [2 if ord(character) > 0xFFFF else 1 for character in text], 70, 67)


def plain(text: str) -> str:
    """The same text in characters that every phone has and that cost no more than they must, without emoji."""
    return EMOJI.sub("", text.translate(PLAIN))


def _size(alphabet: str, costs: list[int], alone: int, together: int) -> Size:
    units = sum(costs)
    if units <= alone:
        return Size(alphabet, units, 1 if costs else 0, alone)
    parts, filled = 1, 0
    for cost in costs:
        # A character of two units is never cut: the last place of a part stays empty instead.
        if filled + cost > together:
            parts, filled = parts + 1, 0
        filled += cost
    return Size(alphabet, units, parts, parts * together)
