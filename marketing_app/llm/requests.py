"""Texts in work: what was asked of the engine, how far it is, and the drafts that are being written."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .certainty import decoded
from .engine import Draft, Generation, Priority
from .prefixes import Prefix
from .sampling import ForcedTokens, Sampler
from .text import StoppingText


@dataclass(slots=True, eq=False)
class Request:
    """A generation and how far it is: first its prompt is decoded, then its drafts are written from there.

    `home` is the sequence in which the prompt was decoded; other drafts begin with a copy of it. `logits` are the
    model's scores for what follows the prompt, copied, since drafts may start later. The suffix ends with the
    `opening` of the text, after which only `permitted` tokens may come; those of a given text are `forced_tokens`.
    """

    generation: Generation
    prefix_tokens: tuple[int, ...]
    suffix_tokens: list[int]
    stop: tuple[str, ...]
    opening: str = ""
    permitted: NDArray[np.bool_] | None = None
    forced_tokens: list[int] | None = None
    prefix: Prefix | None = None
    home: int | None = None
    decoded: int = 0
    logits: NDArray[np.float32] | None = None
    started_at: float = 0.0
    next_candidate: int = 0
    drafts: "list[WritingDraft]" = field(default_factory=list)
    finished: dict[int, Draft] = field(default_factory=dict)

    @property
    def is_of_a_person(self) -> bool:
        return self.generation.priority is Priority.PERSON

    @property
    def prompt_tokens(self) -> int:
        return len(self.prefix_tokens) + len(self.suffix_tokens)

    @property
    def own_tokens(self) -> list[int]:
        """What is decoded for this request alone: everything when its beginning is not kept."""
        return self.suffix_tokens if self.prefix else [*self.prefix_tokens, *self.suffix_tokens]

    @property
    def shared_count(self) -> int:
        return len(self.prefix.tokens) if self.prefix else 0

    @property
    def waits_for_prompt(self) -> bool:
        return self.logits is None

    @property
    def has_unstarted(self) -> bool:
        return self.next_candidate < self.generation.options.candidates

    @property
    def sequences(self) -> set[int]:
        """Those that it holds now."""
        home = set() if self.home is None else {self.home}
        return home | {draft.sequence for draft in self.drafts}

    def sampler(self, candidate: int) -> Sampler | ForcedTokens:
        """What draws the tokens of a draft."""
        if self.forced_tokens is not None:
            return ForcedTokens(self.forced_tokens)
        options = self.generation.options
        seed = None if options.seed is None else options.seed + candidate
        return Sampler(options, seed, [*self.prefix_tokens, *self.suffix_tokens], self.permitted)

    def reserved(self, prefix: Prefix | None) -> int:
        """Cells that it may come to take with the drafts that are in work, besides a kept prefix.

        Further drafts need no room of their own: one after another they can follow in the place of the first.
        """
        own = self.prompt_tokens - (len(prefix.tokens) if prefix else 0)
        return own + max(1, len(self.drafts)) * self.generation.options.max_tokens


@dataclass(slots=True, eq=False)
class WritingDraft:
    """One draft: `token` is its newest, not decoded yet, which will stand at `position`."""

    request: Request
    candidate: int
    sequence: int
    position: int
    sampler: Sampler | ForcedTokens
    text: StoppingText
    token: int = -1
    tokens: list[tuple[bytes, float]] = field(default_factory=list)

    @property
    def token_count(self) -> int:
        return len(self.tokens)

    def finished(self) -> Draft:
        return Draft(self.text.whole(), self.token_count, self.text.certainty(decoded(self.tokens)))
