"""How well each rule does on the corpus."""

from collections.abc import Iterable
from dataclasses import dataclass

from marketing_app.checks.registry import RULES, check

from .offers import Offer

UNLABELLED = frozenset({"language.spelling", "language.sense", "language.only_opening"})
"""Notes on single words, and what a model does; the corpus is of sentences that people wrote."""


@dataclass
class Score:
    """`hits` are rightful complaints, one an offer; `missed` and `imagined` are names of offers."""

    hits: int = 0
    missed: tuple[str, ...] = ()
    imagined: tuple[str, ...] = ()

    @property
    def precision(self) -> float:
        return self.hits / (self.hits + len(self.imagined)) if self.hits or self.imagined else 1.0

    @property
    def recall(self) -> float:
        return self.hits / (self.hits + len(self.missed)) if self.hits or self.missed else 1.0


def scores(offers: Iterable[Offer]) -> dict[str, Score]:
    """The score of every rule, by id."""
    results = {rule: Score() for rule in RULES if rule not in UNLABELLED}
    for offer in offers:
        complaining = {finding.rule for finding in check(offer.text, offer.facts)}
        for rule, score in results.items():
            if rule in complaining and rule in offer.rules:
                score.hits += 1
            elif rule in offer.rules:
                score.missed += (offer.name,)
            elif rule in complaining:
                score.imagined += (offer.name,)
    return results
