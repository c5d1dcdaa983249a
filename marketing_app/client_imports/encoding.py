"""Rows of a source as lines of COPY: the work that is done for every cell of a million rows.

A cell is looked at once for every different value of its column: what it becomes is remembered. So the inner loops are
look-ups in dictionaries that Python's own C code runs, and a count, a code or a region costs no more than that.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from ..imports.flaws import flaw_of
from ..imports.ids import visible
from ..imports.source import FaultyRow, Row
from ..imports.totals import totals_among
from ..imports.values import BadValue, email, fingerprint, is_refusal, normalise, phone, shown, whole_id
from ..models import LONGEST_ID
from .columns import ColumnPlan, Target
from .rejections import Reason, Rejected

REMEMBERED = 300_000
"""Different values that are remembered, of all columns together; a column of sums has as many as rows."""
WORTH_REMEMBERING = 0.3
"""From such a share of cells on that others had before. Of ids and the like, remembering costs more than it saves."""
ENOUGH_TO_TELL = 1_000
"""Cells."""
LONGEST_REMEMBERED = 120
"""Characters. Long texts repeat themselves seldom, and many of them would fill the memory."""
BAD = "\0"
"""Stands for a cell that is not of its field's type. No text of ours holds a NUL."""
NULL = r"\N"
REFUSED = "t"

_json_text = json.JSONEncoder(ensure_ascii=False).encode

Cells = Sequence[object]


@dataclass(frozen=True)
class Encoded:
    """What became of some rows: lines for COPY with the cells of staging.COLUMNS, and the rows that were not taken.

    `refusals` are lines of rejected rows whose client, or a contact, must not be written to: that counts in any case.
    """

    row_count: int
    lines: list[str]
    refusals: list[str]
    rejected: list[Rejected]


class RowEncoder:
    """Turns rows into lines by a plan. `types` gives what the values of each used column are to be: the type of the
    field that it fills, as values.normalise knows them."""

    def __init__(self, plan: Sequence[ColumnPlan], types: Mapping[int, str], width: int) -> None:
        self._width = width
        room = REMEMBERED // max(1, len(plan))
        self._fields = [
            (column, Remembered(_member_of(str(column.key), types[column.position]), room))
            for column in plan
            if column.key
        ]
        named = {column.target: column for column in plan if not column.key}
        self._id, self._email, self._phone, self._refusal = (
            _OwnColumn(named.get(target), Remembered(understand, room))
            for target, understand in (
                (Target.CLIENT_ID, _client_id),
                (Target.EMAIL, _written(email)),
                (Target.PHONE, _written(phone)),
                (Target.OPT_OUT, _refused),
            )
        )

    def encode(self, rows: Sequence[Row]) -> Encoded:
        encoded = Encoded(len(rows), [], [], [])
        rejected = encoded.rejected
        numbers, table = self._even(rows, encoded)
        if not table:
            return encoded
        columns = list(zip(*table, strict=True))
        parts = [remembered.of(columns[column.position]) for column, remembered in self._fields]
        own = [each.of(columns, len(table)) for each in (self._id, self._email, self._phone, self._refusal)]
        bad = self._bad_cells(parts, own, columns)
        bad |= dict.fromkeys(totals_among(table, columns[0]), (Reason.TOTALS, ""))
        members = map("".join, zip(*parts, strict=True)) if parts else repeat("")
        for at, (number, outside_id, mail, call, refusal, data) in enumerate(zip(numbers, *own, members, strict=False)):
            if at in bad or not (data or mail != NULL or call != NULL):
                reason, name = bad.get(at, (Reason.EMPTY, ""))
                of_row = NULL if at in bad else str(number)
                has_refused = _keep_refusal(encoded, of_row, outside_id, mail, call, refusal)
                if at in bad or not has_refused:
                    rejected.append(Rejected(number, reason, name, table[at]))
            elif outside_id == NULL and self._id.column:
                _keep_refusal(encoded, NULL, outside_id, mail, call, refusal)
                rejected.append(Rejected(number, Reason.NO_ID, self._id.column.name, table[at]))
            else:
                mark = NULL if outside_id != NULL else _fingerprint(data[1:], mail, call)
                encoded.lines.append(f"{number}\t{outside_id}\t{mail}\t{call}\t{refusal}\t{{{data[1:]}}}\t{mark}\n")
        return encoded

    def _even(self, rows: Sequence[Row], encoded: Encoded) -> tuple[list[int], list[Cells]]:
        """Row numbers and rows of one width; a faulty row, or one with more cells than columns, is not taken."""
        width = self._width
        if all(len(cells) == width and type(cells) is not FaultyRow for _, cells in rows):
            return [number for number, _ in rows], [cells for _, cells in rows]
        numbers: list[int] = []
        table: list[Cells] = []
        for number, cells in rows:
            if isinstance(cells, FaultyRow):
                self._reject(encoded, number, Reason(cells.fault), cells)
            elif len(cells) > width:
                self._reject(encoded, number, Reason.TOO_WIDE, cells)
            else:
                numbers.append(number)
                table.append([*cells, *repeat(None, width - len(cells))])
        return numbers, table

    def _reject(self, encoded: Encoded, number: int, reason: Reason, cells: Cells) -> None:
        encoded.rejected.append(Rejected(number, reason, "", cells))
        whole = [[cell] for cell in cells]
        own = (each.of(whole, 1)[0] for each in (self._id, self._email, self._phone, self._refusal))
        _keep_refusal(encoded, NULL, *own)

    def _bad_cells(
        self, parts: Sequence[Sequence[str]], own: Sequence[Sequence[str]], columns: Sequence[Cells]
    ) -> dict[int, tuple[Reason, str]]:
        """By place in the chunk, why a row is not taken and the column's name; the leftmost field's reason counts."""
        found: dict[int, tuple[Reason, str]] = {}
        sources = [self._id, self._email, self._phone, self._refusal]
        for (column, remembered), cells in reversed(list(zip(self._fields, parts, strict=True))):
            if remembered.met_bad:
                found |= {at: (Reason.BAD_VALUE, column.name) for at, cell in enumerate(cells) if cell == BAD}
        for source, cells in zip(sources, own, strict=True):
            if source.remembered.met_bad and source.column:
                written = columns[source.column.position]
                for at in (at for at, cell in enumerate(cells) if cell == BAD):
                    is_long = source is self._id and flaw_of(shown(written[at])) is None
                    found[at] = (Reason.LONG_ID if is_long else Reason.BAD_VALUE, source.column.name)
        return found


