"""What was fetched out of a database is what is loaded later."""

import math
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from marketing_app.imports.errors import NotATable
from marketing_app.imports.kept_rows import KeptRows, encode
from marketing_app.imports.source import RowFault
from marketing_app.imports.values import normalise

texts = some.text(some.characters())
plain_values = (
    some.none()
    | some.booleans()
    | some.integers(-(2**63), 2**63)
    | some.floats(allow_nan=False)
    | some.decimals(allow_nan=False)
    | texts
)
Keep = Callable[..., KeptRows]


@pytest.fixture(scope="module")
def keep(tmp_path_factory: pytest.TempPathFactory) -> Keep:
    path = tmp_path_factory.mktemp("kept") / "rows"

    def kept(lines: list[list[object]], row_count: int | None = None) -> KeptRows:
        path.write_bytes(b"".join(map(encode, lines)))
        return KeptRows(path, row_count)

    return kept


@given(rows=some.lists(some.lists(plain_values, min_size=2, max_size=2)))
def test_values_come_back_in_their_type(keep: Keep, rows: list[list[object]]) -> None:
    kept = keep([["имя", "a"], *rows])
    assert list(kept.columns) == ["имя", "a"]
    assert [(number, row) for number, row in kept.rows()] == list(enumerate(rows, start=1))
    back = [value for _, row in kept.rows() for value in row]
    assert [type(value) for value in back] == [type(value) for row in rows for value in row]
    assert kept.share_read == 1.0


@given(moment=some.dates() | some.datetimes(timezones=some.none() | some.timezones()))
def test_dates_are_the_same_to_a_field(keep: Keep, moment: date) -> None:
    ((_, (back,)),) = keep([["d"], [moment]]).rows()
    to_the_second = moment.replace(microsecond=0, tzinfo=None) if isinstance(moment, datetime) else moment
    assert normalise(back, "date") == normalise(to_the_second, "date")


def test_how_much_is_read_shows_while_it_is_read(keep: Keep) -> None:
    kept = keep([["a"], *[[n] for n in range(1000, 2000)]], row_count=1000)
    assert (kept.row_count, kept.share_read) == (1000, 0.0)
    rows = kept.rows()
    for _ in range(500):
        next(rows)
    assert math.isclose(kept.share_read, 0.5, abs_tol=0.01)


@pytest.mark.parametrize("kept", [b"", b"junk", b'{"a": 1}\n', b'["a"]\n[1]\n[2'])
def test_a_copy_that_was_cut_off(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "rows").write_bytes(kept)
    with pytest.raises(NotATable):
        list(KeptRows(tmp_path / "rows").rows())


@pytest.mark.parametrize("value", [b"bytes", object()])
def test_what_is_no_value_is_not_kept(value: object) -> None:
    with pytest.raises(TypeError):
        encode([Decimal(1), value])


def test_a_row_with_a_character_of_no_text_is_told_apart(keep: Keep) -> None:
    rows = list(keep([["id", "note"], ["A1", "a\0b"], ["A2", "a\\u0000b"]]).rows())
    assert [getattr(cells, "fault", None) for _, cells in rows] == [RowFault.NUL, None]
    assert [list(cells) for _, cells in rows] == [["A1", "a\0b"], ["A2", "a\\u0000b"]]
