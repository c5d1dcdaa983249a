"""What the rest of the application may ask of a language model, whichever serves it.

A prompt comes as prefix and suffix: what many generations share, and what is one client's own. An engine that batches
decodes a prefix once; one that does not joins the two.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Literal, Protocol, TypedDict

from .cards import ModelCard
from .certainty import Certainty

if TYPE_CHECKING:
    from .chat_templates import ChatTemplate


class EngineError(Exception):
    """The model could not do what was asked."""


class PromptTooLong(EngineError):
    """The prompt and the room for the answer do not fit the context. Both numbers are tokens."""

    def __init__(self, tokens: int, limit: int) -> None:
        super().__init__(f"the prompt has {tokens} tokens, at most {limit} fit")
        self.tokens = tokens
        self.limit = limit


class ModelMissing(EngineError):
    """There is no file where the model should be, or the server has no model of this name."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(f"no model at {path}")
        self.path = path


class ModelNotStored(EngineError):
    """The packaged model's file cannot be written to the directory where it belongs."""

    def __init__(self, directory: Path, reason: str) -> None:
        super().__init__(f"{directory} cannot be written to: {reason}")
        self.directory = directory


class ModelBroken(EngineError):
    """The file is not GGUF, is cut short, or llama.cpp cannot load it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class AccessRefused(EngineError):
    """The model server does not accept our key."""


class PassingError(EngineError):
    """What failed now may succeed later: asking again is worth it."""


class GenerationFailed(PassingError):
    """The model failed in the middle of a text."""


class QueueFull(PassingError):
    """Too many generations wait already."""


class ServerAway(PassingError):
    """The model server does not answer, or answers that it is overloaded or broken."""


class DeadlinePassed(PassingError):
    """The text was not finished in the time it was given."""


class EngineStopped(PassingError):
    """The engine writes no more: it was closed, or its thread ended or hangs."""


class Priority(IntEnum):
    """Who goes first: a person who waits before the screen, or a campaign."""

    PERSON = 0
    CAMPAIGN = 1


DEADLINE_SECONDS = {Priority.PERSON: 600.0, Priority.CAMPAIGN: 3600.0}
"""Time for a text, its turn in the queue included, where the caller sets none: enough for the largest model on the
slowest machine that a person would wait for. A campaign also waits for persons."""

GRACE_SECONDS = 60.0
"""How long a text is still waited for after its deadline or its cancelling. An engine ends it at its next step, which
may decode hundreds of tokens on a slow machine; after that it is taken to hang."""

POLLING_SECONDS = 5.0


class ChatMessage(TypedDict):
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a prompt says of somebody else's text, an example: its number, and the words in the order of the prompt."""

    number: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What goes to a model: `prefix` is the same for all clients, `suffix` begins with the client's own words.

    `messages` says the same as a conversation, for servers that apply the chat template themselves; it is empty for
    base models.

    `openings` are ways in which the text may begin: it begins with the first of them, the others are for asking again;
    an empty one leaves the beginning to the model. After a beginning the model goes on in the alphabet of `language`
    and without figures, where an engine can see to that.

    `quoted` is what is not kept with the prompt, since it belongs to others.
    """

    prefix: str
    suffix: str
    stop: tuple[str, ...] = ()
    messages: tuple[ChatMessage, ...] = ()
    openings: tuple[str, ...] = ()
    language: str = ""
    quoted: tuple[Quoted, ...] = ()

    @property
    def opening(self) -> str:
        return self.openings[0] if self.openings else ""

    @property
    def begun_suffix(self) -> str:
        """The suffix and the beginning of the text that is asked for."""
        return f"{self.suffix} {self.opening}" if self.opening else self.suffix

    @property
    def text(self) -> str:
        """All that a model reads before it goes on."""
        return self.prefix + self.begun_suffix

    @property
    def kept_text(self) -> str:
        """The text with numbers in the place of what is quoted; "" where a chat template has changed those words."""
        kept = self.text
        for quoted in self.quoted:
            for words in quoted.words:
                if words not in kept:
                    return ""
                kept = kept.replace(words, f"⟦{quoted.number}⟧", 1)
        return kept


@dataclass(frozen=True, slots=True)
class Options:
    """How to write: sampling, the largest length in tokens, how many drafts of the one prompt.

    `repeat_penalty` 1.0 and `top_k` 0 switch those off. Draft n of a generation draws with the seed `seed + n`.
    """

    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.1
    max_tokens: int = 160
    seed: int | None = None
    candidates: int = 1


@dataclass(frozen=True, slots=True)
class Piece:
    """Some more text of one of the drafts, counted from 0. Pieces never cut a character."""

    candidate: int
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One text as the model wrote it.

    `certainty` is None where a server tells no log-probabilities, and where the model added nothing to a beginning.
    """

    text: str
    token_count: int
    certainty: Certainty | None = None


