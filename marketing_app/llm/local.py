"""A GGUF model in this process: one thread owns llama.cpp's context and writes many texts at a time."""

import re
import time
from collections import deque
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from threading import Condition, Thread
from weakref import WeakSet

import structlog

from .alphabets import ALPHABETS
from .batching import PREFIXES, Batcher
from .capacity import PERSONS, choose_capacity
from .cards import ModelCard
from .chat_templates import ChatTemplate
from .engine import (
    EngineError,
    EngineStopped,
    Generation,
    GenerationFailed,
    Options,
    Priority,
    Prompt,
    PromptTooLong,
    QueueFull,
)
from .files import check_model_file
from .native import Context, Model
from .requests import Request
from .steps import STEP_TOKENS
from .vocabulary import SOURCE_TOKENS

log = structlog.get_logger()

LONGEST_QUEUE = {Priority.PERSON: 64, Priority.CAMPAIGN: 512}
"""Generations that may wait. Campaigns keep their own queue in the database; this one only keeps the model busy."""

LONGEST_STEP_SECONDS = 600.0
"""Of a step that takes longer the engine is taken to hang, as long as it lasts."""

COUNTED_AT_ONCE = re.compile(r".{0,1999}\S(?=\s|\Z)|.{1,2000}", re.DOTALL)
"""Whole words, as far as they are short enough."""

CLOSING_SECONDS = 60.0
"""How long the texts in work have before the engine closes; as long again for the step that ends them."""


