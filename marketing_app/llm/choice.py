"""Which of several drafts to show: by what can be seen in the text first, by the model's own certainty last."""

import re
from collections.abc import Sequence

from .engine import Draft

LEAST_SCRIPT_SHARE = 0.8
LONGEST_ECHO = 8

_LETTERS = {"ru": re.compile(r"[а-яё]", re.IGNORECASE), "en": re.compile(r"[a-z]", re.IGNORECASE)}
_NUMBER = re.compile(r"\d{1,3}(?:\s\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?")
_LETTER = re.compile(r"[^\W\d_]")


def better(drafts: Sequence[Draft], *, language: str, max_length: int | None, prompt_text: str, facts: str) -> int:
    """The index of the best draft: fewest faults, then the highest mean log-probability."""
    return max(
        range(len(drafts)),
        key=lambda index: (
            -faults(drafts[index].text, language=language, max_length=max_length, prompt_text=prompt_text, facts=facts),
            _certainty(drafts[index]),
        ),
    )


def _certainty(draft: Draft) -> float:
    return 0.0 if draft.mean_logprob is None else draft.mean_logprob


def faults(text: str, *, language: str, max_length: int | None, prompt_text: str, facts: str) -> int:
    """How many things are wrong with a text at first sight; each number that `facts` does not hold is one of them."""
    words = text.split()
    return sum(
        (
            not words,
            not _is_in_language(text, language),
            bool(max_length and len(text) > max_length),
            _repeats_itself(words),
            _echoes(words, prompt_text),
            not text.rstrip().endswith((".", "!", "?", "…", "»")),
            len(_numbers(text) - _numbers(facts)),
        )
    )


def _numbers(text: str) -> set[str]:
    """Numbers without the spaces between their thousands, with a point before their fraction."""
    return {re.sub(r"\s", "", found).replace(",", ".") for found in _NUMBER.findall(text)}


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
