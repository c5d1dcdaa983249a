"""What the rest of the application may ask of a language model, whichever serves it.

A generation names its prompt as prefix and suffix: what many generations share, and what is one client's own. An
engine that batches decodes a prefix once; one that does not joins the two.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from typing import Protocol


class EngineError(Exception):
    """The model could not do what was asked."""


class PromptTooLong(EngineError):
    """The prompt and the room for the answer do not fit the context. Both numbers are tokens."""

    def __init__(self, tokens: int, limit: int) -> None:
        super().__init__(f"the prompt has {tokens} tokens, at most {limit} fit")
        self.tokens = tokens
        self.limit = limit


class ModelMissing(EngineError):
    """There is no file where the model should be."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"no model file at {path}")
        self.path = path


class ModelBroken(EngineError):
    """The file is not GGUF, is cut short, or llama.cpp cannot load it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class GenerationFailed(EngineError):
    """The model failed in the middle of a text."""


class QueueFull(EngineError):
    """Too many generations wait already."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to write: sampling, the largest length in tokens, where to stop, how many drafts of the one prompt."""

    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.1
    max_tokens: int = 160
    stop: tuple[str, ...] = ()
    seed: int | None = None
    candidates: int = 1


@dataclass(frozen=True, slots=True)
class Piece:
    """Some more text of one of the drafts, counted from 0. Pieces never cut a character."""

    candidate: int
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One text as the model wrote it; the mean log-probability is per token, natural logarithm."""

    text: str
    token_count: int
    mean_logprob: float


class Generation:
    """One request to a model. Iterate over it for the pieces; the iteration waits for them and ends with the text.

    Counts are of tokens; `seconds` is the time the model worked, without waiting in the queue.
    """

    def __init__(self, prompt: list[int], options: Options) -> None:
        self.prompt = prompt
        self.options = options
        self.prompt_tokens = len(prompt)
        self.token_count = 0
        self.seconds = 0.0
        self.drafts: list[Draft] = []
        self._pieces: SimpleQueue[Piece | EngineError | None] = SimpleQueue()
        self._cancelled = Event()

    def __iter__(self) -> Iterator[Piece]:
        """Pieces as they come. Raises GenerationFailed when the model failed."""
        while (piece := self._pieces.get()) is not None:
            if isinstance(piece, EngineError):
                raise piece
            yield piece

    def cancel(self) -> None:
        """Stop at the next token. What was written so far stays in `drafts`."""
        self._cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()

    def put(self, piece: Piece) -> None:
        """For engines: hand out some text."""
        self._pieces.put(piece)

    def finish(self, error: EngineError | None = None) -> None:
        """For engines: no more pieces will come."""
        self._pieces.put(error)


class Engine(Protocol):
    """A loaded model."""

    model_name: str
    context_size: int
    chat_template: str | None

    @property
    def is_chat(self) -> bool:
        """Whether the model was trained for conversations and says how to write them."""
        ...

    def submit(self, prefix: str, suffix: str, options: Options) -> Generation:
        """Ask for a text. Raises PromptTooLong or QueueFull; returns at once."""
        ...

    def count_tokens(self, text: str) -> int: ...

    def close(self) -> None: ...
