"""How well the checks of offers do on the corpus of tests/checks/corpus, and how long they take.

python -m benchmarks.checks
"""

import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from benchmarks.amounts import amount, read_amounts
from benchmarks.reporting import Bound, report
from marketing_app.checks import registry
from marketing_app.checks.findings import Severity
from marketing_app.checks.registry import RULES, check
from tests.checks.learned import LEAST_PRECISION, LEAST_RECALL, pairs, score
from tests.checks.offers import Offer, offers
from tests.checks.scores import Score, scores

BOUND = 0.95
LONGEST_MILLISECONDS = 5
KEPT = {"_name", "_by_beginning", "is_word", "_dictionary", "_analyser"}


@dataclass(frozen=True)
class Amounts:
    offers: int = amount(len(offers()), "how many of the corpus, the first ones")


def main() -> int:
    """Print every rule's precision and recall; the ratio is the least of the blocking ones."""
    everything = offers()[: read_amounts(Amounts, __doc__).offers]
    held_out = [offer for offer in everything if offer.is_held_out]
    results, blind = scores(everything), scores(held_out)
    print(f"{len(everything)} offers, {len(held_out)} of them held out")
    for rule in sorted(results, key=lambda name: (list(Severity).index(RULES[name].severity), name)):
        print(_line(rule, results[rule], blind[rule]))
    times = milliseconds(everything)
    median = statistics.median(times)
    print(f"{median:.2f} ms a text (median), {max(times):.2f} ms the longest; at most {LONGEST_MILLISECONDS} ms")
    blocking = [score for rule, score in results.items() if RULES[rule].severity is Severity.BLOCK]
    figures = {
        "precision": [score.precision for score in blocking],
        "recall": [score.recall for score in blocking],
        "milliseconds": [median],
    }
    lowest = min(*figures["precision"], *figures["recall"])
    also = {"milliseconds": Bound(median, LONGEST_MILLISECONDS, "lower"), **_examples()}
    return report("checks", lowest, BOUND, "higher", figures, also)


def _examples() -> dict[str, Bound]:
    """How well texts that tell something of their clients are kept out of other clients' prompts."""
    everything, held_out = score(pairs()), score(pair for pair in pairs() if pair.is_held_out)
    print(
        f"{len(pairs())} approved texts: precision {everything.precision:.3f}  recall {everything.recall:.3f}"
        f"  held out: {held_out.precision:.3f} {held_out.recall:.3f}"
    )
    return {
        "precision of examples": Bound(everything.precision, LEAST_PRECISION, "higher"),
        "recall of examples": Bound(everything.recall, LEAST_RECALL, "higher"),
    }


def milliseconds(everything: Sequence[Offer]) -> list[float]:
    """What each text takes by itself, with nothing remembered of the product either."""
    check(everything[0].text, everything[0].facts)
    times = []
    for offer in everything:
        forget_texts()
        begun = time.perf_counter()
        check(offer.text, offer.facts)
        times.append((time.perf_counter() - begun) * 1000)
    return times


def forget_texts() -> None:
    """What the modules of rules remember, but for patterns and the words of the dictionary."""
    for file in Path(registry.__file__).parent.glob("*.py"):
        for name, each in vars(import_module(f"marketing_app.checks.{file.stem}")).items():
            if hasattr(each, "cache_clear") and name not in KEPT:
                each.cache_clear()


def _line(rule: str, score: Score, blind: Score) -> str:
    labelled = score.hits + len(score.missed)
    return (
        f"{RULES[rule].severity.value:5}  {rule:24} {labelled:4} offers  precision {score.precision:.3f}"
        f"  recall {score.recall:.3f}  held out: {blind.precision:.3f} {blind.recall:.3f}"
    )


if __name__ == "__main__":
    sys.exit(main())
