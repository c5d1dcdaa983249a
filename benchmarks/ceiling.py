"""How close the engine comes to what the model can do at all: `python -m benchmarks.ceiling`.

A campaign is written and each batch that llama.cpp decoded is kept; then the very same batches are decoded again with
neither sampling nor scheduling nor texts between them. The two take turns.
"""

import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.amounts import amount, read_amounts
from benchmarks.reporting import report
from benchmarks.work import OPTIONS, model_path, text_messages
from marketing_app.llm.batching import PREFIXES
from marketing_app.llm.capacity import choose_capacity
from marketing_app.llm.engine import Priority, Prompt
from marketing_app.llm.local import LocalEngine
from marketing_app.llm.native import Cell, Context, Model
from marketing_app.llm.steps import STEP_TOKENS

BOUND = 0.90

Step = tuple[str, tuple[object, ...]]
"""What was asked of the context: the name of its method, and the arguments."""


@dataclass(frozen=True)
class Amounts:
    texts: int = amount(48, "texts of a campaign")
    rounds: int = amount(3, "turns of both sides")


def main() -> int:
    amounts = read_amounts(Amounts, __doc__)
    work = text_messages(amounts.texts)
    runs: dict[str, list[float]] = {"engine": [], "ceiling": []}
    for _ in range(amounts.rounds):
        steps, seconds = written(work)
        runs["engine"].append(seconds)
        runs["ceiling"].append(decoded_again(steps))
        print(f"{runs['engine'][-1]:6.2f} s against {runs['ceiling'][-1]:6.2f} s", flush=True)
    ratio = statistics.median(runs["ceiling"]) / statistics.median(runs["engine"])
    return report("ceiling", ratio, BOUND, "higher", runs)


def written(work: Sequence[Prompt]) -> tuple[list[Step], float]:
    """Write the campaign; what was asked of the context, and how long it took."""
    engine = LocalEngine(model_path())
    steps = record(engine)
    started = time.perf_counter()
    options = [replace(OPTIONS, seed=number) for number in range(len(work))]
    generations = [
        engine.submit(prompt, each, priority=Priority.CAMPAIGN) for prompt, each in zip(work, options, strict=True)
    ]
    for generation in generations:
        generation.result()
    seconds = time.perf_counter() - started
    engine.close()
    return steps, seconds


def record(engine: LocalEngine) -> list[Step]:
    """Keep every call that changes the context."""
    context = engine._context
    steps: list[Step] = []
    for name in ("decode", "copy", "remove"):
        setattr(context, name, _recorded(name, getattr(context, name), steps))
    return steps


def _recorded(name: str, call: object, steps: list[Step]) -> object:
    def recorded(*arguments: object) -> object:
        steps.append((name, tuple(arguments)))
        return call(*arguments)  # type: ignore[operator]

    return recorded


def decoded_again(steps: Sequence[Step]) -> float:
    """Seconds for the same batches in a new context."""
    model = Model(model_path())
    capacity = choose_capacity(model, None, None)
    context = Context(
        model, size=capacity.context, sequences=capacity.sequences + PREFIXES, batch=STEP_TOKENS, threads=None
    )
    started = time.perf_counter()
    for name, arguments in steps:
        getattr(context, name)(*arguments)
        if name == "decode":
            wait_for_scores(context, arguments[0])  # type: ignore[arg-type]
    seconds = time.perf_counter() - started
    context.close()
    model.close()
    return seconds


def wait_for_scores(context: Context, cells: Sequence[Cell]) -> None:
    """llama.cpp computes in the background until somebody asks for the scores."""
    for index, cell in enumerate(cells):
        if cell.wants_logits:
            context.logits(index)
            return


if __name__ == "__main__":
    sys.exit(main())
