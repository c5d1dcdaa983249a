"""The ids in a file that says who must not be written to."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from ..imports.files import open_file
from ..imports.reading import Limits
from ..imports.source import Source
from ..imports.values import shown
from ..models import LONGEST_ID

EXAMPLES = 5
NAME_OF_IDS = re.compile(r"(^|[\W_])(id|ид|айди|identifier|номер клиента)($|[\W_])", re.IGNORECASE)


@dataclass(frozen=True)
class IdFile:
    """The ids of a file, each once, in its order; `skipped_count` rows have none, or one that no client can have."""

    ids: tuple[str, ...]
    skipped_count: int
    column: str

    @property
    def examples(self) -> tuple[str, ...]:
        return self.ids[:EXAMPLES]


def read_ids(upload: BinaryIO, limits: Limits) -> IdFile:
    """The column named like an id, else the first. A list without a header is one too. Raises a SourceError."""
    with _opened(upload, limits) as source:
        position = next((n for n, name in enumerate(source.columns) if NAME_OF_IDS.search(name)), 0)
        column = source.columns[position]
        cells = [shown(row[position]).strip() for _number, row in source.rows()]
    if len(source.columns) == 1 and re.search(r"\d", column):
        # No header is a number: the list begins with its first id.
        cells.insert(0, column)
        column = ""
    good = [cell for cell in cells if 0 < len(cell) <= LONGEST_ID]
    return IdFile(tuple(dict.fromkeys(good)), len(cells) - len(good), column)


@contextmanager
def _opened(upload: BinaryIO, limits: Limits) -> Iterator[Source]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "ids")
        with path.open("wb") as file:
            while part := upload.read(2**20):
                file.write(part)
        with open_file(path, limits) as source:
            yield source
