"""How the client is addressed: as "вы", and in one way throughout a text.

A bank that says "ты" in a channel switches person.familiar off there; person.address then complains of every "вы".
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from .findings import N_, Complaint, Facts, Severity, Span
from .morphology import readings
from .registry import rule

FAMILIAR = re.compile(
    r"(?<!\w)(?:ты|тебе|тебя|тобой|тобою|тво(?:й|я|ё|е|и|его|ей|ею|ему|ём|ем|ю|им|ими|их)|привет)(?!\w)", re.I
)
POLITE = re.compile(r"(?<!\w)(?:вы|вас|вами?|ваш(?:а|е|и|его|ей|ему|ем|у|им|ими|их)?|здравствуйте)(?!\w)", re.I)
MAY_BE_FAMILIAR = re.compile(r"(?<![\w-])[а-яё]*(?:[еёи]шь(?:ся)?|[ийь](?:ся|сь)?)(?![\w-])", re.I)
MAY_BE_POLITE = re.compile(r"(?<![\w-])[а-яё]+те(?:сь)?(?![\w-])", re.I)
SAID_OF_NOBODY = frozenset({"будь", "видишь", "гляди"})
"""Second-person forms that address nobody: "будь то ремонт или поездка"."""
RARELY_NOUNS = frozenset({"копи", "дай"})
"""Imperatives that the dictionary has as rare nouns too: "копи царя Соломона"."""


@rule("person.familiar", Severity.WARN, N_("a client who is not addressed politely"))
def is_polite(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if facts.language != "ru" or _polite(text):
        return  # Where "вы" is said as well, person.address complains.
    for start, stop in _familiar(text):
        yield Complaint(N_("“%(words)s” is too familiar."), {"words": text[start:stop]}, (start, stop))


@rule("person.address", Severity.WARN, N_("the wrong form of address"))
def one_address(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if facts.language != "ru":
        return
    familiar, polite = _familiar(text), _polite(text)
    if "person.familiar" in facts.channel.settings.switched_off:
        wrong, message = polite, N_("“%(words)s”: this channel addresses the client as “ты”.")
    else:
        wrong = familiar if polite else ()
        message = N_("“%(words)s” addresses the client in another way than the rest.")
    for start, stop in wrong:
        yield Complaint(message, {"words": text[start:stop]}, (start, stop))


@lru_cache(maxsize=64)
def _familiar(text: str) -> tuple[Span, ...]:
    verbs = (match.span() for match in MAY_BE_FAMILIAR.finditer(text) if _is_said_to(match[0].lower(), "sing"))
    return tuple(sorted({*(match.span() for match in FAMILIAR.finditer(text)), *verbs}))


@lru_cache(maxsize=64)
def _polite(text: str) -> tuple[Span, ...]:
    verbs = (match.span() for match in MAY_BE_POLITE.finditer(text) if _is_said_to(match[0].lower(), "plur"))
    return tuple(sorted({*(match.span() for match in POLITE.finditer(text)), *verbs}))


def _is_said_to(word: str, number: str) -> bool:
    """Whether every reading of the word is a verb in the second person or an imperative."""
    if word in RARELY_NOUNS:
        return number == "sing"
    if word in SAID_OF_NOBODY:
        return False
    return all(
        "VERB" in reading and number in reading and ("impr" in reading or "2per" in reading)
        for reading in readings(word)
    )
