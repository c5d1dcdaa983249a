"""How much memory the web process takes with the embedded model at work: `python -m benchmarks.memory`.

Each run is a process of its own: the application with all that its pages import, the model with 16 sequences of 1,024
tokens and the two kept for people, writing until its context has been filled once. The ratio is to 900 MiB.
"""

import statistics
import sys
from subprocess import run

import psutil

from benchmarks.reporting import report
from benchmarks.studio import application
from benchmarks.work import text_messages, texts_a_minute
from marketing_app.llm.files import default_model_path
from marketing_app.llm.local import LocalEngine

ALLOWED_MIB = 900
CONTEXT = 16 * 1024
SEQUENCES = 16 + 2
TEXTS = 64
RUNS = 3


def main() -> int:
    resident = [float(run_once()) for _ in range(RUNS)]
    ratio = statistics.median(resident) / ALLOWED_MIB
    return report("memory", ratio, 1.0, "lower", {"resident MiB": resident})


def run_once() -> str:
    command = [sys.executable, "-m", "benchmarks.memory", "measure"]
    return run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]


def measure() -> int:
    """Print the resident MiB of this process after its work."""
    with application():
        engine = LocalEngine(default_model_path(), context=CONTEXT, sequences=SEQUENCES)
        texts_a_minute(engine, text_messages(TEXTS))
        print(psutil.Process().memory_info().rss / 2**20)
        engine.close()
    return 0


if __name__ == "__main__":
    sys.exit(measure() if sys.argv[1:] == ["measure"] else main())
