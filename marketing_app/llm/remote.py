"""A model that an OpenAI-compatible server holds: thousands of texts at a time, asked for on one thread."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from threading import Lock, Thread
from weakref import WeakSet

import structlog

from .cards import ModelCard
from .certainty import Scored
from .engine import (
    DeadlinePassed,
    Draft,
    EngineError,
    EngineStopped,
    Generation,
    GenerationFailed,
    Options,
    Piece,
    Priority,
    Prompt,
    QueueFull,
)
from .served import Part, ServedModel
from .text import StoppingText

log = structlog.get_logger()

PERSONS = 8
"""Texts beyond `concurrency` that may be asked for persons, so that nobody waits behind a campaign."""

LONGEST_QUEUE = {Priority.PERSON: 64, Priority.CAMPAIGN: 512}
"""Generations that may wait for a place. Campaigns keep their own queue in the database."""

CLOSING_SECONDS = 10.0


class RemoteGeneration(Generation):
    """A generation whose cancel() closes its connections at once, though the server says nothing just then."""

    def __init__(
        self, options: Options, priority: Priority, deadline_seconds: float | None, loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__(options, priority, deadline_seconds)
        self.task: asyncio.Task[None] | None = None
        self._loop = loop

    def cancel(self) -> None:
        super().cancel()
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        if self.task:
            self.task.cancel()


@dataclass(slots=True)
class WritingDraft:
    """One draft on its way; `begun_at` is the moment of `time.monotonic` when it got its place."""

    candidate: int
    text: StoppingText
    begun_at: float | None = None
    part_count: int = 0
    prompt_tokens: int = 0
    completion_tokens: int | None = None
    pieces: list[Scored] = field(default_factory=list)

    def add(self, part: Part) -> str:
        """What may be shown now."""
        self.part_count += bool(part.text)
        if part.logprobs:
            texts = (part.text, *[""] * (len(part.logprobs) - 1))
            self.pieces += zip(texts, part.logprobs, strict=True)
        if part.usage:
            self.prompt_tokens = part.usage.prompt_tokens
            self.completion_tokens = part.usage.completion_tokens
        return self.text.add_text(part.text)

    def finished(self) -> Draft:
        count = self.part_count if self.completion_tokens is None else self.completion_tokens
        return Draft(self.text.whole(), count, self.text.certainty(self.pieces))


class Places:
    """Who may ask the server now: `count` texts, and some more for persons only. First come, first served; campaigns
    queue among themselves before they queue with persons."""

    def __init__(self, count: int) -> None:
        self._of_campaigns = asyncio.Semaphore(count)
        self._of_all = asyncio.Semaphore(count + PERSONS)

    @asynccontextmanager
    async def one(self, priority: Priority) -> AsyncIterator[None]:
        if priority is Priority.PERSON:
            async with self._of_all:
                yield
        else:
            async with self._of_campaigns, self._of_all:
                yield


class RemoteEngine:
    """The model `name` of the server at `url` (with its /v1), asked for `concurrency` texts at a time.

    The server need not be there yet: each text waits for it as `served.RETRIES` says.
    """

    def __init__(
        self, url: str, name: str, key: str | None = None, is_chat: bool = True, concurrency: int = 64
    ) -> None:
        self._is_chat = is_chat
        self._concurrency = concurrency
        self._served = ServedModel(url, name, key, is_chat)
        self._card = ModelCard(name, self._served.source, sequence_count=concurrency)
        self._is_card_asked = False
        self._places = Places(concurrency)
        self._open = dict.fromkeys(Priority, 0)
        self._lock = Lock()
        self._tasks: set[asyncio.Task[None]] = set()  # the loop itself keeps none of them alive
        self._generations: WeakSet[Generation] = WeakSet()  # who waits for a text holds its generation
        self._is_closing = False
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._serve, name="model-server", daemon=True)
        self._thread.start()

    @property
    def card(self) -> ModelCard:
        """What is known so far: the server is asked in the background until it has told its context."""
        with self._lock:
            if not self._is_card_asked and not self._is_closing:
                self._is_card_asked = True
                self._loop.call_soon_threadsafe(self._start, self._describe())
            return self._card

    @property
    def failure(self) -> EngineError | None:
        return None if self._thread.is_alive() else EngineStopped("the thread of the model server has ended")

    @property
    def chat_template(self) -> None:
        return None

    @property
    def is_chat(self) -> bool:
        return self._is_chat

    @property
    def parallel_texts(self) -> int:
        return self._concurrency

    def score(self, prompt: Prompt, text: str, *, priority: Priority = Priority.PERSON) -> None:
        """No server of the kind tells it of words that it did not write itself."""
        return None

    def count_tokens(self, text: str) -> int | None:
        return None

    def submit(
        self,
        prompt: Prompt,
        options: Options,
        *,
        priority: Priority = Priority.PERSON,
        deadline_seconds: float | None = None,
    ) -> Generation:
        generation = RemoteGeneration(options, priority, deadline_seconds, self._loop)
        with self._lock:
            if self._is_closing:
                raise EngineStopped("the model's engine is closed")
            if self._open[priority] >= self._concurrency + LONGEST_QUEUE[priority]:
                raise QueueFull
            self._open[priority] += 1
            self._generations.add(generation)
            self._loop.call_soon_threadsafe(self._start, self._write(generation, prompt))
        return generation

    def close(self) -> None:
        """End what runs, as failed, and the thread."""
        with self._lock:
            self._is_closing = True
        if self._thread.is_alive():
            with suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(CLOSING_SECONDS)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(CLOSING_SECONDS)
        else:
            # In a thread of its own: the caller may have a running loop, beside which no other one runs.
            closing = Thread(target=self._loop.run_until_complete, args=(self._shut(),), daemon=True)
            closing.start()
            closing.join(CLOSING_SECONDS)
        if not self._loop.is_running():
            self._loop.close()

    # On the thread of the loop

    def _serve(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            with self._lock:
                self._is_closing = True
                lost = list(self._generations)
            for generation in lost:
                generation.finish(EngineStopped("the thread of the model server has ended"))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self, generation: RemoteGeneration, prompt: Prompt) -> None:
        error: EngineError | None = EngineStopped("the model's engine is closed")
        try:
            error = await self._written(generation, prompt)
        except Exception as failure:
            log.exception("text_lost")
            error = GenerationFailed(type(failure).__name__)
        finally:
            with self._lock:
                self._open[generation.priority] -= 1
            generation.finish(error)

    async def _written(self, generation: RemoteGeneration, prompt: Prompt) -> EngineError | None:
        """Fill the generation; returns what `_outcome` does."""
        drafts = [
            WritingDraft(candidate, StoppingText(prompt.stop, prompt.opening))
            for candidate in range(generation.options.candidates)
        ]
        error = None
        if not generation.is_cancelled:
            generation.task = asyncio.current_task()
            error = await self._outcome(generation, prompt, drafts)
        begun = [draft.begun_at for draft in drafts if draft.begun_at is not None]
        generation.seconds = time.monotonic() - min(begun) if begun else 0.0
        generation.prompt_tokens = max((draft.prompt_tokens for draft in drafts), default=0)
        generation.drafts = [draft.finished() for draft in drafts if draft.begun_at is not None]
        generation.token_count = sum(draft.token_count for draft in generation.drafts)
        return error

    async def _outcome(
        self, generation: RemoteGeneration, prompt: Prompt, drafts: list[WritingDraft]
    ) -> EngineError | None:
        """Write all drafts; the error with which the first of them failed, which ends the others."""
        try:
            async with asyncio.timeout_at(generation.deadline), asyncio.TaskGroup() as group:
                for draft in drafts:
                    group.create_task(self._write_draft(generation, prompt, draft))
        except TimeoutError:
            return DeadlinePassed("the time for this text has passed")
        except asyncio.CancelledError:
            return None if generation.is_cancelled else GenerationFailed("the engine was closed")
        except ExceptionGroup as failures:
            error = failures.exceptions[0]
            if isinstance(error, EngineError):
                return error
            log.error("model_server_not_understood", exc_info=error)
            return GenerationFailed(type(error).__name__)
        return None

    async def _write_draft(self, generation: Generation, prompt: Prompt, draft: WritingDraft) -> None:
        options = generation.options
        seed = None if options.seed is None else options.seed + draft.candidate
        async with self._places.one(generation.priority):
            draft.begun_at = time.monotonic()
            self._show(generation, draft, draft.text.shown)
            async with aclosing(self._served.parts(prompt, options, seed)) as parts:
                async for part in parts:
                    generation.token_count += bool(part.text)
                    self._show(generation, draft, draft.add(part))
                    if draft.text.is_stopped:
                        break
        self._show(generation, draft, draft.text.end())

    @staticmethod
    def _show(generation: Generation, draft: WritingDraft, text: str) -> None:
        if text:
            generation.put(Piece(draft.candidate, text))

    async def _describe(self) -> None:
        try:
            context = await self._served.context_tokens()
        except EngineError as error:
            log.warning("model_server_not_described", reason=str(error))
            self._is_card_asked = False
        else:
            self._card = replace(self._card, context_tokens=context)

    async def _shut(self) -> None:
        await asyncio.sleep(0)  # what was submitted just now begins, so that it can be ended
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._served.close()
