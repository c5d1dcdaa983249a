"""The names of a table's columns, from the cells of its header."""

from collections import Counter
from collections.abc import Sequence

from .errors import DuplicateColumns, TooManyColumns, UnnamedColumns
from .values import shown

LONGEST_NAME_TOLD = 100
"""Characters of a name in an error: a cell may have 32,000."""


def names_of(header: Sequence[object], width: int, max_columns: int) -> list[str]:
    """A name for each of the first `width` columns. Raises what is wrong with them."""
    if width > max_columns:
        raise TooManyColumns(width, max_columns)
    names = [shown(cell).strip() for cell in header[:width]]
    names += [""] * (width - len(names))
    if unnamed := [position for position, name in enumerate(names, 1) if not name]:
        raise UnnamedColumns(unnamed)
    if repeated := [name for name, count in Counter(names).items() if count > 1]:
        raise DuplicateColumns([name[:LONGEST_NAME_TOLD] for name in repeated])
    return names
