"""What one step decodes: one token of every draft, or some pieces of new prompts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .native import Cell, Context
from .prefixes import Prefix
from .requests import Request, WritingDraft

STEP_TOKENS = 512
"""The most that one step decodes."""

CAMPAIGN_PIECE = 256
"""Prompt tokens of campaigns in one step: their texts that are being written wait for it."""

CAMPAIGN_TURN = 8
"""While a person's text is written, campaigns have one step in so many: the person waits little longer than on an idle
machine, and since a campaign's step decodes many texts it still gets two fifths of the time."""


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


@dataclass(frozen=True, slots=True)
class Step:
    """What to decode next, and how far it brings the prompts among it."""

    slots: Sequence[Slot]
    progress: Sequence[Progress] = ()


class Planner:
    """Decides whose turn it is and how much of it.

    `is_for_persons` says whether the last step that was planned serves nobody else, so that it is not worth
    interrupting for one more person.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._step_number = 0
        self.is_for_persons = False

    def next_step(self, working: Sequence[Request]) -> Step:
        """Prompts and drafts are decoded in steps of their own: llama.cpp's attention on a CPU skips what a sequence
        does not see only where a step is small or its tokens belong together."""
        served = self._whose_turn_it_is(working)
        pieces = list(self._prompt_pieces(served, STEP_TOKENS if self.is_for_persons else CAMPAIGN_PIECE))
        if pieces:
            slots = [slot for _of, piece in pieces for slot in piece]
            return Step(slots, [Progress(of, len(piece)) for of, piece in pieces])
        drafts = [draft for request in served for draft in request.drafts]
        return Step([Slot(Cell(draft.token, draft.position, draft.sequence, True), draft) for draft in drafts])

    def _whose_turn_it_is(self, working: Sequence[Request]) -> Sequence[Request]:
        """While the prompt of a person is decoded campaigns stand still, and nearly so while the text is written."""
        persons = [request for request in working if request.is_of_a_person]
        is_urgent = any(request.waits_for_prompt for request in persons)
        self._step_number += 1
        self.is_for_persons = bool(persons) and (is_urgent or self._step_number % CAMPAIGN_TURN != 0)
        return persons if self.is_for_persons else working

    def _prompt_pieces(self, served: Iterable[Request], room: int) -> Iterator[tuple[Prefix | Request, list[Slot]]]:
        """At most `room` tokens of prompts, oldest first; of a shared beginning once, whoever waits for it."""
        decoding: set[int] = set()
        for request in served:
            if request.home is None or not request.waits_for_prompt:
                continue
            prefix = request.prefix
            if prefix and prefix.sequence in decoding:
                continue
            if prefix and not prefix.is_ready:
                decoding.add(prefix.sequence)
                piece = _prefix_piece(prefix, room)
                yield prefix, piece
            else:
                piece = self._own_piece(request, request.home, room)
                yield request, piece
            room -= len(piece)
            if room <= 0:
                return

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


def _prefix_piece(prefix: Prefix, room: int) -> list[Slot]:
    begin = prefix.decoded
    tokens = prefix.tokens[begin : begin + room]
    return [Slot(Cell(token, begin + place, prefix.sequence)) for place, token in enumerate(tokens)]
