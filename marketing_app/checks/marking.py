"""A text cut into the pieces that findings mean and those between them, so that a page can mark words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .findings import Finding, Severity


@dataclass(frozen=True)
class Piece:
    """A part of a text, and the gravest that is said of it."""

    text: str
    severity: Severity | None = None


def pieces(text: str, findings: Sequence[Finding]) -> Iterator[Piece]:
    """All of the text in its order. Where findings meet, the graver one counts."""
    places: list[Severity | None] = [None] * len(text)
    order = list(Severity)
    for finding in sorted(findings, key=lambda each: -order.index(each.severity)):
        start, end = finding.span or (0, 0)
        places[start:end] = [finding.severity] * len(places[start:end])
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or places[at] is not places[start]:
            yield Piece(text[start:at], places[start])
            start = at
