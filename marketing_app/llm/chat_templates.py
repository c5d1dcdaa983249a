"""How the maker of a model writes conversations: the Jinja template in its file, with the names it may count on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from jinja2 import Template, nodes
from jinja2.exceptions import TemplateError
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .engine import ChatMessage, EngineError


class TemplateRefused(EngineError):
    """The model's chat template does not take a conversation as we write them, or cannot be read."""


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """The template, and how the model's tokenizer writes the beginning and the end of a text ("" where it has none)."""

    source: str
    beginning: str = ""
    end: str = ""

    def fill(self, messages: Sequence[ChatMessage]) -> str:
        """The text that asks for the next answer. A template that knows no system role gets the system's words before
        the first request. Raises TemplateRefused."""
        try:
            return self._render(messages)
        except TemplateRefused:
            return self._render(without_system(messages))

    def _render(self, messages: Sequence[ChatMessage]) -> str:
        try:
            return _compiled(self.source).render(
                messages=messages,
                add_generation_prompt=True,
                bos_token=self.beginning,
                eos_token=self.end,
                tools=None,
                documents=None,
                enable_thinking=False,  # an offer is short: a model that thinks first would never come to write it
            )
        except Exception as error:  # a template of somebody else may fail in any way
            raise TemplateRefused(str(error) if isinstance(error, TemplateError) else type(error).__name__) from error


def without_system(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The same conversation with the words of the system, where it begins with them, in the first request."""
    if not messages or messages[0]["role"] != "system":
        return list(messages)
    system, first, *rest = messages
    return [{"role": "user", "content": f"{system['content']}\n\n{first['content']}"}, *rest]


def alternating(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The same conversation with neighbours of one role in one message: many templates take turns only. Two requests
    follow each other where the draft between them failed."""
    joined: list[ChatMessage] = []
    for message in messages:
        if joined and joined[-1]["role"] == message["role"]:
            content = f"{joined[-1]['content']}\n\n{message['content']}"
            joined[-1] = {"role": message["role"], "content": content}
        else:
            joined.append(message)
    return joined


class _GenerationTag(Extension):
    """`{% generation %}` marks the answers for training. Their text is written as any other."""

    tags = {"generation"}

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _refuse(reason: str) -> None:
    raise TemplateError(reason)


def _now(format_: str) -> str:
    return datetime.now().strftime(format_)


def _environment() -> ImmutableSandboxedEnvironment:
    extensions: list[Any] = [loopcontrols, _GenerationTag]
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=extensions)
    environment.globals |= {"raise_exception": _refuse, "strftime_now": _now}
    return environment


@lru_cache(maxsize=8)
def _compiled(source: str) -> Template:
    """Compiling takes several times as long as filling."""
    return _environment().from_string(source)
