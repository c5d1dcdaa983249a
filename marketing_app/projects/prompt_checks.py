"""A prompt is checked before any client's offer is written by it, as a text is before it is sent.

Unknown variables are the form's to refuse; here is what needs the project to tell.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Text, cast, func

from ..checks.findings import N_, Finding, Severity, Span
from ..database import db
from ..dictionary.words import FieldLike, words
from ..llm.engine import Options
from ..llm.fencing import reads_like_an_instruction
from ..models import Client, ProjectSaleChannel
from ..offers.prompting import Frame, count_tokens

LENGTH = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:[ \u00a0]\d{3}){1,2}|\d{1,9})\s*(?:знак|символ|букв|character|char\b|letter)", re.I
)
CLIENTS_WEIGHED = 2_000
"""The newest clients: weighing the data of all of a million would take seconds at every key pressed."""
LONGEST_TRIED = 3
"""How many of them are counted in tokens: the longest data do not always make the longest words."""


def check_prompt(frame: Frame, channel: ProjectSaleChannel, text: str, client: Client | None) -> list[Finding]:
    """What is wrong with a prompt's text in this channel, and with the data of the client it is tried on."""
    return [
        *secret_fields(frame.fields, text),
        *_lengths(frame, text),
        *_budget(frame, channel, text),
        *_data(frame, client),
    ]


def secret_fields(fields: Iterable[FieldLike], text: str) -> Iterator[Finding]:
    """A secret field by its key or its label. These refuse a save."""
    for field in fields:
        names = {field.key, field.label.strip()} - {""}
        pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        if field.sensitivity != "secret":
            continue
        for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE):
            message = N_("“%(words)s” is a secret field: a prompt must not speak of it.")
            yield _finding("prompt.secret", Severity.BLOCK, message, {"words": match[0]}, match.span())


def _lengths(frame: Frame, text: str) -> Iterator[Finding]:
    first: int | None = None
    for match in LENGTH.finditer(text):
        asked = int(re.sub(r"\D", "", match[1]))
        first = first or asked
        longest = frame.channel.max_length
        if asked != first:
            message = N_("The prompt asks for %(one)d characters and for %(other)d. Leave one length.")
            yield _finding("prompt.length", Severity.WARN, message, {"one": first, "other": asked}, match.span())
        if longest and asked > longest:
            message = N_("The prompt asks for %(n)d characters; the channel has room for %(limit)d.")
            yield _finding("prompt.room", Severity.WARN, message, {"n": asked, "limit": longest}, match.span())


def _budget(frame: Frame, channel: ProjectSaleChannel, text: str) -> Iterator[Finding]:
    """The longest client's prompt has to leave room for the answer. Silent while there is no model to count with."""
    counted = [count_tokens(frame.exact_prompt(text, data)) for data in _longest_data(channel.project_id)]
    known = [each for each in counted if each is not None]
    if not known:
        return
    tokens, context = max(known)
    limit = context - Options().max_tokens
    if tokens > limit:
        message = N_("With the longest client's data the prompt has %(n)d tokens; the model takes %(limit)d.")
        yield _finding("prompt.budget", Severity.WARN, message, {"n": tokens, "limit": limit}, None)


def _longest_data(project_id: int) -> list[Mapping[str, Any]]:
    newest = db.select(Client.data).filter_by(project_id=project_id).order_by(Client.id.desc()).limit(CLIENTS_WEIGHED)
    data = newest.subquery().c.data
    query = db.select(data).order_by(func.octet_length(cast(data, Text)).desc()).limit(LONGEST_TRIED)
    return list(db.session.scalars(query))


def _data(frame: Frame, client: Client | None) -> Iterator[Finding]:
    told = words(frame.fields, client.data, frame.language) if client else ""
    if any(reads_like_an_instruction(part.partition(": ")[2] or part) for part in told.split("; ")):
        message = N_("This client's data reads like an instruction. It stands in quotes; read the offer with care.")
        yield _finding("prompt.data", Severity.WARN, message, {}, None)


def _finding(rule: str, severity: Severity, message: str, values: Mapping[str, object], span: Span | None) -> Finding:
    return Finding(rule, severity, message, values, span)
