"""How long a million clients out of a csv take, over merely reading it with Python's csv module.

Run as `python -m benchmarks.import_csv`: five minutes. The load is the worker's: the kept file, the rows staged by COPY
in chunks that commit, and all of them placed among the clients with their indexes.
"""

import csv
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.amounts import amount, read_amounts
from benchmarks.loads import compare
from marketing_app.demonstration.clients import generate

BOUND = 4.0


@dataclass(frozen=True)
class Amounts:
    rows: int = amount(1_000_000, "clients in the file")
    rounds: int = amount(3, "turns of both sides")


def main() -> int:
    amounts = read_amounts(Amounts, __doc__)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "clients.csv"
        write(path, amounts.rows)
        return compare("import_csv", path, BOUND, parse, amounts.rounds)


def write(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        clients = generate(count)
        first = next(clients)
        writer = csv.DictWriter(file, first)
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(clients)


def parse(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _row in csv.reader(file))


if __name__ == "__main__":
    sys.exit(main())
