"""How long 100,000 clients out of an xlsx take, over merely reading it with python-calamine.

Run as `python -m benchmarks.import_xlsx`: two minutes. The load is the worker's, as in benchmarks.import_csv.
"""

import sys
import tempfile
from pathlib import Path

from python_calamine import CalamineWorkbook

from benchmarks.loads import compare
from marketing_app.demonstration.clients import write_xlsx

ROWS = 100_000
BOUND = 3.0


def main() -> int:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "clients.xlsx"
        write_xlsx(path, ROWS)
        return compare("import_xlsx", path, BOUND, parse)


def parse(path: Path) -> int:
    with path.open("rb") as file:
        sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
        return sum(1 for _row in sheet.iter_rows())


if __name__ == "__main__":
    sys.exit(main())
