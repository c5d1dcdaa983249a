"""How much longer a person waits for the first words while a campaign runs: `python -m benchmarks.first_token`.

Asked in turn on the idle engine and beside a campaign that fills it, with the drafts and the whole prompt that the
application would send. Two cases, of which the worse one counts: a prompt that the campaign shares, whose beginning
is kept, and one that was just edited, which is decoded from its first token.
"""

import statistics
import sys
import time
from dataclasses import dataclass, replace
from itertools import count

from benchmarks.amounts import amount, read_amounts
from benchmarks.reporting import report
from benchmarks.work import OPTIONS, model_path, text_messages
from marketing_app.llm.engine import Generation, Priority, Prompt
from marketing_app.llm.local import LocalEngine

BOUND = 2.0
PERSON = replace(OPTIONS, candidates=3)
_numbers = count()


@dataclass(frozen=True)
class Amounts:
    texts: int = amount(200, "texts of the campaign, enough that it does not end while a person waits")
    rounds: int = amount(8, "turns of both sides, after one that is not counted")


def main() -> int:
    amounts = read_amounts(Amounts, __doc__)
    engine = LocalEngine(model_path())
    work = text_messages(max(amounts.texts, amounts.rounds + 1))
    runs: dict[str, list[float]] = {}
    for turn in range(amounts.rounds + 1):
        for busy in (False, True):
            campaign = start(engine, work[: amounts.texts]) if busy else []
            for case, prompt in (("shared", work[turn]), ("edited", edited(work[turn]))):
                milliseconds = first_words(engine, prompt)
                if turn:
                    runs.setdefault(f"{case} {'busy' if busy else 'idle'}", []).append(milliseconds)
            stop(campaign)
    engine.close()
    medians = {name: statistics.median(values) for name, values in runs.items()}
    for name, value in medians.items():
        print(f"{value:8.1f} ms  {name}")
    ratio = max(medians[f"{case} busy"] / medians[f"{case} idle"] for case in ("shared", "edited"))
    return report("first_token", ratio, BOUND, "lower", runs)


def edited(prompt: Prompt) -> Prompt:
    """The same with other instructions, as nobody sent them before."""
    return replace(prompt, prefix=f"Правка {next(_numbers)}. {prompt.prefix}")


def start(engine: LocalEngine, work: list[Prompt]) -> list[Generation]:
    """A campaign that fills the engine; returns when it writes."""
    generations = [engine.submit(prompt, OPTIONS, priority=Priority.CAMPAIGN) for prompt in work]
    next(iter(generations[0]))
    return generations


def stop(campaign: list[Generation]) -> None:
    for generation in campaign:
        generation.cancel()
    for generation in campaign:
        generation.result()


def first_words(engine: LocalEngine, prompt: Prompt) -> float:
    """Milliseconds from the request to the first piece of text; what else is written is thrown away."""
    started = time.perf_counter()
    generation = engine.submit(prompt, PERSON)
    next(iter(generation))
    passed = (time.perf_counter() - started) * 1000
    generation.cancel()
    generation.result()
    return passed


if __name__ == "__main__":
    sys.exit(main())
