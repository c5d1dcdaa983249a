"""What the benchmarks against other servers of the model share: one that runs, and how it is asked over HTTP."""

import json
import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from subprocess import DEVNULL, Popen
from typing import Any

from benchmarks.work import OPTIONS
from marketing_app.llm.engine import Prompt

READY_SECONDS = 120
LONGEST_SECONDS = 300
SAMPLING: dict[str, Any] = {
    "temperature": OPTIONS.temperature,
    "top_k": OPTIONS.top_k,
    "top_p": OPTIONS.top_p,
    "min_p": OPTIONS.min_p,
    "repeat_penalty": OPTIONS.repeat_penalty,
}
"""As both llama_cpp.server and llama-server call it."""


@contextmanager
def running(command: Sequence[str], ready: str, complaint: str) -> Iterator[None]:
    """A server for as long as the block runs, which begins when the address `ready` answers."""
    # What our own engine sets for itself must not slow the other side down: it waits in its usual way.
    environment = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"}
    process = Popen(list(command), env=environment, stdout=DEVNULL, stderr=DEVNULL)
    try:
        wait_until_ready(ready, process, complaint)
        yield
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_ready(address: str, process: Popen[bytes], complaint: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(complaint)
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 our own server
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.3)
    raise SystemExit("the server was not ready in time")


def asked_of(address: str, work: Sequence[Prompt], options: Mapping[str, Any], *, clients: int) -> float:
    """Texts a minute, asked for by so many clients at a time."""
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as executor:
        list(executor.map(lambda numbered: ask(address, numbered[1], numbered[0], options), enumerate(work)))
    return len(work) / (time.perf_counter() - started) * 60


def ask(address: str, prompt: Prompt, seed: int, options: Mapping[str, Any]) -> None:
    body = {"prompt": prompt.text, "stop": list(prompt.stop), "seed": seed, **options}
    asked = urllib.request.Request(  # noqa: S310 our own server
        address, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=LONGEST_SECONDS) as answer:  # noqa: S310
        json.load(answer)
