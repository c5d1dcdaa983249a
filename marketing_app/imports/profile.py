"""The first look at a source: what its columns are likely to hold, and what looks wrong, before anything is loaded."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property, partial
from itertools import islice
from typing import Any, Self

from .guess import USUAL_DELIMITERS
from .ids import mixed
from .roles import Role, role_of, says_consent
from .source import Row, Source
from .values import BadValue, email, is_nothing, is_refusal, normalise, phone, serial_date, shown

ROWS_LOOKED_AT = 10_000
CHARACTERS_LOOKED_AT = 16 * 2**20
"""Of all those rows together: a few of a hostile file would fill the memory."""
ROWS_SHOWN = 50
EXAMPLES = 5
LONGEST_EXAMPLE = 100
LONGEST_CELL = 200
"""Characters of a cell in the preview: a page of whole ones could have hundreds of megabytes."""
FITS = 0.8
"""From such a share of values on, a column is of their type, and the others are mistakes in it."""
FEW_WORDS, FEW_NUMBERS = 20, 3
"""Different values of a column that is a list of codes."""
TIMES_EACH = 10
"""A list repeats itself."""
LONGEST_CODE = 20
NUMBERS = ("integer", "decimal")
KINDS = (*NUMBERS, "date", Role.EMAIL.value, Role.PHONE.value, Role.OPT_OUT.value)
"""What not every value can be."""
VALUES_TRIED = 20_000
"""Different values, of all columns together, that are tried as each of these kinds; as the likely one, all are."""
VALUES_KEPT = 50
UNDERSTOOD_BY: Mapping[str, Callable[[object], object]] = {
    Role.EMAIL: email,
    Role.PHONE: phone,
    Role.OPT_OUT: is_refusal,
}

_MAY_BE_NUMBER = re.compile(r"(?!0\d+$)(?!\d{16})-?\.?\d", re.ASCII)
_NAME_OF_DATES = re.compile(r"dat[ea]|дат[аы]|birth|рожд|\bdo[bc]\b|(?:^|_)dt(?:_|$)")


class FindingKind(StrEnum):
    """What looks wrong. All but the first two are about one column."""

    ONE_COLUMN = "one_column"
    """The whole line is one cell, and a separator is in it: `example` is that separator."""
    LONG_ROWS = "long_rows"
    """Rows with more cells than the header; `row` is the first."""
    MIXED_TYPES = "mixed_types"
    """`share` of the values are not of the column's type, such as `example` in `row`."""
    SERIAL_DATES = "serial_dates"
    """Dates that a spreadsheet left as numbers: `example` is one."""
    EMPTY_COLUMN = "empty_column"
    """No row looked at has a value."""
    CONSENT = "consent"
    """It tells who agreed, which is the reverse of an opt-out."""


@dataclass(frozen=True)
class Finding:
    kind: FindingKind
    column: str | None = None
    share: float | None = None
    example: str | None = None
    row: int | None = None

    @classmethod
    def from_dict(cls, words: Mapping[str, Any]) -> Self:
        return cls(**{**words, "kind": FindingKind(words["kind"])})


@dataclass(frozen=True)
class Misfit:
    """The `share` of values that are not of a kind, and the first of them."""

    share: float
    example: str
    row: int


@dataclass(frozen=True)
class ColumnProfile:
    """`type` is one of FieldType's words, a guess like `role`.

    `values` are the first different ones, `repeat_count` those that another row had before. `misfits` say by KINDS
    what would be rejected if the column were taken for one, `mixed_ids` which ids would be of two alphabets.
    """

    name: str
    type: str
    empty_share: float
    examples: list[str]
    role: Role | None
    values: list[str] = field(default_factory=list)
    repeat_count: int = 0
    misfits: dict[str, Misfit] = field(default_factory=dict)
    mixed_ids: Misfit | None = None

    @classmethod
    def from_dict(cls, words: Mapping[str, Any]) -> Self:
        misfits = {kind: Misfit(**misfit) for kind, misfit in words.get("misfits", {}).items()}
        mixed_ids = Misfit(**words["mixed_ids"]) if words.get("mixed_ids") else None
        role = Role(words["role"]) if words["role"] else None
        return cls(**{**words, "role": role, "misfits": misfits, "mixed_ids": mixed_ids})