class LocalEngine:
    """A model loaded from `path`, with a context in tokens that all texts share and so many texts at a time; both by
    the machine's memory when not given. Raises ModelMissing or ModelBroken."""

    def __init__(
        self,
        path: Path,
        context: int | None = None,
        sequences: int | None = None,
        threads: int | None = None,
        why_whole: str = "",
    ) -> None:
        check_model_file(path)
        self._model = Model(path)
        self._capacity = choose_capacity(self._model, context, sequences)
        self._context = Context(
            self._model,
            size=self._capacity.context,
            sequences=self._capacity.sequences + PREFIXES,
            batch=STEP_TOKENS,
            threads=threads,
        )
        self._card = self._describe(path, why_whole)
        self._batcher = Batcher(self._model, self._context, self._capacity)
        self._prefix_tokens = lru_cache(maxsize=PREFIXES * 2)(self._tokens_of_prefix)
        self._permitted = lru_cache(maxsize=len(ALPHABETS))(self._model.tokens_written_in)
        self._submitted: deque[Request] = deque()
        self._open: WeakSet[Generation] = WeakSet()  # who waits for a text holds its generation
        self._changed = Condition()
        self._is_closing = False
        self._step_begun_at: float | None = None
        self._thread = Thread(target=self._serve, name="model", daemon=True)
        self._thread.start()

    @property
    def card(self) -> ModelCard:
        return self._card

    @property
    def failure(self) -> EngineError | None:
        begun = self._step_begun_at
        if not self._thread.is_alive():
            return EngineStopped("the model's thread has ended")
        if begun is not None and time.monotonic() - begun > LONGEST_STEP_SECONDS:
            return EngineStopped("the model hangs")
        return None

    @property
    def chat_template(self) -> ChatTemplate | None:
        source = self._card.chat_template
        return ChatTemplate(source, self._model.beginning, self._model.end) if source else None

    @property
    def is_chat(self) -> bool:
        return bool(self._card.chat_template)

    @property
    def parallel_texts(self) -> int:
        return self._capacity.sequences - PERSONS

    def count_tokens(self, text: str) -> int:
        """Of a long text in pieces: twice as many line ends or tabs take llama.cpp four times as long. Where a piece
        ends within a token, one more is counted."""
        pieces = enumerate(COUNTED_AT_ONCE.findall(text) or [""])
        return sum(len(self._tokens(piece, is_beginning=not place)) for place, piece in pieces)

    def submit(
        self,
        prompt: Prompt,
        options: Options,
        *,
        priority: Priority = Priority.PERSON,
        deadline_seconds: float | None = None,
    ) -> Generation:
        generation = Generation(options, priority, deadline_seconds)
        self._submit(self._request(generation, prompt))
        return generation

    def score(self, prompt: Prompt, text: str, *, priority: Priority = Priority.PERSON) -> Generation:
        tokens = self._tokens(text if self.is_chat and not prompt.opening else f" {text}", is_beginning=False)
        generation = Generation(Options(max_tokens=len(tokens) + 1), priority)
        self._submit(
            replace(self._request(generation, prompt), forced_tokens=tokens, opening="", stop=(), permitted=None)
        )
        return generation

    def _submit(self, request: Request) -> None:
        self._must_fit(request)
        priority = request.generation.priority
        with self._changed:
            self._must_be_open()
            if self._batcher.waiting_count(priority) + self._count_submitted(priority) >= LONGEST_QUEUE[priority]:
                raise QueueFull
            self._open.add(request.generation)
            self._submitted.append(request)
            if priority is Priority.PERSON and not self._batcher.is_for_persons:
                self._context.interrupt()
            self._changed.notify()

    def close(self) -> None:
        """Finish what was asked for, cancel what takes longer than CLOSING_SECONDS, then free the model."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join(CLOSING_SECONDS)
        with self._changed:
            for generation in self._open:
                generation.cancel()
        self._thread.join(CLOSING_SECONDS)
        if self._thread.is_alive():
            log.error("model_not_freed", reason="its thread hangs in a step")
            return
        self._context.close()
        self._model.close()

    def _request(self, generation: Generation, prompt: Prompt) -> Request:
        """The prompt's tokens. The space between the two parts belongs to the second, as a tokenizer would have it."""
        beginning = prompt.prefix.rstrip(" ")
        rest = prompt.prefix[len(beginning) :] + prompt.begun_suffix
        prefix = self._prefix_tokens(beginning)
        suffix = self._tokens(rest, is_beginning=False)
        if not suffix:  # scores are wanted after the last token, and a kept beginning is not decoded again
            prefix, suffix = prefix[:-1], list(prefix[-1:])
        generation.prompt_tokens = len(prefix) + len(suffix)
        permitted = self._permitted(prompt.language) if prompt.opening and prompt.language else None
        return Request(generation, prefix, suffix, prompt.stop, prompt.opening, permitted)

    def _must_fit(self, request: Request) -> None:
        limit = min(self._capacity.context, self._model.trained_context) - request.generation.options.max_tokens
        if request.prompt_tokens > limit:
            raise PromptTooLong(request.prompt_tokens, limit)

    def _must_be_open(self) -> None:
        """Memory of the model that was freed must not be read."""
        if self._is_closing:
            raise EngineStopped("the model's engine is closed")

    def _tokens_of_prefix(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokens(text, is_beginning=True))

    def _tokens(self, text: str, *, is_beginning: bool) -> list[int]:
        self._must_be_open()
        is_written = self.is_chat and text.startswith(self._model.beginning)  # most chat templates write it themselves
        return self._model.tokens(text, add_beginning=is_beginning and not is_written, parse_special=self.is_chat)

    def _count_submitted(self, priority: Priority) -> int:
        return sum(request.generation.priority is priority for request in self._submitted)

    # On the thread of the model

    def _serve(self) -> None:
        """Until the engine closes. Whatever fails ends the texts of that moment; who asks next is served again."""
        try:
            while True:
                try:
                    if not self._take_in():
                        return
                    self._batcher.step()
                except Exception as error:
                    log.exception("step_failed")
                    self._begin_again(GenerationFailed(type(error).__name__))
        except BaseException:
            log.exception("model_thread_ended")
        finally:
            self._is_closing = True
            self._fail_all(EngineStopped("the model's thread has ended"))

    def _take_in(self) -> bool:
        """Wait for work and take over what was submitted; False once there is none and the engine closes."""
        self._step_begun_at = None
        with self._changed:
            self._changed.wait_for(lambda: self._submitted or self._is_closing or not self._batcher.is_idle)
            self._context.allow()
            while self._submitted:
                self._batcher.add(self._submitted.popleft())
        self._step_begun_at = time.monotonic()
        return not (self._is_closing and self._batcher.is_idle)

    def _begin_again(self, error: EngineError) -> None:
        """With an empty context, as nobody knows what the failure left."""
        self._fail_all(error)
        self._context.clear()
        self._batcher = Batcher(self._model, self._context, self._capacity)

    def _fail_all(self, error: EngineError) -> None:
        """Tell all who wait, whatever became of their requests. Texts that are finished have their end already."""
        with self._changed:
            lost = list(self._open)
            self._open.clear()
            self._submitted.clear()
        for generation in lost:
            generation.finish(error)

    def _describe(self, path: Path, why_whole: str) -> ModelCard:
        model = self._model
        return ModelCard(
            name=model.metadata("general.name") or path.stem,
            source=path.name,
            size_bytes=path.stat().st_size,
            parameter_count=model.parameter_count,
            context_tokens=self._capacity.context,
            trained_context_tokens=model.trained_context,
            sequence_count=self._capacity.sequences,
            licence=model.metadata("general.license") or "",
            chat_template=model.metadata("tokenizer.chat_template") or "",
            vocabulary_tokens=model.vocabulary_size,
            source_vocabulary_tokens=int(model.metadata(SOURCE_TOKENS) or 0),
            why_whole=why_whole,
        )
