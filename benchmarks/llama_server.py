"""How many times faster a campaign is than llama.cpp's own server: `python -m benchmarks.llama_server`.

LLAMA_SERVER names the binary of llama-server, which batches as our engine does. It runs with the settings that suit
this work best: SLOTS texts at a time, one cache for all of them (`-kvu`), and for the model's sliding window all tokens
kept (`--swa-full`), without which it reads every prompt from its beginning. It is asked for SLOTS texts at a time.
Measured are a server that has just started ("cold") and, on the same prompts again, one that keeps them ("warm",
`cache_prompt`); it has the published file. Both sides get the same prompts, sampling and threads, and take turns.

The ratio is that of the product as it comes, with the file that it makes of the published one, over the warm server.
Measured beside it, without a bound: the published file on both sides, and the cold server.
"""

import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from benchmarks.amounts import amount, read_amounts
from benchmarks.reporting import report
from benchmarks.server import PUBLISHED, WARMING_TEXTS, engines
from benchmarks.serving import SAMPLING, asked_of, free_port, running
from benchmarks.work import OPTIONS, published_model_path, short_text_messages, texts_a_minute
from marketing_app.llm.engine import Prompt

BOUND = 1.5
SLOTS = 16
CONTEXT = SLOTS * 1024
NO_BINARY = 2
HOW_TO_BUILD = """\
LLAMA_SERVER names no program. To build llama-server from the sources that the package llama-cpp-python brings:
    pip download --no-deps --no-binary :all: "llama-cpp-python==$(pip show llama-cpp-python | sed -n 's/^Version: //p')"
    tar xf llama_cpp_python-*.tar.gz
    cmake -S llama_cpp_python-*/vendor/llama.cpp -B llama-build -DCMAKE_BUILD_TYPE=Release -DLLAMA_OPENSSL=OFF \\
        -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_USE_PREBUILT_UI=OFF
    cmake --build llama-build --target llama-server --parallel
    LLAMA_SERVER=llama-build/bin/llama-server python -m benchmarks.llama_server"""


@dataclass(frozen=True)
class Amounts:
    texts: int = amount(48, "texts of the work")
    rounds: int = amount(3, "turns of both sides, each with a server of its own")


def main() -> int:
    amounts = read_amounts(Amounts, __doc__)
    binary = which(os.environ.get("LLAMA_SERVER", ""))
    if binary is None:
        print(HOW_TO_BUILD, file=sys.stderr)
        return NO_BINARY
    work = short_text_messages(amounts.texts)
    runs: dict[str, list[float]] = {}
    with engines() as (ours, published):
        for engine in (ours, published):
            texts_a_minute(engine, work[:WARMING_TEXTS])
        for _ in range(amounts.rounds):
            with server(binary, published_model_path()) as address:
                turn = {"server, cold": ask_all(address, work), "campaign": texts_a_minute(ours, work)}
                turn |= {
                    "server, warm": ask_all(address, work),
                    f"campaign{PUBLISHED}": texts_a_minute(published, work),
                }
            for name, figure in turn.items():
                runs.setdefault(name, []).append(figure)
            print("; ".join(f"{name} {figure:.1f}" for name, figure in turn.items()), "texts a minute", flush=True)
    medians = {name: statistics.median(figures) for name, figures in runs.items()}
    ratio = medians["campaign"] / medians["server, warm"]
    print(f"{ratio:.2f} times as fast as the warm server, {medians['campaign'] / medians['server, cold']:.2f} the cold")
    print(f"{medians[f'campaign{PUBLISHED}'] / medians['server, warm']:.2f} with the published file on both sides")
    return report("llama_server", ratio, BOUND, "higher", runs)


@contextmanager
def server(binary: str, model: Path) -> Iterator[str]:
    """A llama-server that has just started, with as many threads as the engine has."""
    port = free_port()
    command = [binary, "--model", str(model), "--port", str(port), "--threads", str(os.cpu_count())]
    command += ["--parallel", str(SLOTS), "--ctx-size", str(CONTEXT), "--swa-full", "-kvu"]
    address = f"http://127.0.0.1:{port}"
    with running(command, f"{address}/health", f"{binary} did not start"):
        yield address


def ask_all(address: str, work: Sequence[Prompt]) -> float:
    """Texts a minute, as many asked for at a time as there are slots."""
    options = {**SAMPLING, "n_predict": OPTIONS.max_tokens, "cache_prompt": True}
    return asked_of(f"{address}/completion", work, options, clients=SLOTS)


if __name__ == "__main__":
    sys.exit(main())
