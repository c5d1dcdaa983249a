"""How many times faster a campaign is than the usual serving of the same model: `python -m benchmarks.server`.

The usual serving is `python -m llama_cpp.server` with the file as it was published, asked for one text after another
over HTTP: it decodes one sequence, and is slower when several clients ask at once. It is started without `logits_all`,
its costly default, which nobody needs who asks for no log-probabilities. Both sides get the same prompts, sampling and
threads, and take turns.

The ratio is that of the product as it comes, with the file that it makes of the published one, and of the work for
which the bound was set: a prompt of some 400 tokens that all share, 30 of a client's own. Measured beside it, without a
bound: the same with the published file on both sides, which is what the engine alone brings, and the application's own
prompts, with twice the examples and more of the client.
"""

import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.amounts import amount, read_amounts
from benchmarks.reporting import report
from benchmarks.serving import SAMPLING, asked_of, free_port, running
from benchmarks.work import (
    OPTIONS,
    model_path,
    published_model_path,
    short_text_messages,
    text_messages,
    texts_a_minute,
)
from marketing_app.llm.engine import Prompt
from marketing_app.llm.local import LocalEngine

BOUND = 3.5
CONTEXT = 4096
WARMING_TEXTS = 4
PUBLISHED = ", published file"
APPLICATION = ", application's prompts"


@dataclass(frozen=True)
class Amounts:
    texts: int = amount(48, "texts of each work")
    rounds: int = amount(3, "turns of both sides")


def main() -> int:
    amounts = read_amounts(Amounts, __doc__)
    work, application = short_text_messages(amounts.texts), text_messages(amounts.texts)
    runs: dict[str, list[float]] = {}
    with server(published_model_path()) as address, engines() as (ours, published):
        for engine in (ours, published):
            texts_a_minute(engine, work[:WARMING_TEXTS])
        ask_all(address, work[:WARMING_TEXTS])
        for _ in range(amounts.rounds):
            turn = {
                "campaign": texts_a_minute(ours, work),
                "server": ask_all(address, work),
                f"campaign{PUBLISHED}": texts_a_minute(published, work),
                f"campaign{APPLICATION}": texts_a_minute(ours, application),
                f"server{APPLICATION}": ask_all(address, application),
            }
            for name, figure in turn.items():
                runs.setdefault(name, []).append(figure)
            print("; ".join(f"{name} {figure:.1f}" for name, figure in turn.items()), "texts a minute", flush=True)
    medians = {name: statistics.median(figures) for name, figures in runs.items()}
    ratio = medians["campaign"] / medians["server"]
    print(f"{ratio:.2f} times as fast as it comes")
    print(
        f"{medians[f'campaign{PUBLISHED}'] / medians['server']:.2f} times as fast with the published file on both sides"
    )
    print(f"{medians[f'campaign{APPLICATION}'] / medians[f'server{APPLICATION}']:.2f} times as fast{APPLICATION}")
    return report("server", ratio, BOUND, "higher", runs)


@contextmanager
def engines() -> Iterator[tuple[LocalEngine, LocalEngine]]:
    """With the file that the program loads, and with the published one."""
    ours, published = LocalEngine(model_path()), LocalEngine(published_model_path())
    yield ours, published
    for engine in (ours, published):
        engine.close()


@contextmanager
def server(model: Path) -> Iterator[str]:
    """A real llama_cpp.server with as many threads as the engine has."""
    port = free_port()
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(model), "--port", str(port)]
    command += ["--n_ctx", str(CONTEXT), "--n_threads", str(os.cpu_count()), "--logits_all", "False"]
    address = f"http://127.0.0.1:{port}/v1"
    with running(command, f"{address}/models", "llama_cpp.server did not start: pip install --group dev"):
        yield address


def ask_all(address: str, work: Sequence[Prompt]) -> float:
    """Texts a minute, asked for one after another."""
    return asked_of(f"{address}/completions", work, {**SAMPLING, "max_tokens": OPTIONS.max_tokens}, clients=1)


if __name__ == "__main__":
    sys.exit(main())
