"""Continuous batching: many texts in work, every step decodes one token of each and some pieces of new prompts.

A text starts as soon as a sequence is free and leaves as soon as it is finished; nobody waits for a whole batch.
"""

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .capacity import PERSONS, TOKENS_A_SEQUENCE, Capacity
from .certainty import decoded
from .engine import DeadlinePassed, Draft, EngineError, Generation, GenerationFailed, Piece, Priority
from .native import Cell, Context, DecodeFailed, DecodeInterrupted, Model
from .prefixes import SHORTEST, Prefix, PrefixCache
from .sampling import ForcedTokens, Sampler
from .text import StoppingText

PREFIXES = 4
"""Prompts' beginnings that are kept at a time: a campaign or two, and what people try meanwhile."""

STEP_TOKENS = 512
"""The most that one step decodes."""

CAMPAIGN_PIECE = 256
"""Prompt tokens of campaigns in one step: their texts that are being written wait for it."""

CAMPAIGN_TURN = 8
"""While a person's text is written, campaigns have one step in so many: the person waits little longer than on an idle
machine, and since a campaign's step decodes many texts it still gets two fifths of the time."""


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


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step brings a prompt: so many more tokens of it are decoded."""

    of: Prefix | Request
    token_count: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell of a step and what to do with its scores: nothing, go on with a draft, or begin a request's drafts."""

    cell: Cell
    owner: WritingDraft | Request | None = None


