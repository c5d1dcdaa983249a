"""The ids in a file that says who must not be written to."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from ..imports.errors import HeaderOnly
from ..imports.files import open_file
from ..imports.reading import Limits, Reading
from ..imports.roles import Role, role_of
from ..imports.source import Row
from ..imports.values import shown
from ..models import LONGEST_ID

EXAMPLES = 5
WORD_OF_IDS = re.compile(r"(^|[\W_])(id|ид|айди|identifier|номер клиента)($|[\W_])", re.IGNORECASE)
OF_CLIENTS = re.compile(r"client|cust|клиент|crm|cif|срм", re.IGNORECASE)
OF_FIRST_SHEET = Reading(sheet="", header_row=1)
"""A list of ids is no table: people are not asked which sheet it is on, and its first row is no title."""
MAYBE_OF_SOMETHING_ELSE = re.compile(r"\W*(no|number|key|номер|код|client|customer|user|клиент)\W*", re.IGNORECASE)
"""A column of this name may as well count the rows, or have the clients' names."""


@dataclass(frozen=True)
class IdFile:
    """The ids of a file, each once, in its order; `skipped_count` rows have none, or one that no client can have.

    `first_row` are the cells of the file's first row, whether it is a header or not, `position` the place of the ids.
    """

    ids: tuple[str, ...]
    skipped_count: int
    first_row: tuple[str, ...]
    position: int
    has_header: bool

    @property
    def column(self) -> str:
        return self.first_row[self.position] if self.has_header else ""

    @property
    def examples(self) -> tuple[str, ...]:
        return self.ids[:EXAMPLES]


def read_ids(upload: BinaryIO, limits: Limits, position: int | None = None, has_header: bool | None = None) -> IdFile:
    """The ids in the column at `position`, below a header or from the first row on; None is "find it out".

    A column named like an id wins, else the first. A first row in which no name is one counts as a client: too many
    ids harm nobody, while one that is lost lets somebody be written to. Raises a SourceError.
    """
    with _opened(upload, limits) as (first_row, rows):
        named = _named_like_ids(first_row)
        if has_header is None:
            has_header = named is not None
        if position is None or position >= len(first_row):
            position = named or 0
        cells = [shown(row[position]).strip() for _number, row in rows]
    if not has_header:
        cells.insert(0, first_row[position])
    elif not cells:
        raise HeaderOnly(first_row)
    good = [cell for cell in cells if 0 < len(cell) <= LONGEST_ID]
    return IdFile(tuple(dict.fromkeys(good)), len(cells) - len(good), first_row, position, has_header)


def _named_like_ids(names: Sequence[str]) -> int | None:
    """The place of the name that says most surely that these are ids of clients."""
    places = [place for place, name in enumerate(names) if _is_named_like_ids(name)]
    return min(places, key=lambda place: _doubt(names[place]), default=None)


def _is_named_like_ids(name: str) -> bool:
    """No name has a digit here: such a cell is an id itself rather."""
    has_digit = any(character.isdigit() for character in name)
    return not has_digit and (role_of(name, []) is Role.CLIENT_ID or bool(WORD_OF_IDS.search(name)))


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
            yield tuple(source.columns), source.rows()
