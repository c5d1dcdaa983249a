"""Text put together from the bytes of tokens, or from a server's pieces."""

import codecs
from collections.abc import Sequence

from .certainty import Certainty, Scored, certainty_of

ENDS = ".!?…"


class StoppingText:
    """Text put together from pieces: characters are never cut, stop strings never shown, nor is space before a text.

    It may have a beginning before its first piece.
    """

    def __init__(self, stops: tuple[str, ...], opening: str = "") -> None:
        self.shown = self._opening = opening
        self.is_stopped = False
        self._stops = stops
        self._held = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore")

    def add(self, data: bytes) -> str:
        """What may be shown now that these bytes came."""
        return self.add_text(self._decoder.decode(data))

    def add_text(self, text: str) -> str:
        """What may be shown now that this text came."""
        self._held += text.replace("\0", "")  # PostgreSQL stores none, and nobody reads one
        if not self.shown:
            self._held = self._held.lstrip()
        cut = min((at for stop in self._stops if (at := self._held.find(stop)) >= 0), default=-1)
        if cut >= 0:
            self.is_stopped = True
            return self._show(cut, drop=True)
        return self._show(len(self._held) - self._beginning_of_a_stop())

    def end(self) -> str:
        """What was held back for a stop string that did not come."""
        return "" if self.is_stopped else self._show(len(self._held))

    def whole(self) -> str:
        """What is shown, without a last sentence that broke off where the text had a beginning to go on from."""
        last = max(self.shown.rfind(end) for end in ENDS) + 1
        return self.shown[: max(last, len(self._opening))] if self._opening else self.shown

    def certainty(self, pieces: Sequence[Scored]) -> Certainty | None:
        """How sure the model was of `whole`, after a beginning, with the log-probabilities of all that it wrote."""
        written = "".join(piece for piece, _logprob in pieces)
        space = 0 if self._opening else len(written) - len(written.lstrip())
        return certainty_of(self.whole(), len(self._opening) - space, pieces)

    def _show(self, length: int, drop: bool = False) -> str:
        piece, self._held = self._held[:length], "" if drop else self._held[length:]
        self.shown += piece
        return piece

    def _beginning_of_a_stop(self) -> int:
        longest = max((len(stop) for stop in self._stops), default=1) - 1
        for length in range(min(longest, len(self._held)), 0, -1):
            if any(stop.startswith(self._held[-length:]) for stop in self._stops):
                return length
        return 0
