"""The first look says what each column is likely to hold, and what looks wrong."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from marketing_app.imports.profile import Finding, FindingKind, Profile, profile
from marketing_app.imports.reading import Reading
from marketing_app.imports.roles import Role

from .tables import book, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clients"


def look(path: Path, columns: Sequence[str], *rows: Sequence[object], first: int = 10_000) -> Profile:
    text = "\n".join(";".join("" if cell is None else str(cell) for cell in row) for row in [columns, *rows])
    path.write_text(text + "\n")
    with opened(path, Reading(delimiter=";")) as source:
        return profile(source, first)


def of_one(path: Path, name: str, values: Sequence[object]) -> Profile:
    """The profile of a table in which this column is the second."""
    return look(path, ["n", name], *([at, value] for at, value in enumerate(values)))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 30, 4, 5], "integer"),
        (["1 000", "20 000"], "integer"),
        (["1,5", "2", "3"], "decimal"),
        (["2026-01-02", "03.04.2026", "5/6/2026 10:00"], "date"),
        (["Анна", "Пётр", "Анна Мария"], "text"),
        (["0001", "0002"], "text"),
        (["4276000011112222", "4276000011113333"], "text"),
        ([0, 1] * 20, "code"),
        (["DCARD", "DEPOSIT"] * 10, "code"),
        (["Анна", "Пётр"], "text"),
        ([None, None], "text"),
        (["1", "2", "N/A", "null", "-"], "integer"),
    ],
)
def test_the_type_is_guessed(path: Path, values: list[object], expected: str) -> None:
    seen = of_one(path, "x", values)
    assert seen.columns[1].type == expected
    assert FindingKind.MIXED_TYPES not in {finding.kind for finding in seen.findings}


def test_values_of_a_workbook_have_types_of_their_own(path: Path) -> None:
    book(path, ["when", "sum", "whole"], *([date(2026, 1, day), day / 2, float(day)] for day in range(1, 9)))
    with opened(path) as source:
        seen = profile(source)
    assert [column.type for column in seen.columns] == ["date", "decimal", "integer"]
    assert seen.preview[0] == (2, ["2026-01-01", "0.5", "1"])


def test_what_a_column_looks_like(path: Path) -> None:
    seen = of_one(path, "город", ["Уфа", "", "Уфа", "N/A", "Тула"])
    column = seen.columns[1]
    assert (column.name, column.empty_share, column.examples) == ("город", 0.4, ["Уфа", "Тула"])
    assert seen.preview[:2] == [(2, ["0", "Уфа"]), (3, ["1", ""])]


def test_the_first_rows_are_shown_and_the_rest_counted(path: Path) -> None:
    seen = look(path, ["a", "b"], *([n, "x"] for n in range(60)))
    assert (len(seen.preview), seen.rows_looked_at, seen.row_count, seen.is_estimate) == (50, 60, 60, False)


def test_long_cells_are_shown_in_part(path: Path) -> None:
    seen = of_one(path, "x", ["я" * 5_000, "б"])
    assert [len(cells[1]) for _, cells in seen.preview] == [200, 1]
    assert [len(example) for example in seen.columns[1].examples] == [100, 1]


def test_of_a_long_file_the_number_of_rows_is_estimated(path: Path) -> None:
    seen = look(path, ["a", "b"], *([f"{n:06d}", "xxxxxxxx"] for n in range(100_000)), first=10_000)
    assert seen.rows_looked_at == 10_000
    assert seen.is_estimate
    assert 60_000 < seen.row_count <= 100_000


def test_of_a_workbook_the_number_of_rows_is_known(path: Path) -> None:
    with opened(book(path, ["a"], *([n] for n in range(30)))) as source:
        seen = profile(source, first=10)
    assert (seen.rows_looked_at, seen.row_count, seen.is_estimate) == (10, 30, False)


def test_a_separator_that_is_not_the_files(path: Path) -> None:
    path.write_text("id;name\n1;Анна\n2;Пётр\n")
    with opened(path, Reading(delimiter=",")) as source:
        assert profile(source).findings == [Finding(FindingKind.ONE_COLUMN, example=";")]


def test_a_file_of_ids_is_a_table_of_one_column(path: Path) -> None:
    seen = look(path, ["client_id"], ["a-1"], ["a-2"])
    assert (seen.findings, seen.columns[0].role) == ([], Role.CLIENT_ID)


def test_mixed_types(path: Path) -> None:
    seen = of_one(path, "sum", [*range(10, 19), "много"])
    assert seen.columns[1].type == "integer"
    assert seen.findings == [Finding(FindingKind.MIXED_TYPES, "sum", 0.1, "много", 11)]


@pytest.mark.parametrize(("name", "is_date"), [("дата рождения", True), ("birth_date", True), ("balance", False)])
def test_dates_that_a_spreadsheet_left_as_numbers(path: Path, name: str, is_date: bool) -> None:
    seen = of_one(path, name, [33_000, 33_001.5, 45_000, None])
    assert (seen.columns[1].type == "date") == is_date
    assert (Finding(FindingKind.SERIAL_DATES, name, example="33000") in seen.findings) == is_date


def test_rows_longer_than_the_header(path: Path) -> None:
    seen = look(path, ["a", "b"], [1, 2], [1, 2, 3], [1, 2], [1, 2, 3])
    assert Finding(FindingKind.LONG_ROWS, share=0.5, row=3) in seen.findings


def test_an_empty_column(path: Path) -> None:
    assert of_one(path, "x", [None, None]).findings == [Finding(FindingKind.EMPTY_COLUMN, "x")]


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("E-mail", ["anna@example.ru", "Petr@Example.ru"], Role.EMAIL),
        ("контакт", ["anna@example.ru", "petr@example.ru", "нет"], None),
        ("контакт", ["anna@example.ru", "petr@example.ru"], Role.EMAIL),
        ("Электронная почта", ["", ""], Role.EMAIL),
        ("почтовый индекс", ["101000", "420000"], None),
        ("телефон", ["9121234567", "89121234568"], Role.PHONE),
        ("Mobile_Phone", [79121234567, 79121234568], Role.PHONE),
        ("контакт", ["+7 912 123-45-67", "8 (912) 123-45-68"], Role.PHONE),
        ("модель телефона", ["Nokia", "Sony"], None),
        ("cnt_tr_mobile_3m", [5, 3, 5], None),
        ("client_id", ["a-1", "a-2"], Role.CLIENT_ID),
        ("ID клиента", [1, 2], Role.CLIENT_ID),
        ("Номер клиента", [1, 2], Role.CLIENT_ID),
        ("id", [1, 1], None),
        ("bid", [1, 2], None),
        ("opt_out", [0, 1], Role.OPT_OUT),
        ("Отказ от рассылки", ["да", "нет", ""], Role.OPT_OUT),
        ("причина отказа", ["дорого", "долго"], None),
        ("возраст", [20, 30], None),
    ],
)
def test_columns_of_the_clients_own_are_recognised(
    path: Path, name: str, values: list[object], role: Role | None
) -> None:
    assert of_one(path, name, values).columns[1].role == role


def test_a_role_is_given_once(path: Path) -> None:
    seen = look(path, ["телефон", "второй телефон"], ["9121234567", "9121234568"])
    assert [column.role for column in seen.columns] == [Role.PHONE, None]


@pytest.mark.parametrize("name", ["согласие на рассылку", "email_consent", "opt-in"])
def test_consent_is_not_taken_for_its_reverse(path: Path, name: str) -> None:
    seen = of_one(path, name, ["да", "нет"])
    assert seen.columns[1].role is None
    assert Finding(FindingKind.CONSENT, name) in seen.findings


def test_a_profile_can_be_kept_as_json(path: Path) -> None:
    seen = look(path, ["client_id", "дата", "x"], ["a-1", 45_000, None], ["a-2", 45_001, None], ["a", "b", "c", "d"])
    assert Profile.from_dict(json.loads(json.dumps(seen.to_dict()))) == seen
