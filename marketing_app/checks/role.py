"""The bank speaks to its client: it does not ask what the client would ask, nor thank for an offer."""

import re
from collections.abc import Iterator

from .findings import N_, Complaint, Facts, Severity, Span
from .phrases import phrases
from .registry import rule

TALKS = ("TMO", "KND", "MOBILE_CHAT")
QUESTION = re.compile(r"[^.!?…\n]+\?")
ASKS_FOR_ITSELF = re.compile(
    r"(?:(?:подскажите|скажите|расскажите|уточните|tell\s+me|please\s+tell\s+me),?\s+(?:пожалуйста,?\s+)?)?"
    r"(?:(?:как|где|куда|сколько|какой|какая|какое|какие|когда|с\s+чего|в\s+как\w{2}|на\s+как\w{2}|how|where|when|which|what|"
    r"can\s+i)(?!\w)|[а-яё]+(?:\s+[а-яё]+)?\s+ли(?!\w))",
    re.IGNORECASE,
)
"""A question that does not ask the client is asked by one, as "Where is it to be had?"."""
TO_THE_CLIENT = phrases("вы", "вас", "вам", "вами", "ваш*", "клиент*", "you", "your*", "we", "мы", "нам", "нас")
AS_A_CLIENT = phrases(
    "(где|как|когда|куда|сколько|что) (я|мне) (могу|можно|нужно|надо)",
    "могу ли я",
    "можно ли мне",
    "мне (нужен|нужна|нужны)",
    "спасибо за (предложение|совет|ответ|информацию)",
    "where can i",
    "how (can|do) i",
    "thank[s| you] for (the|your) offer",
)


@rule("language.role", Severity.WARN, N_("what a client would say, not the bank"))
def bank_speaks(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    """In a talk, a question of the bank's is to the client. A headline elsewhere may ask for anybody."""
    end = 0
    asked = _questions_of_a_client(text) if facts.channel.key in TALKS else ()
    said = (match.span() for match in AS_A_CLIENT.finditer(text))
    for start, stop in sorted((*said, *asked)):
        if start >= end:
            yield Complaint(N_("“%(words)s” is what a client would say."), {"words": text[start:stop]}, (start, stop))
            end = stop


def _questions_of_a_client(text: str) -> Iterator[Span]:
    for match in QUESTION.finditer(text):
        question = match[0].lstrip()
        if ASKS_FOR_ITSELF.match(question) and not TO_THE_CLIENT.search(question):
            yield match.end() - len(question), match.end()
