"""How much memory the web process takes with the embedded model at work: `python -m benchmarks.memory`.

Each run is a process of its own: the application with all that its pages import, the model with 16 sequences of 1,024
tokens and the two kept for people, writing until its context has been filled once, with the file that the program
loads. The ratio is what such a process has in memory (its resident set, which counts the pages of the model's file that
it read) over 900 MiB; the bound is 675 MiB.
"""

import statistics
import sys
from dataclasses import dataclass
from subprocess import PIPE, run

import psutil

from benchmarks.amounts import amount, read_amounts
from benchmarks.reporting import report
from benchmarks.studio import application
from benchmarks.work import model_path, text_messages, texts_a_minute
from marketing_app.llm.local import LocalEngine

BOUND = 0.75
MOST_MIB = 900
CONTEXT = 16 * 1024
SEQUENCES = 16 + 2


@dataclass(frozen=True)
class Amounts:
    texts: int = amount(64, "texts that each process writes, enough to fill its context once")
    rounds: int = amount(3, "processes, one after the other")


def main() -> int:
    amounts = read_amounts(Amounts, __doc__)
    resident = [run_once(amounts.texts) for _ in range(amounts.rounds)]
    ratio = statistics.median(resident) / MOST_MIB
    return report("memory", ratio, BOUND, "lower", {"resident MiB": resident})


def run_once(texts: int) -> float:
    command = [sys.executable, "-c", f"from benchmarks.memory import measure; measure({texts})"]
    return float(run(command, check=True, stdout=PIPE, text=True).stdout.splitlines()[-1])


def measure(texts: int) -> None:
    """Print the resident MiB of this process after its work."""
    with application():
        engine = LocalEngine(model_path(), context=CONTEXT, sequences=SEQUENCES)
        texts_a_minute(engine, text_messages(texts))
        print(psutil.Process().memory_info().rss / 2**20)
        engine.close()


if __name__ == "__main__":
    sys.exit(main())