class Generation:
    """One request to a model. Iterate over it for the pieces; the iteration waits for them and ends with the text.

    Counts are of tokens; `seconds` is the time the model worked, without waiting in the queue. `deadline` is a moment
    of `time.monotonic`: `deadline_seconds` from now, those of DEADLINE_SECONDS when None. `drafts` holds the finished
    drafts in the order of their candidates once the iteration ended.
    """

    def __init__(self, options: Options, priority: Priority, deadline_seconds: float | None = None) -> None:
        if deadline_seconds is None:
            deadline_seconds = DEADLINE_SECONDS[priority]
        self.options = options
        self.priority = priority
        self.deadline = time.monotonic() + deadline_seconds
        self.prompt_tokens = 0
        self.token_count = 0
        self.seconds = 0.0
        self.drafts: list[Draft] = []
        self._pieces: SimpleQueue[Piece | EngineError | None] = SimpleQueue()
        self._cancelled = Event()
        self._waited_for_until = self.deadline + GRACE_SECONDS

    def __iter__(self) -> Iterator[Piece]:
        """Pieces as they come. Raises PassingError or another EngineError when the model failed."""
        while isinstance(piece := self._next(), Piece):
            yield piece
        self._pieces.put(piece)  # who iterates again finds the end again
        if piece is not None:
            raise piece

    def result(self) -> list[Draft]:
        """Wait for the end and return the drafts, for whoever does not watch. Raises as the iteration does."""
        for _piece in self:
            pass
        return self.drafts

    def cancel(self) -> None:
        """Stop at the next token. What was written so far stays in `drafts`."""
        self._cancelled.set()
        self._waited_for_until = min(self._waited_for_until, time.monotonic() + GRACE_SECONDS)

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self.deadline

    def put(self, piece: Piece) -> None:
        """For engines: hand out some text."""
        self._pieces.put(piece)

    def finish(self, error: EngineError | None = None) -> None:
        """For engines: no more pieces will come. Of several ends the first one counts."""
        self._pieces.put(error)

    def _next(self) -> Piece | EngineError | None:
        """The next piece or the end, which comes from here when the engine does not even say that it failed."""
        while time.monotonic() < self._waited_for_until:
            with suppress(Empty):
                return self._pieces.get(timeout=POLLING_SECONDS)
        self._cancelled.set()
        return DeadlinePassed("the engine does not answer")


class Engine(Protocol):
    """A loaded model, or a server that has one."""

    @property
    def card(self) -> ModelCard: ...

    @property
    def failure(self) -> EngineError | None:
        """Why it writes no more; None while it works."""
        ...

    @property
    def chat_template(self) -> "ChatTemplate | None":
        """How the model's maker writes conversations; None for a base model and where a server applies its own."""
        ...

    @property
    def is_chat(self) -> bool:
        """Whether the model was trained for conversations."""
        ...

    @property
    def parallel_texts(self) -> int:
        """How many texts it writes at a time without any of them waiting: what a campaign should keep it busy with."""
        ...

    def submit(
        self,
        prompt: Prompt,
        options: Options,
        *,
        priority: Priority = Priority.PERSON,
        deadline_seconds: float | None = None,
    ) -> Generation:
        """Ask for a text; returns at once. Raises PromptTooLong, QueueFull or EngineStopped."""
        ...

    def score(self, prompt: Prompt, text: str, *, priority: Priority = Priority.PERSON) -> Generation | None:
        """Ask how likely the model has a text that somebody else wrote, after the prompt and its opening.

        The certainty of the generation's only draft tells it, with places counted from the text's beginning. None
        where a server cannot say. Raises as `submit`.
        """
        ...

    def count_tokens(self, text: str) -> int | None:
        """None where a server does not tell."""
        ...

    def close(self) -> None: ...
