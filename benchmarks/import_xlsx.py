"""How long 100,000 clients out of an xlsx take, over merely reading it with python-calamine.

Run as `python -m benchmarks.import_xlsx`: two minutes. The load is the worker's, as in benchmarks.import_csv.
"""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineWorkbook

from benchmarks.amounts import amount, read_amounts
from benchmarks.loads import compare
from marketing_app.demonstration.clients import write_xlsx

BOUND = 3.0


@dataclass(frozen=True)
class Amounts:
    rows: int = amount(100_000, "clients in the file")
    rounds: int = amount(3, "turns of both sides")


def main() -> int:
    amounts = read_amounts(Amounts, __doc__)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "clients.xlsx"
        write_xlsx(path, amounts.rows)
        return compare("import_xlsx", path, BOUND, parse, amounts.rounds)


def parse(path: Path) -> int:
    with path.open("rb") as file:
        sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
        return sum(1 for _row in sheet.iter_rows())


if __name__ == "__main__":
    sys.exit(main())
