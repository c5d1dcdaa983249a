"""How long a million clients out of a csv take, over merely reading it with Python's csv module.

Run as `python -m benchmarks.import_csv`: five minutes. The load is the worker's: the kept file, the rows staged by COPY
in chunks that commit, and all of them placed among the clients with their indexes.
"""

import csv
import sys
import tempfile
from pathlib import Path

from benchmarks.loads import compare
from marketing_app.demonstration.clients import generate

ROWS = 1_000_000
BOUND = 4.0


def main() -> int:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "clients.csv"
        write(path)
        return compare("import_csv", path, BOUND, parse)


def write(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        clients = generate(ROWS)
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
