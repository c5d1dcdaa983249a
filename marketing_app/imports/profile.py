"""The first look at a source: what its columns are likely to hold, and what looks wrong, before anything is loaded."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from itertools import islice
from typing import Any, Self

from .date_order import DateOrder, date_order_of
from .flaws import Flaw, flaw_of
from .guess import USUAL_DELIMITERS
from .ids import mixed
from .kinds import BAD, KINDS, NUMBERS, WITH_EXTREMES, is_serial_date, kind_of, understood
from .roles import Role, may_say_refusal, role_of, says_consent
from .source import FaultyRow, Row, RowFault, Source
from .totals import as_one_line, is_total
from .values import MONTH_FIRST, is_nothing, shown

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
VALUES_TRIED = 20_000
"""Different values, of all columns together, that are tried as each of these kinds; as the likely one, all are."""
VALUES_KEPT = 50

_NAME_OF_DATES = re.compile(r"dat[ea]|дат[аы]|birth|рожд|\bdo[bc]\b|(?:^|_)dt(?:_|$)")


class FindingKind(StrEnum):
    """What looks wrong. All but those of whole rows are about one column."""

    ONE_COLUMN = "one_column"
    """The whole line is one cell, and a separator is in it: `example` is that separator."""
    LONG_ROWS = "long_rows"
    """Rows with more cells than the header; `row` is the first."""
    MERGED_LINES = "merged_lines"
    FOREIGN_ENCODING = "foreign_encoding"
    NUL = "nul"
    """RowFault's: rows that will not be taken, the first of them `row`."""
    MIXED_TYPES = "mixed_types"
    """`share` of the values are not of the column's type, such as `example` in `row`."""
    SERIAL_DATES = "serial_dates"
    """Dates that a spreadsheet left as numbers: `example` is one."""
    EMPTY_COLUMN = "empty_column"
    """No row looked at has a value."""
    CONSENT = "consent"
    """It tells who agreed, which is the reverse of an opt-out."""
    MAY_BE_REFUSAL = "may_be_refusal"
    """By its name it may tell who must not be written to, but its values are no answers to that."""
    FLAWED = "flawed"
    """`share` of the values have a Flaw, the one of `example`, first in `row`."""
    TOTALS = "totals"
    """A row sums up the others: `example` is its text; `row` is None where only its place at the end is known."""
    LAST_WITHOUT_ID = "last_without_id"
    """The last row, `example`, has no id: a sum of the others, or a note. `column` is that of the ids."""


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
class Extreme:
    """The least or the greatest of a column's values, in its type and as the source shows it, and its row."""

    value: float | str
    example: str
    row: int


@dataclass(frozen=True)
class ColumnProfile:
    """`type` is one of FieldType's words, a guess like `role`.

    `values` are the first different ones, `repeat_count` those that another row had before. `misfits` say by KINDS
    what would be rejected if the column were taken for one, `extremes` for "decimal" and DATES the least and the
    greatest value. `flaws` say by Flaw how many values have it, `mixed_ids` which ids would be of two alphabets.
    """

    name: str
    type: str
    empty_share: float
    examples: list[str]
    role: Role | None
    values: list[str] = field(default_factory=list)
    repeat_count: int = 0
    misfits: dict[str, Misfit] = field(default_factory=dict)
    flaws: dict[str, Misfit] = field(default_factory=dict)
    extremes: dict[str, list[Extreme]] = field(default_factory=dict)
    date_order: DateOrder | None = None
    mixed_ids: Misfit | None = None

    @property
    def is_without_values(self) -> bool:
        """Whether all cells are empty, or show an error."""
        unusable = sum(self.flaws[flaw].share for flaw in (Flaw.ERROR, Flaw.UNCALCULATED) if flaw in self.flaws)
        return self.empty_share == 1 or round(unusable, 9) == 1

    @classmethod
    def from_dict(cls, words: Mapping[str, Any]) -> Self:
        made: dict[str, Any] = {
            "role": Role(words["role"]) if words["role"] else None,
            "date_order": DateOrder(words["date_order"]) if words.get("date_order") else None,
            "extremes": {kind: [Extreme(**each) for each in ends] for kind, ends in words.get("extremes", {}).items()},
        }
        if words.get("mixed_ids"):
            made["mixed_ids"] = Misfit(**words["mixed_ids"])
        for name in ("misfits", "flaws"):
            made[name] = {kind: Misfit(**misfit) for kind, misfit in words.get(name, {}).items()}
        return cls(**{**words, **made})


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
    sound = [(number, cells) for number, cells in rows if not isinstance(cells, FaultyRow)]
    looks = [_Look.at(position, name, sound, tried) for position, name in enumerate(source.columns)]
    columns = _each_role_once([look.profile() for look in looks])
    last = None if is_whole else source.last_row()
    findings = [
        *_of_faulty_rows(rows),
        *_of_the_table(source.columns, sound),
        *_of_totals(columns, [*sound, last] if last else sound),
        *(finding for look in looks for finding in look.findings()),
    ]
    preview = [(number, [shown(cell)[:LONGEST_CELL] for cell in cells]) for number, cells in rows[:ROWS_SHOWN]]
    return Profile(columns, preview, findings, len(rows), count, is_estimate)


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


