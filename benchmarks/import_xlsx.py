"""How long 100,000 clients out of an xlsx take, over merely reading it with python-calamine.

Run as `python -m benchmarks.import_xlsx`: two minutes. The load is the worker's, as in benchmarks.import_csv.
"""

import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import Flask
from python_calamine import CalamineWorkbook

from benchmarks.amounts import amount, read_amounts
from benchmarks.loads import Load, a_project, growth_bound, loaded, middle_ratio, timed
from benchmarks.reporting import report
from benchmarks.studio import application
from marketing_app.demonstration.clients import write_xlsx

BOUND = 3.0


@dataclass(frozen=True)
class Amounts:
    rows: int = amount(100_000, "clients in the file")
    rounds: int = amount(3, "turns of both sides")


def main() -> int:
    amounts = read_amounts(Amounts, __doc__)
    with tempfile.TemporaryDirectory() as directory, application() as app:
        path = Path(directory) / "clients.xlsx"
        write_xlsx(path, amounts.rows)
        return compare(app, path, amounts.rounds)


def compare(app: Flask, path: Path, rounds: int) -> int:
    project_id = a_project(app)
    loads: list[Load] = []
    parsed = []
    for _round in range(rounds):
        parsed.append(timed(partial(parse, path)))
        with loaded(app, project_id, path) as load:
            loads.append(load)
        print(f"{load}; parsed in {parsed[-1]:.2f} s", flush=True)
    seconds = [load.seconds for load in loads]
    runs = {"parsed s": parsed, "loaded s": seconds, "growth MiB": [load.growth_mib for load in loads]}
    ratio = middle_ratio(seconds, parsed)
    return report("import_xlsx", ratio, BOUND, "lower", runs, {"growth MiB": growth_bound(loads)})


def parse(path: Path) -> int:
    with path.open("rb") as file:
        sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
        return sum(1 for _row in sheet.iter_rows())


if __name__ == "__main__":
    sys.exit(main())
