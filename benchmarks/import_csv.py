"""How long a million clients out of a csv take, over one bare COPY of the same rows and over the usual way.

Run as `python -m benchmarks.import_csv`: ten minutes. The load is the worker's: the kept file, the rows staged by COPY
in chunks that commit, and all of them placed among the clients with their indexes. The bare COPY has its rows ready,
and reads, checks and compares nothing: its table has the unique indexes of the clients' and no more. The usual way is
csv.DictReader and SQLAlchemy's bulk insert into that table, without a check or a report.
"""

import csv
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from flask import Flask
from sqlalchemy import MetaData, Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.schema import CreateSchema

from benchmarks.amounts import amount, read_amounts
from benchmarks.loads import Load, a_project, growth_bound, loaded, middle_ratio, settle, timed
from benchmarks.reporting import Bound, report
from benchmarks.studio import application
from marketing_app.database import db
from marketing_app.demonstration.clients import generate
from marketing_app.models import Client

BOUND = 4.0
TIMES_THE_USUAL_WAY = 3.0
BATCH = 1_000
SCHEMA = "bare"


@dataclass(frozen=True)
class Amounts:
    rows: int = amount(1_000_000, "clients in the file")
    rounds: int = amount(3, "turns of all three sides")


def main() -> int:
    amounts = read_amounts(Amounts, __doc__)
    with tempfile.TemporaryDirectory() as directory, application() as app:
        path = Path(directory) / "clients.csv"
        write(path, amounts.rows)
        return compare(app, path, amounts.rounds)


def compare(app: Flask, path: Path, rounds: int) -> int:
    project_id = a_project(app)
    table = bare_table(app)
    ready = path.with_name("ready")
    loads: list[Load] = []
    copied, inserted = [], []
    for _round in range(rounds):
        with loaded(app, project_id, path) as load:
            loads.append(load)
            write_ready(app, table, ready)
        empty(app, table)
        copied.append(timed(partial(copy, app, table, ready)))
        empty(app, table)
        inserted.append(timed(partial(bulk_insert, app, table, path)))
        print(f"{load}; bare COPY {copied[-1]:.2f} s, usual way {inserted[-1]:.2f} s", flush=True)
    seconds = [load.seconds for load in loads]
    also = {
        "times the usual way": Bound(middle_ratio(inserted, seconds), TIMES_THE_USUAL_WAY, "higher"),
        "growth MiB": growth_bound(loads),
    }
    runs = {
        "loaded s": seconds,
        "copied s": copied,
        "usual way s": inserted,
        "growth MiB": [load.growth_mib for load in loads],
    }
    return report("import_csv", middle_ratio(seconds, copied), BOUND, "lower", runs, also)


def write(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        clients = generate(count)
        first = next(clients)
        writer = csv.DictWriter(file, first)
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(clients)


def bare_table(app: Flask) -> Table:
    """As that of the clients, but without triggers, and of its indexes only the unique ones."""
    table = Client.metadata.tables["client"].to_metadata(MetaData(), schema=SCHEMA)
    table.indexes = {index for index in table.indexes if index.unique}
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(CreateSchema(SCHEMA))
        table.create(connection)
    return table


def write_ready(app: Flask, table: Table, file: Path) -> None:
    """What a load made of the rows, but for what the table itself fills in, as COPY reads it."""
    with file.open("wb") as stream:
        _copy(app, f"COPY (SELECT {_filled(table)} FROM client ORDER BY id) TO STDOUT", stream)  # noqa: S608 our own names


def copy(app: Flask, table: Table, file: Path) -> None:
    with file.open("rb") as stream:
        _copy(app, f"COPY {table} ({_filled(table)}) FROM STDIN", stream)


def bulk_insert(app: Flask, table: Table, path: Path) -> None:
    statement = insert(table).on_conflict_do_nothing()
    with app.app_context(), db.engine.begin() as connection, path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        while batch := list(islice(reader, BATCH)):
            connection.execute(statement, [_client(row) for row in batch])


def _client(row: dict[str, str]) -> dict[str, object]:
    return {"project_id": 1, "import_id": 1, "outside_id": row.pop("client_id"), "data": row}


def empty(app: Flask, table: Table) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(db.text(f"TRUNCATE {table}"))
    settle(app)


def _copy(app: Flask, statement: str, stream: object) -> None:
    with app.app_context(), db.engine.begin() as connection, closing(connection.connection.cursor()) as cursor:
        cursor.copy_expert(statement, stream, 2**20)


def _filled(table: Table) -> str:
    return ", ".join(each.name for each in table.columns if not each.primary_key and each.server_default is None)


if __name__ == "__main__":
    sys.exit(main())