@dataclass(frozen=True)
class Profile:
    """What the first `rows_looked_at` rows tell. `preview` are the first of them as text, each after its number."""

    columns: list[ColumnProfile]
    preview: list[tuple[int, list[str]]]
    findings: list[Finding]
    rows_looked_at: int
    row_count: int
    is_estimate: bool

    def to_dict(self) -> dict[str, Any]:
        """As JSON can keep it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, words: Mapping[str, Any]) -> Self:
        columns = [ColumnProfile.from_dict(column) for column in words["columns"]]
        findings = [Finding.from_dict(finding) for finding in words["findings"]]
        preview = [(number, list(cells)) for number, cells in words["preview"]]
        return cls(**{**words, "columns": columns, "findings": findings, "preview": preview})


def profile(source: Source, first: int = ROWS_LOOKED_AT) -> Profile:
    """Read up to `first` rows and say what they look like."""
    rows, is_whole = _first_rows(source, first)
    count, is_estimate = len(rows), False
    if not is_whole:
        count, is_estimate = _whole_count(source, len(rows))
    tried = VALUES_TRIED // max(1, len(source.columns))
    looks = [_Look.at(position, name, rows, tried) for position, name in enumerate(source.columns)]
    columns = [look.profile() for look in looks]
    findings = [*_of_the_table(source.columns, rows), *(finding for look in looks for finding in look.findings())]
    preview = [(number, [shown(cell)[:LONGEST_CELL] for cell in cells]) for number, cells in rows[:ROWS_SHOWN]]
    return Profile(_each_role_once(columns), preview, findings, len(rows), count, is_estimate)


def _first_rows(source: Source, most: int) -> tuple[list[Row], bool]:
    """As many as are to be looked at and may be in memory at once, and whether they are all."""
    rows: list[Row] = []
    room = CHARACTERS_LOOKED_AT
    for number, cells in source.rows():
        if len(rows) == most or room < 0:
            return rows, False
        rows.append((number, cells))
        room -= sum(len(cell) for cell in cells if isinstance(cell, str))
    return rows, True


def _whole_count(source: Source, rows_read: int) -> tuple[int, bool]:
    """How many rows there are in all, and whether that is only likely."""
    if source.row_count is not None:
        return source.row_count, False
    return max(rows_read + 1, round(rows_read / max(source.share_read, 1e-9))), True


def _of_the_table(names: Sequence[str], rows: Sequence[Row]) -> Iterator[Finding]:
    if len(names) == 1 and (delimiter := _left_in(names[0], rows)):
        yield Finding(FindingKind.ONE_COLUMN, example=delimiter)
    long_rows = [number for number, cells in rows if len(cells) > len(names)]
    if long_rows:
        yield Finding(FindingKind.LONG_ROWS, share=len(long_rows) / len(rows), row=long_rows[0])


def _left_in(name: str, rows: Sequence[Row]) -> str | None:
    """The separator that most cells of an only column have in them, as its name has."""
    for delimiter in USUAL_DELIMITERS:
        if delimiter in name and sum(delimiter in shown(cells[0]) for _, cells in rows) * 2 >= len(rows):
            return delimiter
    return None


def _each_role_once(columns: Sequence[ColumnProfile]) -> list[ColumnProfile]:
    """The first column of a role keeps it: a second telephone is a matter of the person."""
    taken: set[Role | None] = {None}
    kept = []
    for column in columns:
        kept.append(replace(column, role=None) if column.role in taken else column)
        taken.add(column.role)
    return kept


class _Look:
    """One column's values among the rows looked at, each with its row's number."""

    def __init__(self, name: str, numbered: Sequence[tuple[int, object]], tried: int) -> None:
        self._name = name
        self._tried = tried
        self._total = len(numbered)
        self._values = [(number, value) for number, value in numbered if not is_nothing(value)]
        self._texts = [shown(value) for _, value in self._values]
        self._shown = Counter(self._texts)
        backwards = zip(reversed(self._texts), reversed(self._values), strict=True)
        self._first_of = dict(backwards)
        self._kind_of = {text: _kind_of(value) for text, (_, value) in self._first_of.items()}

    @classmethod
    def at(cls, position: int, name: str, rows: Sequence[Row], tried: int) -> Self:
        return cls(name, [(number, cells[position]) for number, cells in rows], tried)

    @cached_property
    def role(self) -> Role | None:
        return role_of(self._name, [value for _, value in self._values])

    @cached_property
    def is_serial(self) -> bool:
        numbers = [text for text in self._texts if self._kind_of[text] in NUMBERS]
        if not numbers or len(numbers) < FITS * len(self._values) or not _NAME_OF_DATES.search(self._name.casefold()):
            return False
        return all(_is_serial(number) for number in numbers)

    @cached_property
    def type(self) -> str:
        """One of FieldType's words."""
        if self.role:
            return "text"
        if self.is_serial:
            return "date"
        kinds = Counter(self._kind_of[text] for text in self._texts)
        enough = max(1, FITS * len(self._values))
        guess = "text"
        if kinds["integer"] + kinds["decimal"] >= enough:
            guess = "decimal" if kinds["decimal"] else "integer"
        elif kinds["date"] >= enough:
            guess = "date"
        return "code" if self._is_list(guess) else guess

    def _is_list(self, guess: str) -> bool:
        few = {"text": FEW_WORDS, "integer": FEW_NUMBERS}.get(guess, 0)
        repeats = len(self._values) >= TIMES_EACH * len(self._shown) > 0
        return len(self._shown) <= few and repeats and max(map(len, self._shown)) <= LONGEST_CODE

    def profile(self) -> ColumnProfile:
        empty_share = 1 - len(self._values) / self._total if self._total else 1.0
        values = [value[:LONGEST_EXAMPLE] for value in islice(self._shown, VALUES_KEPT)]
        repeat_count = len(self._values) - len(self._shown)
        return ColumnProfile(
            self._name,
            self.type,
            empty_share,
            values[:EXAMPLES],
            self.role,
            values,
            repeat_count,
            self._misfits,
            self._share_of(mixed(self._shown), list(self._shown)),
        )

    def findings(self) -> Iterator[Finding]:
        if not self._values:
            yield Finding(FindingKind.EMPTY_COLUMN, self._name)
        if says_consent(self._name):
            yield Finding(FindingKind.CONSENT, self._name)
        if self.is_serial:
            yield Finding(FindingKind.SERIAL_DATES, self._name, example=self._texts[0])
        if misfit := self._misfits.get(self._likely):
            yield Finding(FindingKind.MIXED_TYPES, self._name, misfit.share, misfit.example, misfit.row)

    @property
    def _likely(self) -> str:
        return self.role.value if self.role else self.type

    @cached_property
    def _misfits(self) -> dict[str, Misfit]:
        return {kind: misfit for kind in KINDS if (misfit := self._misfit(kind))}

    def _misfit(self, kind: str) -> Misfit | None:
        tried = list(self._shown if kind == self._likely else islice(self._shown, self._tried))
        return self._share_of([text for text in tried if not _fits(self._first_of[text][1], kind)], tried)

    def _share_of(self, found: Sequence[str], tried: Sequence[str]) -> Misfit | None:
        if not found:
            return None
        count, total = (sum(map(self._shown.__getitem__, texts)) for texts in (found, tried))
        return Misfit(count / total, found[0][:LONGEST_EXAMPLE], self._first_of[found[0]][0])


def _kind_of(value: object) -> str:
    """What a single value is. What only looks like a number, a card's or one that begins with a nought, is text."""
    if isinstance(value, date):
        return "date"
    text = shown(value)
    if not _MAY_BE_NUMBER.match(text):
        return "text"
    return next((kind for kind in (*NUMBERS, "date") if _fits(value, kind)), "text")


def _fits(value: object, kind: str) -> bool:
    try:
        UNDERSTOOD_BY.get(kind, partial(normalise, field_type=kind))(value)
    except BadValue:
        return False
    return True


def _is_serial(number: str) -> bool:
    try:
        serial_date(float(number))
    except ValueError:
        return False
    return True
