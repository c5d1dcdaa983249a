"""Rows into the database with COPY: they stream through, whatever their number."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from enum import StrEnum

from ..database import db
from ..imports.values import BadValue, fingerprint, normalise
from ..models import ClientImport
from .columns import ColumnPlan, Target

REASONS_KEPT = 1_000
LONGEST_ID = 120
CHUNK = 64 * 1024

STAGE = "CREATE TEMPORARY TABLE client_stage (outside_id text, data jsonb, fingerprint text) ON COMMIT DROP"
COPY = "COPY client_stage (outside_id, data, fingerprint) FROM STDIN WITH (FORMAT csv)"
TAKE_OVER = """
    INSERT INTO client (project_id, import_id, outside_id, data, fingerprint)
    SELECT %(project)s, %(load)s, outside_id, data, fingerprint FROM client_stage
    ON CONFLICT (project_id, fingerprint) DO NOTHING
"""


class Rejection(StrEnum):
    """Why a row was not loaded."""

    EMPTY = "empty"
    BAD_VALUE = "bad_value"
    LONG_ID = "long_id"


class RowRejected(Exception):
    def __init__(self, reason: Rejection, detail: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.detail = detail


class Loader:
    """One load. `types` gives the type of the field that each used column fills."""

    def __init__(self, load: ClientImport, plan: Sequence[ColumnPlan], types: Mapping[int, str]) -> None:
        self._load = load
        self._fields = [(column, types[column.position]) for column in plan if column.key]
        self._id = next((column.position for column in plan if column.target == Target.CLIENT_ID), None)

    def run(self, rows: Iterable[tuple[int, Sequence[object]]]) -> None:
        """Copy, take over what is new, and fill in the report."""
        load = self._load
        load.row_count = load.rejected_count = 0
        load.rejections = []
        with closing(db.session.connection().connection.cursor()) as cursor:
            cursor.execute(STAGE)
            cursor.copy_expert(COPY, CsvStream(self._lines(rows)), CHUNK)
            cursor.execute(TAKE_OVER, {"project": load.project_id, "load": load.id})
            load.added_count = cursor.rowcount
            cursor.execute("DROP TABLE client_stage")
        load.duplicate_count = load.row_count - load.rejected_count - load.added_count

    def _lines(self, rows: Iterable[tuple[int, Sequence[object]]]) -> Iterator[tuple[str | None, str, str]]:
        for number, row in rows:
            self._load.row_count += 1
            try:
                yield self._line(row)
            except RowRejected as rejected:
                self._load.rejected_count += 1
                if len(self._load.rejections) < REASONS_KEPT:
                    self._load.rejections.append([number, rejected.reason.value, rejected.detail])

    def _line(self, row: Sequence[object]) -> tuple[str | None, str, str]:
        """Outside id, data as JSON, fingerprint of both. Raises RowRejected."""
        outside_id = self._value(row, self._id, "code", "") if self._id is not None else None
        if outside_id is not None and len(str(outside_id)) > LONGEST_ID:
            raise RowRejected(Rejection.LONG_ID)
        data = {}
        for column, field_type in self._fields:
            value = self._value(row, column.position, field_type, column.name)
            if value is not None:
                data[str(column.key)] = value
        if not data:
            raise RowRejected(Rejection.EMPTY)
        mark = fingerprint({"": outside_id, **data})
        return None if outside_id is None else str(outside_id), json.dumps(data, ensure_ascii=False), mark

    @staticmethod
    def _value(row: Sequence[object], position: int, field_type: str, name: str) -> str | int | float | None:
        try:
            value = normalise(row[position] if position < len(row) else None, field_type)
        except BadValue as error:
            raise RowRejected(Rejection.BAD_VALUE, name) from error
        if isinstance(value, str) and "\x00" in value:
            raise RowRejected(Rejection.BAD_VALUE, name)
        return value


class CsvStream(io.TextIOBase):
    """Lines as a file that COPY reads piece by piece; an absent id is an unquoted nothing, which csv calls null."""

    def __init__(self, lines: Iterator[tuple[str | None, str, str]]) -> None:
        self._lines = lines
        self._buffer = ""

    def read(self, size: int | None = -1) -> str:
        wanted = CHUNK if size is None or size < 0 else size
        parts = [self._buffer]
        length = len(self._buffer)
        for line in self._lines:
            written = io.StringIO()
            csv.writer(written).writerow(line)
            parts.append(written.getvalue())
            length += len(parts[-1])
            if length >= wanted:
                break
        whole = "".join(parts)
        self._buffer = whole[wanted:]
        return whole[:wanted]
