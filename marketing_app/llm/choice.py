"""Which of several drafts to show: by what can be seen in the text first, by the model's own certainty last."""

import re
from collections.abc import Sequence

from .engine import Draft

MINIMUM_BASE_CANDIDATES = 2
"""A base model is uneven: never show the first thing it says."""

LEAST_SCRIPT_SHARE = 0.8
LONGEST_ECHO = 8

_LETTERS = {"ru": re.compile(r"[а-яё]", re.IGNORECASE), "en": re.compile(r"[a-z]", re.IGNORECASE)}
_LETTER = re.compile(r"[^\W\d_]")


def better(drafts: Sequence[Draft], *, language: str, max_length: int | None, prompt_text: str) -> int:
    """The index of the best draft: fewest faults, then the highest mean log-probability."""
    return max(
        range(len(drafts)),
        key=lambda index: (
            -faults(drafts[index].text, language=language, max_length=max_length, prompt_text=prompt_text),
            drafts[index].mean_logprob,
        ),
    )


def faults(text: str, *, language: str, max_length: int | None, prompt_text: str) -> int:
    """How many things are wrong with a text at first sight."""
    words = text.split()
    return sum(
        (
            not words,
            not _is_in_language(text, language),
            bool(max_length and len(text) > max_length),
            _repeats_itself(words),
            _echoes(words, prompt_text),
            not text.rstrip().endswith((".", "!", "?", "…", "»")),
        )
    )


def _is_in_language(text: str, language: str) -> bool:
    letters = _LETTER.findall(text)
    return bool(letters) and len(_LETTERS[language].findall(text)) / len(letters) >= LEAST_SCRIPT_SHARE


def _repeats_itself(words: Sequence[str]) -> bool:
    trigrams = [tuple(word.lower() for word in words[at : at + 3]) for at in range(len(words) - 2)]
    return len(trigrams) != len(set(trigrams))


def _echoes(words: Sequence[str], prompt_text: str) -> bool:
    """Whether a long run of words is taken from the prompt, an example of it most likely."""
    prompt = " ".join(prompt_text.split())
    runs = (" ".join(words[at : at + LONGEST_ECHO]) for at in range(len(words) - LONGEST_ECHO + 1))
    return any(run in prompt for run in runs)
