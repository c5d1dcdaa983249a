"""A model behind an OpenAI-compatible server: what is asked of it, and what its answers and refusals mean."""

import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import structlog
from openai import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AsyncOpenAI,
    AsyncStream,
    DefaultAsyncHttpxClient,
)
from openai.types import Completion, CompletionChoice, CompletionUsage
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionStreamOptionsParam
from openai.types.chat.chat_completion_chunk import Choice as ChunkChoice

from .cards import without_credentials
from .chat_templates import TemplateRefused, without_system
from .engine import (
    AccessRefused,
    ChatMessage,
    EngineError,
    GenerationFailed,
    ModelMissing,
    Options,
    Prompt,
    PromptTooLong,
    ServerAway,
)

log = structlog.get_logger()

RETRIES = 6
"""With the client's waits (half a second, doubled each time up to eight, or what the server asks for) about 20 seconds:
a server that restarts is waited for, and a person still learns in time that it does not come back."""

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 60.0
"""The longest time without a byte, from the question to the first piece and between pieces."""

WITH_USAGE: ChatCompletionStreamOptionsParam = {"include_usage": True}
NO_KEY = "none"  # the client insists on one; servers without keys do not read it

# The same numbers in the words of vLLM (three generations of them), llama_cpp.server and llama-server.
_PROMPT_TOKENS = re.compile(r"(\d+) (?:input tokens|in the messages|in your prompt)|request \((\d+) tokens")
_CONTEXT_TOKENS = re.compile(r"context length is (?:only )?(\d+)|context size \((\d+)")


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a text as the server sent it: `logprobs` are of its tokens, `usage` comes once with the last part."""

    text: str = ""
    logprobs: tuple[float, ...] = ()
    is_last: bool = False
    usage: CompletionUsage | None = None


_ROLES_REFUSED = re.compile(r"system role|roles must alternate|only user and assistant", re.IGNORECASE)
"""What chat templates raise, which servers pass on."""


class LogprobsRefused(Exception):
    """The server answers, but does not tell log-probabilities."""


class SystemRefused(Exception):
    """The server's chat template knows no system role."""


@dataclass(frozen=True, slots=True)
class Question:
    """One text that is asked for."""

    prompt: Prompt
    options: Options
    seed: int | None
    with_logprobs: bool = True
    with_system: bool = True

    @property
    def messages(self) -> list[ChatMessage]:
        return list(self.prompt.messages) if self.with_system else without_system(self.prompt.messages)


