"""How many times faster a campaign is than the usual serving of the same model: `python -m benchmarks.server`.

The usual serving is `python -m llama_cpp.server`, asked for one text after another over HTTP: it decodes one sequence,
and is slower when several clients ask at once. It is started without `logits_all`, its costly default, which nobody
needs who asks for no log-probabilities. Both sides get the same prompts, sampling and threads, and take turns.

The ratio is that of the work for which the bound was set: a prompt of some 400 tokens that all share, 30 of a client's
own. The application's own prompts, with twice the examples and more of the client, are measured beside it.
"""

import json
import os
import socket
import statistics
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, Popen

from benchmarks.amounts import amount, read_amounts
from benchmarks.reporting import report
from benchmarks.work import OPTIONS, model_path, short_text_messages, text_messages, texts_a_minute
from marketing_app.llm.engine import Prompt
from marketing_app.llm.local import LocalEngine

BOUND = 3.0
CONTEXT = 4096
READY_SECONDS = 120


@dataclass(frozen=True)
class Amounts:
    texts: int = amount(48, "texts of each work")
    rounds: int = amount(3, "turns of both sides")


def main() -> int:
    amounts = read_amounts(Amounts, __doc__)
    path = model_path()
    works = {"": short_text_messages(amounts.texts), ", application's prompts": text_messages(amounts.texts)}
    engine = LocalEngine(path)
    runs: dict[str, list[float]] = {}
    with server(path) as address:
        texts_a_minute(engine, works[""][:4])
        ask_all(address, works[""][:4])
        for _ in range(amounts.rounds):
            for name, work in works.items():
                runs.setdefault(f"campaign{name}", []).append(texts_a_minute(engine, work))
                runs.setdefault(f"server{name}", []).append(ask_all(address, work))
                print(
                    f"{runs[f'campaign{name}'][-1]:7.1f} against {runs[f'server{name}'][-1]:7.1f} a minute{name}",
                    flush=True,
                )
    engine.close()
    medians = {name: statistics.median(figures) for name, figures in runs.items()}
    for name in works:
        print(f"{medians[f'campaign{name}'] / medians[f'server{name}']:.2f} times as fast{name}")
    return report("server", medians["campaign"] / medians["server"], BOUND, "higher", runs)


@contextmanager
def server(model: Path) -> Iterator[str]:
    """A real llama_cpp.server with as many threads as the engine has."""
    port = free_port()
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(model), "--port", str(port)]
    command += ["--n_ctx", str(CONTEXT), "--n_threads", str(os.cpu_count()), "--logits_all", "False"]
    # What our own engine sets for itself must not slow the other side down: it waits in its usual way.
    environment = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"}
    process = Popen(command, env=environment, stdout=DEVNULL, stderr=DEVNULL)
    address = f"http://127.0.0.1:{port}/v1"
    try:
        wait_until_ready(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_ready(address: str, process: Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit("llama_cpp.server did not start: pip install --group dev")
        try:
            urllib.request.urlopen(f"{address}/models", timeout=5).close()  # noqa: S310 our own server
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.3)
    raise SystemExit("llama_cpp.server was not ready in time")


def ask_all(address: str, work: Sequence[Prompt]) -> float:
    """Texts a minute, asked for one after another."""
    started = time.perf_counter()
    for number, prompt in enumerate(work):
        ask(address, prompt, number)
    return len(work) / (time.perf_counter() - started) * 60


def ask(address: str, prompt: Prompt, seed: int) -> str:
    body = {
        "prompt": prompt.text,
        "max_tokens": OPTIONS.max_tokens,
        "stop": list(prompt.stop),
        "temperature": OPTIONS.temperature,
        "top_k": OPTIONS.top_k,
        "top_p": OPTIONS.top_p,
        "min_p": OPTIONS.min_p,
        "repeat_penalty": OPTIONS.repeat_penalty,
        "seed": seed,
    }
    asked = urllib.request.Request(  # noqa: S310 our own server
        f"{address}/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=120) as answer:  # noqa: S310
        text: str = json.load(answer)["choices"][0]["text"]
    return text


if __name__ == "__main__":
    sys.exit(main())
