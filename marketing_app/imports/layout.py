"""What a file holds around the rows that are read: titles, hidden rows, other sheets."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from .source import Row
from .values import shown

TITLES_TOLD = 3
LONGEST_TITLE = 100


@dataclass(frozen=True)
class Layout:
    """`above_count` rows stand above the header, the first of them are `titles`.

    `hidden_count` rows under the header are hidden, the first of them is `first_hidden`; whether they are read is up to
    Reading.without_hidden. `other_sheets` are not read, and those of `hidden_sheets` are hidden.
    """

    header_row: int
    above_count: int = 0
    titles: list[str] = field(default_factory=list)
    hidden_count: int = 0
    first_hidden: int = 0
    other_sheets: list[str] = field(default_factory=list)
    hidden_sheets: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """As JSON can keep it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, words: Mapping[str, Any]) -> Self:
        return cls(**words)

    def below(self, rows: Iterable[Row]) -> Self:
        """With the rows that stand above the header."""
        count, titles = 0, []
        for count, (_number, cells) in enumerate(rows, 1):
            if count <= TITLES_TOLD:
                titles.append(" ".join(filter(None, map(shown, cells)))[:LONGEST_TITLE])
        return replace(self, above_count=count, titles=titles)