class ServedModel:
    """The model that a server at `url` calls `name`. Not for several threads: it lives on one event loop."""

    def __init__(self, url: str, name: str, key: str | None, is_chat: bool) -> None:
        self.name = name
        self.source = without_credentials(url)
        self._is_chat = is_chat
        self._tells_logprobs = True
        self._takes_system = True
        self._client = AsyncOpenAI(
            base_url=url,
            api_key=key or NO_KEY,
            max_retries=RETRIES,
            http_client=DefaultAsyncHttpxClient(
                # A connection for each text: a balancer of connections spreads them, and llama_cpp.server, which drops
                # the connection after a refusal, drops no other text. The engine bounds how many there are.
                limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
                timeout=httpx2.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS, pool=None),
            ),
        )

    async def context_tokens(self) -> int:
        """How much fits, prompt and text together; 0 where the server does not say. Raises EngineError."""
        with self._explained():
            models = await self._client.with_options(max_retries=0).models.list()
        told = {each.id: (each.model_extra or {}).get("max_model_len") for each in models.data}
        return int(told.get(self.name) or 0)

    async def parts(self, prompt: Prompt, options: Options, seed: int | None) -> AsyncGenerator[Part, None]:
        """The text as it comes. Raises EngineError; GenerationFailed when it breaks off."""
        question = Question(prompt, options, seed, self._tells_logprobs, self._takes_system)
        while True:
            try:
                async with aclosing(self._parts(question)) as parts:
                    async for part in parts:
                        yield part
                return
            except LogprobsRefused:
                log.info("model_server_tells_no_logprobs", server=self.source)
                self._tells_logprobs = False
                question = replace(question, with_logprobs=False)
            except SystemRefused:
                log.info("model_server_takes_no_system_role", server=self.source)
                self._takes_system = False
                question = replace(question, with_system=False)

    async def close(self) -> None:
        await self._client.close()

    async def _parts(self, question: Question) -> AsyncGenerator[Part, None]:
        has_begun = is_finished = False
        with self._explained(question):
            stream = await self._stream(question)
        async with stream:
            try:
                async for chunk in stream:
                    has_begun = True
                    part = _part(chunk)
                    is_finished = is_finished or part.is_last
                    yield part
            except APIError as error:
                raise GenerationFailed(f"{self.source} broke off: {type(error).__name__}") from None
        if is_finished:
            return
        if has_begun:  # llama_cpp.server does so when another text waits, unless --interrupt_requests is False
            raise GenerationFailed(f"{self.source} ended a text before its end")
        # llama_cpp.server refuses by an empty stream. Asked for the whole text, it says why, or gives the text.
        with self._explained(question):
            answer = await self._whole(question)
        yield _part(answer)

    async def _stream(self, question: Question) -> AsyncStream[ChatCompletionChunk] | AsyncStream[Completion]:
        asked = self._asked(question)
        if self._is_chat:
            return await self._client.chat.completions.create(**asked, stream=True, stream_options=WITH_USAGE)
        return await self._client.completions.create(**asked, stream=True, stream_options=WITH_USAGE)

    async def _whole(self, question: Question) -> ChatCompletion | Completion:
        client = self._client.with_options(max_retries=0)
        asked = self._asked(question)
        if self._is_chat:
            return await client.chat.completions.create(**asked, stream=False)
        return await client.completions.create(**asked, stream=False)

    def _asked(self, question: Question) -> dict[str, Any]:
        options = question.options
        asked: dict[str, Any] = {
            "model": self.name,
            "max_tokens": options.max_tokens,
            "temperature": options.temperature,
            "top_p": options.top_p,
            "extra_body": {
                "top_k": options.top_k,
                "min_p": options.min_p,
                # One thing in the words of llama.cpp and of vLLM; each passes over the word it does not know.
                "repeat_penalty": options.repeat_penalty,
                "repetition_penalty": options.repeat_penalty,
            },
        }
        if question.seed is not None:
            asked["seed"] = question.seed
        if question.prompt.stop:
            asked["stop"] = list(question.prompt.stop)
        if self._is_chat:
            asked["messages"] = question.messages
            return {**asked, "logprobs": True, "top_logprobs": 1} if question.with_logprobs else asked
        asked["prompt"] = question.prompt.text
        return {**asked, "logprobs": 1} if question.with_logprobs else asked

    @contextmanager
    def _explained(self, question: Question | None = None) -> Iterator[None]:
        """Turn the client's errors into ours. A server's words may repeat a prompt or a key: they are not passed on."""
        try:
            yield
        except APIStatusError as error:
            raise (question and _objection(error.message, question)) or self._refusal(error) from None
        except APIConnectionError as error:
            raise ServerAway(f"{self.source}: {type(error.__cause__ or error).__name__}") from None
        except APIError as error:
            raise GenerationFailed(f"{self.source}: {type(error).__name__}") from None

    def _refusal(self, error: APIStatusError) -> EngineError:
        status = error.status_code
        if status in (401, 403):
            return AccessRefused(f"{self.source} answers {status}")
        if status == 404 or error.code == "model_not_found":
            return ModelMissing(f"{self.source}: {self.name}")
        if status in (408, 409, 429) or status >= 500:
            return ServerAway(f"{self.source} answers {status}")
        return EngineError(f"{self.source} answers {status} {error.code or error.type or ''}")


def _objection(message: str, question: Question) -> Exception | None:
    """What the server has against this very question; None where its refusal would meet any other."""
    if question.with_logprobs and "logprobs" in message:
        return LogprobsRefused()
    if too_long := _too_long(message, question.options):
        return too_long
    if not _ROLES_REFUSED.search(message):
        return None
    has_system = question.with_system and any(each["role"] == "system" for each in question.messages)
    return SystemRefused() if has_system else TemplateRefused("the server's chat template refuses the conversation")


def _too_long(message: str, options: Options) -> PromptTooLong | None:
    tokens, context = _PROMPT_TOKENS.search(message), _CONTEXT_TOKENS.search(message)
    if tokens is None or context is None:
        return None
    return PromptTooLong(_number(tokens), _number(context) - options.max_tokens)


def _number(found: re.Match[str]) -> int:
    return int(next(group for group in found.groups() if group))


def _part(answer: ChatCompletionChunk | ChatCompletion | Completion) -> Part:
    if not answer.choices:  # the part that brings nothing but the usage
        return Part(usage=answer.usage)
    choice = answer.choices[0]
    is_last = choice.finish_reason is not None
    if isinstance(choice, CompletionChoice):
        told = choice.logprobs.token_logprobs if choice.logprobs else None
        return Part(choice.text or "", tuple(each for each in told or () if each is not None), is_last, answer.usage)
    said = choice.delta if isinstance(choice, ChunkChoice) else choice.message
    tokens = choice.logprobs.content if choice.logprobs else None
    return Part(said.content or "", tuple(token.logprob for token in tokens or ()), is_last, answer.usage)
