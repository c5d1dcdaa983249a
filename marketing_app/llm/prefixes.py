"""Beginnings of prompts that many texts share: decoded once, kept in sequences of their own, copied for each text."""

from dataclasses import dataclass, field
from itertools import takewhile

SHORTEST = 32
"""Tokens. A shorter beginning is decoded again sooner than looked after."""


@dataclass(slots=True, eq=False)
class Prefix:
    """`decoded` of its tokens are in the sequence; `users` texts count on it."""

    tokens: tuple[int, ...]
    sequence: int
    decoded: int = 0
    users: int = 0

    @property
    def is_ready(self) -> bool:
        return self.decoded == len(self.tokens)


@dataclass(slots=True)
class PrefixCache:
    """A few prefixes; the one that was not used for the longest time goes first."""

    sequences: list[int]
    _kept: dict[tuple[int, ...], Prefix] = field(default_factory=dict)

    @property
    def token_count(self) -> int:
        """Cells of the context that the kept prefixes take."""
        return sum(len(prefix.tokens) for prefix in self._kept.values())

    def find(self, tokens: tuple[int, ...]) -> Prefix | None:
        prefix = self._kept.pop(tokens, None)
        if prefix is not None:
            self._kept[tokens] = prefix  # the newest stands last
        return prefix

    def longest_match(self, tokens: tuple[int, ...]) -> tuple[Prefix | None, int]:
        """The kept prefix with the most decoded tokens that these begin with too, and how many; (None, 0) if few."""
        shared = {prefix: _shared_count(prefix, tokens) for prefix in self._kept.values()}
        best = max(shared, key=shared.__getitem__, default=None)
        return (best, shared[best]) if best and shared[best] >= SHORTEST else (None, 0)

    def has_room(self) -> bool:
        return bool(self.sequences)

    def add(self, tokens: tuple[int, ...]) -> Prefix:
        """Keep a new prefix, not decoded yet. There must be room."""
        prefix = self._kept[tokens] = Prefix(tokens, self.sequences.pop())
        return prefix

    def drop_oldest(self) -> Prefix | None:
        """Forget the unused prefix that waited longest, and return it so that its cells can be freed; or None."""
        for tokens, prefix in self._kept.items():
            if not prefix.users:
                del self._kept[tokens]
                self.sequences.append(prefix.sequence)
                return prefix
        return None

    def clear(self) -> None:
        """Forget all: their cells are gone."""
        self.sequences += [prefix.sequence for prefix in self._kept.values()]
        self._kept.clear()


def _shared_count(prefix: Prefix, tokens: tuple[int, ...]) -> int:
    pairs = zip(prefix.tokens[: prefix.decoded], tokens, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
