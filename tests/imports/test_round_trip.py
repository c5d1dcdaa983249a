"""What is written into a file comes out of it, whatever it is; and no table is too odd for the first look."""

import csv
import io
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from marketing_app.imports.cells import PART
from marketing_app.imports.errors import SourceError
from marketing_app.imports.guess import CYRILLIC
from marketing_app.imports.profile import Profile, profile
from marketing_app.imports.reading import Reading

from .tables import book, opened, table_of

FOUND = ["utf-8", "utf-16-le", "utf-16-be"]
"""Encodings that a few random letters are enough to tell."""
DELIMITERS = [",", ";", "\t", "|"]
UNHURRIED = settings(deadline=None)  # other tests may have the machine
NAMES = ["id", "имя", "Sum_2", "регион"]

cyrillic = "абвАБЯёЁ№«»—"
cells = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters=f"\0\ufeff{PART}"), max_size=12),
    st.text(f"{cyrillic}abc019 .,;|'\"\t\r\n", max_size=12),
)
tables = st.integers(2, len(NAMES)).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8)
)


@contextmanager
def a_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "clients"


def written(table: Sequence[Sequence[str]], delimiter: str, quote: str, always: bool) -> str:
    stream = io.StringIO(newline="")
    part = delimiter if len(delimiter) == 1 else PART
    writer = csv.writer(
        stream,
        delimiter=part,
        quotechar=quote[-1],
        escapechar=quote[:-1] or None,
        doublequote=len(quote) == 1,
        quoting=csv.QUOTE_ALL if always or part != delimiter or len(quote) > 1 else csv.QUOTE_MINIMAL,
    )
    writer.writerows([NAMES[: len(table[0])], *([cell.replace(delimiter, part) for cell in row] for row in table)])
    return stream.getvalue().replace(part, delimiter)


def without_blank(table: Sequence[Sequence[str]]) -> list[list[str]]:
    return [list(row) for row in table if any(cell.strip() for cell in row)]


def read(path: Path, reading: Reading | None) -> list[list[object]]:
    """Its rows without their numbers; none where it has a header alone."""
    try:
        return [cells for _, cells in table_of(path, reading)[1]]
    except SourceError:
        return []


@UNHURRIED
@given(tables, st.sampled_from([*DELIMITERS, "^", "\x1f", "||", "|~|"]), st.sampled_from(['"', "'", '\\"']),
       st.booleans(), st.sampled_from([*FOUND, *CYRILLIC, "windows-1252"]))  # fmt: skip
def test_a_text_table_of_known_make(
    table: list[list[str]], delimiter: str, quote: str, always: bool, encoding: str
) -> None:
    content = written(table, delimiter, quote, always).encode(encoding, errors="replace")
    expected = [[cell.encode(encoding, errors="replace").decode(encoding) for cell in row] for row in table]
    with a_path() as path:
        path.write_bytes(content)
        reading = Reading(encoding=encoding, delimiter=delimiter, quote=quote)
        assert read(path, reading) == without_blank(expected)


simple_cells = st.text("абвАБЯёabcXYZ019 .-()", min_size=1, max_size=12).map(str.strip)
simple_tables = st.lists(st.lists(simple_cells, min_size=4, max_size=4), min_size=1, max_size=30)


# An alphabet of one byte a letter is told by how frequent its letters are in Russian words, not in random ones.
words = st.sampled_from(
    ["Москва", "КАЗАНЬ", "ёлка", "кредит", "Объезд", "щука", "Юг", "вклад до года", "Эра (№ 9)", "01.09", "abc"]
)
tables_of_words = st.lists(st.lists(words, min_size=4, max_size=4), min_size=1, max_size=30)


@UNHURRIED
@given(
    st.tuples(simple_tables, st.sampled_from(FOUND)) | st.tuples(tables_of_words, st.just("windows-1251")),
    st.sampled_from(DELIMITERS),
    st.booleans(),
)
def test_a_text_table_of_unknown_make(written_in: tuple[list[list[str]], str], delimiter: str, always: bool) -> None:
    table, encoding = written_in
    content = written(table, delimiter, '"', always).encode(encoding)
    with a_path() as path:
        path.write_bytes(content)
        assert read(path, None) == without_blank(table)


sheet_text = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=20).filter(
    # A formula, and what Excel means by _x0041_, are not these texts.
    lambda text: not text.startswith("=") and "_x" not in text
)
# The sixteen digits that openpyxl writes of a number.
sheet_numbers = st.floats(-1e300, 1e300).map(lambda number: float(f"{number:.16g}"))
sheet_cells = st.one_of(sheet_text, sheet_numbers, st.integers(-(10**15), 10**15), st.booleans())


@settings(UNHURRIED, max_examples=30)
@given(st.lists(st.lists(sheet_cells, min_size=3, max_size=3), min_size=1, max_size=6))
def test_a_workbook(table: list[list[object]]) -> None:
    expected = [row for row in table if any(not isinstance(cell, str) or cell.strip() for cell in row)]
    with a_path() as path:
        found = read(book(path, NAMES[:3], *table), None)
    # The reader takes some cells of nothing but blanks for empty ones.
    assert [without_blanks(row) for row in found] == [without_blanks(row) for row in expected]


def without_blanks(row: list[object]) -> list[object]:
    return ["" if isinstance(cell, str) and not cell.strip() else cell for cell in row]


@UNHURRIED
@given(st.binary(max_size=400) | st.text("\"'aя01.,;|\t\n\r@+-/:", max_size=400).map(str.encode))
def test_any_bytes_are_a_table_or_refused(content: bytes) -> None:
    with a_path() as path:
        path.write_bytes(content)
        try:
            with opened(path) as source:
                seen = profile(source)
                assert seen.row_count == sum(1 for _ in source.rows())
        except SourceError:
            return
        assert Profile.from_dict(json.loads(json.dumps(seen.to_dict()))) == seen


numbers = st.booleans() | st.integers() | st.floats() | st.decimals(allow_nan=False)
texts = st.text(max_size=12) | st.sampled_from(["a@b.ru", "45000", "1,5", "да", "8 912 345-67-89"])
values = st.none() | numbers | texts | st.dates() | st.datetimes()


class Made:
    """A source of whatever values."""

    share_read = 1.0

    def __init__(self, columns: Sequence[str], table: Sequence[Sequence[object]]) -> None:
        self.columns = columns
        self.row_count = len(table)
        self._table = table

    def rows(self) -> Iterator[tuple[int, Sequence[object]]]:
        yield from enumerate(self._table, 1)

    def last_row(self) -> tuple[int, Sequence[object]] | None:
        return (len(self._table), self._table[-1]) if self._table else None


@UNHURRIED
@given(st.lists(st.lists(values, min_size=2, max_size=2), max_size=20), st.text(min_size=1, max_size=10))
@example([[sys.float_info.max, None]], "0")  # its fifteen digits are an infinite number
def test_no_table_is_too_odd_for_the_first_look(table: list[list[object]], name: str) -> None:
    seen = profile(Made(["дата", name], table))
    assert [column.name for column in seen.columns] == ["дата", name]
    assert Profile.from_dict(json.loads(json.dumps(seen.to_dict()))) == seen
