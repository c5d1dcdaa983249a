"""With what a model may go on after a beginning of ours: letters of the language and points, no figures.

A figure that the beginning does not name is hardly ever one of the product's; signs of other scripts are how a small
model ends when it knows no more.
"""

import re

_MARKS = r"\s.,!?:;|«»\"()—–-"
ALPHABETS = {"ru": re.compile(f"[а-яёА-ЯЁ{_MARKS}]+"), "en": re.compile(f"[a-zA-Z'’{_MARKS}]+")}


def is_written_in(language: str, piece: bytes) -> bool:
    """Whether a token's bytes are whole characters, all of the language's alphabet."""
    try:
        return bool(ALPHABETS[language].fullmatch(piece.decode()))
    except UnicodeDecodeError:
        return False