class Remembered(dict[object, str]):
    """What a column's cells become, by cell, up to `room` of them; nothing is remembered of a column whose cells hardly
    repeat themselves. A cell that cannot be understood is BAD and not remembered."""

    def __init__(self, understand: Callable[[object], str], room: int) -> None:
        super().__init__()
        self._understand = understand
        self._room = room
        self._new_count = 0
        self._is_worth_it = True
        self.met_bad = False

    def of(self, cells: Cells) -> list[str]:
        self.met_bad = False
        if not self._is_worth_it:
            return list(map(self._understood, cells))
        self._new_count = 0
        parts = list(map(self.__getitem__, cells))
        if len(cells) >= ENOUGH_TO_TELL and self._new_count > (1 - WORTH_REMEMBERING) * len(cells):
            self._is_worth_it = False
            self.clear()
        return parts

    def __missing__(self, cell: object) -> str:
        self._new_count += 1
        understood = self._understood(cell)
        if understood != BAD and len(understood) <= LONGEST_REMEMBERED:
            if len(self) >= self._room:
                self.clear()
            self[cell] = understood
        return understood

    def _understood(self, cell: object) -> str:
        try:
            understood = self._understand(cell)
            if not understood.isascii():
                understood.encode()
        except (BadValue, UnicodeEncodeError):
            self.met_bad = True
            return BAD
        return understood


class _OwnColumn:
    """A column of Client's own: the id, a contact, the opt-out. Nothing for every row where the plan names none."""

    def __init__(self, column: ColumnPlan | None, remembered: Remembered) -> None:
        self.column = column
        self.remembered = remembered

    def of(self, columns: Sequence[Cells], count: int) -> list[str]:
        if self.column is None:
            return [NULL] * count
        return self.remembered.of(columns[self.column.position])


def _keep_refusal(encoded: Encoded, number: str, outside_id: str, mail: str, call: str, refusal: str) -> bool:
    """Whether a row without data says of a client or a contact that is known that they must not be written to.

    `number` is NULL for a rejected row, which is counted as such.
    """
    outside_id, mail, call = (NULL if each == BAD else each for each in (outside_id, mail, call))
    has_refused = refusal == REFUSED and (outside_id, mail, call) != (NULL, NULL, NULL)
    if has_refused:
        encoded.refusals.append(f"{number}\t{outside_id}\t{mail}\t{call}\t{refusal}\t{NULL}\t{NULL}\n")
    return has_refused


def _member_of(key: str, field_type: str) -> Callable[[object], str]:
    """A cell as a member of a JSON object with the comma before it, nothing where there is no value."""
    beginning = f",{_written_in_json(key)}:"

    def understand(cell: object) -> str:
        value = normalise(cell, field_type)
        return "" if value is None else beginning + _written_in_json(value)

    return understand


def _written_in_json(value: str | int | float) -> str:
    return _escaped(_json_text(value)) if isinstance(value, str) else repr(value)


def _client_id(cell: object) -> str:
    value = visible(whole_id(cell) or "")
    if len(value) > LONGEST_ID:
        raise BadValue(cell, "client_id")
    return _escaped(value) if value else NULL


def _written(understand: Callable[[object], str | None]) -> Callable[[object], str]:
    def written(cell: object) -> str:
        value = understand(cell)
        return NULL if value is None else _escaped(value)

    return written


def _refused(cell: object) -> str:
    return REFUSED if is_refusal(cell) else NULL


def _fingerprint(members: str, mail: str, call: str) -> str:
    """By what a client without an id is known: the data, and the contacts where there are any."""
    data: dict[str, Any] = json.loads("{" + _unescaped(members) + "}")
    contacts = {mark: contact for mark, contact in (("@", mail), ("+", call)) if contact != NULL}
    return fingerprint({"": None} | contacts | data)


def _escaped(text: str) -> str:
    """As COPY's text format has it."""
    if "\\" not in text and text.isprintable():
        return text
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _unescaped(members: str) -> str:
    """JSON writes no tab and no line's end, so only backslashes were doubled in it."""
    return members.replace("\\\\", "\\")