def _of_faulty_rows(rows: Sequence[Row]) -> Iterator[Finding]:
    for fault in RowFault:
        numbers = [number for number, cells in rows if isinstance(cells, FaultyRow) and cells.fault is fault]
        if numbers:
            yield Finding(FindingKind(fault), share=len(numbers) / len(rows), row=numbers[0])


def _of_the_table(names: Sequence[str], rows: Sequence[Row]) -> Iterator[Finding]:
    if len(names) == 1 and (delimiter := _left_in(names[0], rows)):
        yield Finding(FindingKind.ONE_COLUMN, example=delimiter)
    long_rows = [number for number, cells in rows if len(cells) > len(names)]
    if long_rows:
        yield Finding(FindingKind.LONG_ROWS, share=len(long_rows) / len(rows), row=long_rows[0])


def _of_totals(columns: Sequence[ColumnProfile], rows: Sequence[Row]) -> Iterator[Finding]:
    """The first row that sums up others, or else a last one without an id."""
    for number, cells in rows:
        if is_total(cells):
            yield Finding(FindingKind.TOTALS, example=as_one_line(cells)[:LONGEST_EXAMPLE], row=number or None)
            return
    ids = next((position for position, column in enumerate(columns) if column.role is Role.CLIENT_ID), None)
    if ids is not None and rows and is_nothing((last := rows[-1][1])[ids]):
        yield Finding(FindingKind.LAST_WITHOUT_ID, columns[ids].name, example=as_one_line(last)[:LONGEST_EXAMPLE])


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
        self._kind_of = {text: kind_of(value) for text, (_, value) in self._first_of.items()}

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
        return all(is_serial_date(number) for number in numbers)

    @cached_property
    def date_order(self) -> DateOrder | None:
        return date_order_of(text for text in self._shown if self._kind_of[text] == "date")

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
        is_answer = all(isinstance(value, bool) for _, value in self._first_of.values())
        return len(self._shown) <= few and repeats and max(map(len, self._shown)) <= LONGEST_CODE and not is_answer

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
            self._flaws,
            self._tries[1],
            self.date_order,
            self._mixed_ids,
        )

    def findings(self) -> Iterator[Finding]:
        if not self._values:
            yield Finding(FindingKind.EMPTY_COLUMN, self._name)
        if says_consent(self._name):
            yield Finding(FindingKind.CONSENT, self._name)
        if may_say_refusal(self._name) and self.role is None:
            yield Finding(FindingKind.MAY_BE_REFUSAL, self._name)
        if self.is_serial:
            yield Finding(FindingKind.SERIAL_DATES, self._name, example=self._texts[0])
        for flaw in self._flaws.values():
            yield Finding(FindingKind.FLAWED, self._name, flaw.share, flaw.example, flaw.row)
        if (misfit := self._misfits.get(self._likely)) and not flaw_of(misfit.example):
            yield Finding(FindingKind.MIXED_TYPES, self._name, misfit.share, misfit.example, misfit.row)

    @property
    def _likely(self) -> str:
        if self.role:
            return self.role.value
        return MONTH_FIRST if self.type == "date" and self.date_order is DateOrder.MONTH_FIRST else self.type

    @cached_property
    def _flaws(self) -> dict[str, Misfit]:
        by_flaw: dict[str, list[str]] = {}
        for text in self._shown:
            if flaw := flaw_of(text):
                by_flaw.setdefault(flaw.value, []).append(text)
        return {flaw: self._misfit(texts, self._shown) for flaw, texts in by_flaw.items()}

    @property
    def _mixed_ids(self) -> Misfit | None:
        texts = mixed(self._shown)
        return self._misfit(texts, self._shown) if texts else None

    @property
    def _misfits(self) -> dict[str, Misfit]:
        return self._tries[0]

    @cached_property
    def _tries(self) -> tuple[dict[str, Misfit], dict[str, list[Extreme]]]:
        """What the values are as each of KINDS: those that cannot be one, and the ends of the others."""
        misfits, extremes = {}, {}
        for kind in KINDS:
            tried = {text: understood(self._first_of[text][1], kind) for text in self._worth_trying(kind)}
            if bad := [text for text, value in tried.items() if value is BAD]:
                misfits[kind] = self._misfit(bad, tried)
            if kind in WITH_EXTREMES and len(bad) < len(tried):
                extremes[kind] = self._ends({text: value for text, value in tried.items() if value is not BAD})
        return misfits, extremes

    def _worth_trying(self, kind: str) -> Iterable[str]:
        is_likely = kind == self._likely or {kind, self._likely} <= set(NUMBERS)
        return self._shown if is_likely else islice(self._shown, self._tried)

    def _misfit(self, texts: Sequence[str], among: Iterable[str]) -> Misfit:
        """Of the texts the first is told that is no flaw, as flaws are told on their own."""
        count, total = (sum(map(self._shown.__getitem__, each)) for each in (texts, among))
        example = next((text for text in texts if not flaw_of(text)), texts[0])
        return Misfit(count / total, example[:LONGEST_EXAMPLE], self._first_of[example][0])

    def _ends(self, values: Mapping[str, Any]) -> list[Extreme]:
        ends = (choose(values, key=values.__getitem__) for choose in (min, max))
        return [Extreme(values[text], text[:LONGEST_EXAMPLE], self._first_of[text][0]) for text in ends]