class Batcher:
    """The texts in work over one context. Not for several threads: the engine's own thread calls it.

    `is_for_persons` says whether the step that is being decoded serves nobody else, so that it is not worth
    interrupting for one more person.
    """

    def __init__(self, model: Model, context: Context, capacity: Capacity) -> None:
        self._model = model
        self._context = context
        self._capacity = capacity
        self._free = list(range(capacity.sequences))
        self._prefixes = PrefixCache(list(range(capacity.sequences, capacity.sequences + PREFIXES)))
        self._waiting: dict[Priority, deque[Request]] = {priority: deque() for priority in Priority}
        self._working: list[Request] = []
        self._may_cut = model.has_cell_for_each_token
        self._step_number = 0
        self.is_for_persons = False

    @property
    def is_idle(self) -> bool:
        return not self._working and not any(self._waiting.values())

    def waiting_count(self, priority: Priority) -> int:
        return len(self._waiting[priority])

    def add(self, request: Request) -> None:
        self._waiting[request.generation.priority].append(request)

    def step(self) -> None:
        """Take in what fits, decode once, hand out what came of it."""
        self._drop_ended()
        self._admit()
        slots, progress = self._plan()
        if not slots:
            return
        try:
            self._context.decode([slot.cell for slot in slots])
        except DecodeInterrupted:
            return
        except DecodeFailed as error:
            self.fail_working(GenerationFailed(str(error)))
            return
        for each in progress:
            each.of.decoded += each.token_count
        self._hand_out(slots)

    def fail_working(self, error: EngineError) -> None:
        """End all that is in work, since its cells are lost, and begin again with an empty context."""
        for request in list(self._working):
            self._end(request, error)
        self._prefixes.clear()
        self._context.clear()

    # Coming and going

    def _drop_ended(self) -> None:
        for request in [*self._working, *self._waiting[Priority.PERSON], *self._waiting[Priority.CAMPAIGN]]:
            generation = request.generation
            if generation.is_cancelled:
                self._end(request)
            elif generation.is_late:
                self._end(request, DeadlinePassed("the time for this text has passed"))

    def _admit(self) -> None:
        """First come, first served; persons before campaigns, and no campaign while a person waits for room.

        Persons begin before further drafts of other persons are; campaigns finish first what they have begun.
        """
        if self._admit_waiting(Priority.PERSON):
            self._start_drafts(Priority.PERSON)
            self._start_drafts(Priority.CAMPAIGN)
            self._admit_waiting(Priority.CAMPAIGN)

    def _admit_waiting(self, priority: Priority) -> bool:
        """Begin those for which there is a sequence; whether the cells were enough for all of them."""
        waiting = self._waiting[priority]
        while waiting and self._has_sequence(priority):
            if not self._make_room(waiting[0]):
                return False
            self._begin(waiting.popleft())
        return True

    def _has_sequence(self, priority: Priority) -> bool:
        if priority is Priority.PERSON:
            return bool(self._free)
        taken = sum(self._sequence_count(request) for request in self._working if not request.is_of_a_person)
        return bool(self._free) and taken < self._capacity.sequences - PERSONS

    @staticmethod
    def _sequence_count(request: Request) -> int:
        held = {draft.sequence for draft in request.drafts}
        return len(held | ({request.home} if request.home is not None else set()))

    def _make_room(self, request: Request) -> bool:
        """Whether its cells fit beside what is promised already; forgets old prefixes for it."""
        while True:
            known = self._prefixes.find(request.prefix_tokens)
            if request.reserved(known) + self._kept_for_persons(request) <= self._free_cells():
                return True
            if known:
                known.users += 1  # do not drop the very one that it needs
            dropped = self._prefixes.drop_oldest()
            if known:
                known.users -= 1
            if dropped is None:
                return False
            self._context.remove(dropped.sequence)

    def _free_cells(self) -> int:
        promised = sum(each.reserved(each.prefix) for each in self._working)
        return self._capacity.context - promised - self._prefixes.token_count

    def _kept_for_persons(self, request: Request) -> int:
        """Cells that a campaign leaves free. One of its texts may always be written, however long it is."""
        others = (each for each in self._working if each is not request and not each.is_of_a_person)
        if request.is_of_a_person or not any(others):
            return 0
        return min(PERSONS * TOKENS_A_SEQUENCE, self._capacity.context // 4)

    def _begin(self, request: Request) -> None:
        request.prefix = self._prefix_for(request)
        request.home = self._free.pop()
        request.started_at = time.monotonic()
        self._working.append(request)

    def _prefix_for(self, request: Request) -> Prefix | None:
        if len(request.prefix_tokens) < SHORTEST:
            return None
        prefix = self._prefixes.find(request.prefix_tokens) or self._new_prefix(request.prefix_tokens)
        if prefix:
            prefix.users += 1
        return prefix

    def _new_prefix(self, tokens: tuple[int, ...]) -> Prefix | None:
        """One more beginning to keep, reusing what it shares with a kept one; None while all are in use."""
        match, shared_count = self._prefixes.longest_match(tokens) if self._may_cut else (None, 0)
        if not self._prefixes.has_room() and (dropped := self._prefixes.drop_oldest()):
            self._context.remove(dropped.sequence, shared_count if dropped is match else 0)
        if not self._prefixes.has_room():
            return None
        prefix = self._prefixes.add(tokens)
        if match and match.sequence != prefix.sequence:
            self._context.copy(match.sequence, prefix.sequence, shared_count)
        prefix.decoded = shared_count
        return prefix

    def _start_drafts(self, priority: Priority) -> None:
        """Further drafts of prompts that are decoded, each in a sequence that became free."""
        for request in list(self._working):
            if request.generation.priority is not priority or request.home is None or request.logits is None:
                continue
            needed = request.generation.options.max_tokens + self._kept_for_persons(request)
            while request.has_unstarted and self._has_sequence(priority) and needed <= self._free_cells():
                sequence = self._free.pop()
                self._context.copy(request.home, sequence, request.prompt_tokens)
                self._start_draft(request, sequence, request.logits)

    def _start_draft(self, request: Request, sequence: int, logits: NDArray[np.float32]) -> None:
        """Write the next draft of a decoded prompt, after which the scores were `logits`, in a sequence that begins
        with it."""
        candidate = request.next_candidate
        request.next_candidate += 1
        sampler = _sampler_of(request, candidate)
        text = StoppingText(request.stop, request.opening)
        draft = WritingDraft(request, candidate, sequence, request.prompt_tokens, sampler, text)
        request.drafts.append(draft)
        if request.opening:
            request.generation.put(Piece(candidate, request.opening))
        self._take(draft, logits)

    def _finish(self, draft: WritingDraft) -> None:
        """A draft is whole; its sequence serves the next draft of its prompt, or becomes free."""
        request = draft.request
        rest = draft.text.end()
        if rest:
            request.generation.put(Piece(draft.candidate, rest))
        request.finished[draft.candidate] = draft.finished()
        request.drafts.remove(draft)
        if draft.sequence == request.home:
            if request.has_unstarted and request.logits is not None:
                self._context.remove(draft.sequence, request.prompt_tokens)
                self._start_draft(request, draft.sequence, request.logits)
                return
            request.home = None
        self._release(draft.sequence)
        if not request.drafts and not request.has_unstarted:
            self._end(request)

    def _end(self, request: Request, error: EngineError | None = None) -> None:
        """No more of this generation, whether it is finished, cancelled or failed; what it has so far stays."""
        for draft in request.drafts:
            request.finished[draft.candidate] = draft.finished()
        held = {draft.sequence for draft in request.drafts}
        if request.home is not None:
            held.add(request.home)
        for sequence in held:
            self._release(sequence)
        request.drafts.clear()
        if request.prefix:
            request.prefix.users -= 1
        if request in self._working:
            self._working.remove(request)
            request.generation.seconds = time.monotonic() - request.started_at
        else:
            self._waiting[request.generation.priority].remove(request)
        request.generation.drafts = [request.finished[candidate] for candidate in sorted(request.finished)]
        request.generation.finish(error)

    def _release(self, sequence: int) -> None:
        self._context.remove(sequence)
        self._free.append(sequence)

    # One step

    def _plan(self) -> tuple[list[Slot], list[Progress]]:
        """What to decode next, and how far it brings the prompts among it.

        Prompts and drafts are decoded in steps of their own: llama.cpp's attention on a CPU skips what a sequence
        does not see only where a step is small or its tokens belong together.
        """
        working = self._whose_turn_it_is()
        pieces = list(self._prompt_pieces(working, STEP_TOKENS if self.is_for_persons else CAMPAIGN_PIECE))
        if pieces:
            slots = [slot for _of, piece in pieces for slot in piece]
            return slots, [Progress(of, len(piece)) for of, piece in pieces]
        drafts = [draft for request in working for draft in request.drafts]
        return [Slot(Cell(draft.token, draft.position, draft.sequence, True), draft) for draft in drafts], []

    def _whose_turn_it_is(self) -> list[Request]:
        """While the prompt of a person is decoded campaigns stand still, and nearly so while the text is written."""
        persons = [request for request in self._working if request.is_of_a_person]
        is_urgent = any(request.waits_for_prompt for request in persons)
        self._step_number += 1
        self.is_for_persons = bool(persons) and (is_urgent or self._step_number % CAMPAIGN_TURN != 0)
        return persons if self.is_for_persons else self._working

    def _prompt_pieces(self, working: Iterable[Request], room: int) -> Iterator[tuple[Prefix | Request, list[Slot]]]:
        """At most `room` tokens of prompts, oldest first; of a shared beginning once, whoever waits for it."""
        decoding: set[int] = set()
        for request in working:
            if request.home is None or not request.waits_for_prompt:
                continue
            prefix = request.prefix
            if prefix and prefix.sequence in decoding:
                continue
            if prefix and not prefix.is_ready:
                decoding.add(prefix.sequence)
                piece = self._prefix_piece(prefix, room)
                yield prefix, piece
            else:
                piece = self._own_piece(request, request.home, room)
                yield request, piece
            room -= len(piece)
            if room <= 0:
                return

    @staticmethod
    def _prefix_piece(prefix: Prefix, room: int) -> list[Slot]:
        begin = prefix.decoded
        tokens = prefix.tokens[begin : begin + room]
        return [Slot(Cell(token, begin + place, prefix.sequence)) for place, token in enumerate(tokens)]

    def _own_piece(self, request: Request, home: int, room: int) -> list[Slot]:
        """The last token's scores are wanted: the drafts begin with them."""
        if request.prefix and not request.decoded:
            self._context.remove(home)  # an interrupted step has left its copy there
            self._context.copy(request.prefix.sequence, home, request.shared_count)
        begin = request.shared_count + request.decoded
        own = request.own_tokens
        tokens = own[request.decoded : request.decoded + room]
        slots = [Slot(Cell(token, begin + place, home)) for place, token in enumerate(tokens)]
        if request.decoded + len(tokens) == len(own):
            slots[-1] = Slot(Cell(tokens[-1], begin + len(tokens) - 1, home, True), request)
        return slots

    def _hand_out(self, slots: Sequence[Slot]) -> None:
        for index, slot in enumerate(slots):
            if isinstance(slot.owner, WritingDraft):
                self._take(slot.owner, self._context.logits(index))
            elif slot.owner is not None:
                request = slot.owner
                request.logits = self._context.logits(index).copy()
                self._start_draft(request, slot.cell.sequence, request.logits)

    def _take(self, draft: WritingDraft, logits: NDArray[np.float32]) -> None:
        """Draw a draft's next token, show what may be shown, and see whether the text is whole."""
        generation = draft.request.generation
        drawn = draft.sampler.draw(logits)
        if drawn is None or self._model.is_end(drawn[0]):
            self._finish(draft)
            return
        token, logprob = drawn
        data = self._model.piece(token)
        draft.tokens.append((data, logprob))
        generation.token_count += 1
        piece = draft.text.add(data)
        if piece:
            generation.put(Piece(draft.candidate, piece))
        if draft.text.is_stopped or draft.token_count >= generation.options.max_tokens:
            self._finish(draft)
            return
        if draft.token >= 0:
            draft.position += 1
        draft.token = token


def _sampler_of(request: Request, candidate: int) -> Sampler | ForcedTokens:
    if request.forced_tokens is not None:
        return ForcedTokens(request.forced_tokens)
    options = request.generation.options
    seed = None if options.seed is None else options.seed + candidate
    return Sampler(options, seed, [*request.prefix_tokens, *request.suffix_tokens], request.permitted)
