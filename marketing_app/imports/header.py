"""Where the header of a table is, and the names that its cells give to the columns."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

from .errors import DuplicateColumns, TooManyColumns, UnnamedColumns
from .values import shown

ROWS_SEARCHED = 20
"""The header is one of the first rows with a value: nobody writes a longer title."""
LONGEST_NAME_TOLD = 100
"""Characters of a name in an error: a cell may have 32,000."""

_IS_DATA = re.compile(r"[\s\d.,:;/()%+\-]+|[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+")
"""Numbers, sums, dates, telephones and e-mail addresses. No column is named like that."""


def header_at(top: Sequence[Sequence[object]]) -> int:
    """Which of a table's first rows is its header: the first one, unless it is a title, or one of several lines of it.

    A title fills at most half of the columns, and the row that follows it has names.
    """
    filled = [sum(map(_is_filled, cells)) for cells in top]
    if len(filled) < 2:
        return 0
    widest = sorted(filled)[-2] if len(filled) > 2 else max(filled)  # one row alone may have stray separators
    place = next(place for place, count in enumerate(filled) if count * 2 > widest)
    return place if are_names(top[place]) else 0


def are_names(cells: Sequence[object]) -> bool:
    """Whether the cells may be a header: texts that differ, none of them a number, a date or a contact."""
    texts = [shown(cell).casefold() for cell in cells if _is_filled(cell)]
    if len(set(texts)) < len(texts) or any(isinstance(cell, date) for cell in cells):
        return False
    return not any(_IS_DATA.fullmatch(text) for text in texts)


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


def _is_filled(cell: object) -> bool:
    return cell is not None and bool(str(cell).strip())
