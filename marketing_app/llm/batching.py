"""Continuous batching: many texts in work, every step decodes one token of each and some pieces of new prompts.

A text starts as soon as a sequence is free and leaves as soon as it is finished; nobody waits for a whole batch.
"""

import time
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .capacity import PERSONS, TOKENS_A_SEQUENCE, Capacity
from .engine import DeadlinePassed, EngineError, GenerationFailed, Piece, Priority
from .native import Context, DecodeFailed, DecodeInterrupted, Model
from .prefixes import SHORTEST, Prefix, PrefixCache
from .requests import Request, WritingDraft
from .steps import Planner, Slot
from .text import StoppingText

PREFIXES = 4
"""Prompts' beginnings that are kept at a time: a campaign or two, and what people try meanwhile."""


class Batcher:
    """The texts in work over one context. Not for several threads: the engine's own thread calls it."""

    def __init__(self, model: Model, context: Context, capacity: Capacity) -> None:
        self._model = model
        self._context = context
        self._capacity = capacity
        self._free = list(range(capacity.sequences))
        self._prefixes = PrefixCache(list(range(capacity.sequences, capacity.sequences + PREFIXES)))
        self._waiting: dict[Priority, deque[Request]] = {priority: deque() for priority in Priority}
        self._working: list[Request] = []
        self._may_cut = model.has_cell_for_each_token
        self._planner = Planner(context)

    @property
    def is_for_persons(self) -> bool:
        """Whether the step that is being decoded serves persons only."""
        return self._planner.is_for_persons

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
        step = self._planner.next_step(self._working)
        if not step.slots:
            return
        try:
            self._context.decode([slot.cell for slot in step.slots])
        except DecodeInterrupted:
            return
        except DecodeFailed as error:
            self._fail_working(GenerationFailed(str(error)))
            return
        for each in step.progress:
            each.of.decoded += each.token_count
        self._hand_out(step.slots)

    def _fail_working(self, error: EngineError) -> None:
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
        taken = sum(len(request.sequences) for request in self._working if not request.is_of_a_person)
        return bool(self._free) and taken < self._capacity.sequences - PERSONS

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
        text = StoppingText(request.stop, request.opening)
        draft = WritingDraft(request, candidate, sequence, request.prompt_tokens, request.sampler(candidate), text)
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
        for sequence in request.sequences:
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

    # What a step brought

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
