"""The ids, telephones or e-mails in a file that says who must not be written to."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from ..imports.errors import HeaderOnly
from ..imports.files import open_file
from ..imports.reading import Limits, Reading
from ..imports.roles import Role, role_of
from ..imports.source import Row, all_sound
from ..imports.values import shown
from .naming import Kind, Named, kind_of_list, named, names_contacts

EXAMPLES = 5
LOOKED_AT = 1_000
"""Rows that tell which column has the people."""
FEWEST_ALIKE = 2
"""Ids below a first cell without a digit that make it a name."""
WORD_OF_IDS = re.compile(r"(^|[\W_])(id|ид|айди|identifier|номер клиента)($|[\W_])", re.IGNORECASE)
OF_CLIENTS = re.compile(r"client|cust|клиент|crm|cif|срм", re.IGNORECASE)
OF_FIRST_SHEET = Reading(sheet="", header_row=1)
"""A list of ids is no table: people are not asked which sheet it is on, and its first row is no title."""
MAYBE_OF_SOMETHING_ELSE = re.compile(r"\W*(no|number|key|номер|код|client|customer|user|клиент)\W*", re.IGNORECASE)
"""A column of this name may as well count the rows, or have the clients' names."""


@dataclass(frozen=True)
class IdFile:
    """The column of a file that names people, and what its cells are taken for.

    `first_row` are the cells of the file's first row, whether it is a header or not, `position` the place of the ids.
    """

    cells: tuple[str, ...]
    first_row: tuple[str, ...]
    position: int
    has_header: bool
    kind: Kind

    @cached_property
    def named(self) -> tuple[Named, ...]:
        """Each once, in the order of the file."""
        return tuple(dict.fromkeys(each for each in self._of_rows if each))

    @property
    def skipped_count(self) -> int:
        """Rows that name nobody of this kind."""
        return sum(each is None for each in self._of_rows)

    @cached_property
    def _of_rows(self) -> list[Named | None]:
        return [named(cell, self.kind) for cell in self.cells]

    @property
    def column(self) -> str:
        return self.first_row[self.position] if self.has_header else ""

    @property
    def examples(self) -> tuple[str, ...]:
        return tuple(each.value for each in self.named[:EXAMPLES])


def read_ids(
    upload: BinaryIO,
    limits: Limits,
    position: int | None = None,
    has_header: bool | None = None,
    kind: Kind | None = None,
) -> IdFile:
    """Whom the column at `position` names, below a header or from the first row on; None is "find it out".

    A column named like an id wins, else the first of telephones or e-mails, else the first. A first row in which no
    name is one counts as a client, unless its values are of another kind: too many ids harm nobody, while one that is
    lost lets somebody be written to. Raises a SourceError.
    """
    with _opened(upload, limits) as (first_row, rows):
        head = list(islice(rows, LOOKED_AT))
        if position is None or position >= len(first_row):
            position = _place_of_people(first_row, head)
        cells = [_cell(row, position) for row in chain(head, rows)]
    if has_header is None:
        has_header = _named_like_ids(first_row) is not None or _is_name(first_row[position], cells)
    if not has_header:
        cells.insert(0, first_row[position])
    elif not cells:
        raise HeaderOnly(first_row)
    kind = kind or _kind_of_column(first_row[position] if has_header else "", cells)
    return IdFile(tuple(cells), first_row, position, has_header, kind)


def _kind_of_column(name: str, cells: Sequence[str]) -> Kind:
    """Digits alone below a name that says ids are ids, however much they look like telephones."""
    says_ids = _is_named_like_ids(name) and not MAYBE_OF_SOMETHING_ELSE.fullmatch(name)
    if says_ids and all(cell.isdigit() for cell in cells if cell):
        return Kind.ID
    return kind_of_list(name, cells)


def _place_of_people(first_row: Sequence[str], rows: Sequence[Row]) -> int:
    by_name = _named_like_ids(first_row)
    if by_name is not None:
        return by_name
    for place, first in enumerate(first_row):
        cells = [_cell(row, place) for row in rows]
        if _kind_below(first, cells) is not Kind.ID:
            return place
    return 0


def _cell(row: Row, place: int) -> str:
    _number, cells = row
    return shown(cells[place]).strip() if place < len(cells) else ""


def _kind_below(first: str, others: Sequence[str]) -> Kind:
    return kind_of_list(first, others) if _is_name(first, others) else kind_of_list("", [first, *others])


def _is_name(first: str, others: Sequence[str]) -> bool:
    """Whether a first cell is no value of its column, but its name: it says what the others are, or these are of a
    kind that it is not of."""
    if kind_of_list("", [first]) is not Kind.ID:
        return False
    if (not _has_digit(first) and names_contacts(first)) or kind_of_list("", others) is not Kind.ID:
        return True
    values = [cell for cell in others if cell]
    return len(values) >= FEWEST_ALIKE and not _has_digit(first) and all(map(_has_digit, values))


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _named_like_ids(names: Sequence[str]) -> int | None:
    """The place of the name that says most surely that these are ids of clients."""
    places = [place for place, name in enumerate(names) if _is_named_like_ids(name)]
    return min(places, key=lambda place: _doubt(names[place]), default=None)


def _is_named_like_ids(name: str) -> bool:
    """No name has a digit here: such a cell is an id itself rather."""
    return not _has_digit(name) and (role_of(name, []) is Role.CLIENT_ID or bool(WORD_OF_IDS.search(name)))


def _doubt(name: str) -> int:
    if MAYBE_OF_SOMETHING_ELSE.fullmatch(name):
        return 2
    return 0 if OF_CLIENTS.search(name) else 1


@contextmanager
def _opened(upload: BinaryIO, limits: Limits) -> Iterator[tuple[tuple[str, ...], Iterator[Row]]]:
    """The first row and what follows it, which may be nothing."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "ids")
        with path.open("wb") as file:
            while part := upload.read(2**20):
                file.write(part)
        try:
            source = open_file(path, limits, OF_FIRST_SHEET)
        except HeaderOnly as error:
            yield tuple(error.names), iter(())
            return
        with source:
            yield tuple(source.columns), all_sound(source.rows())
