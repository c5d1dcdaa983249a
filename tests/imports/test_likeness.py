"""A column finds its field when its name is written a little differently, and no other."""

import csv
from pathlib import Path

import pytest

import marketing_app.imports
from marketing_app.imports.likeness import likeness
from tests.effort import BOUNDED_SECONDS, seconds_of_work

STANDARD = Path(marketing_app.imports.__path__[0]).parent / "dictionary" / "client_fields.csv"


def standard(language: str) -> dict[str, str]:
    with STANDARD.open(encoding="utf-8") as file:
        return {row["key"]: row[f"label_{language}"] for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("gender", "gender"),
        ("GENDER", "gender"),
        ("Reg-Region NM", "reg_region_nm"),
        ("sumDepNow", "sum_dep_now"),
        ("Пол", "gender"),
        ("Пол клиента", "gender"),
        ("возраст_клиента", "age"),
        ("Регион", "reg_region_nm"),
        ("Реигон", "reg_region_nm"),
        ("регионы", "reg_region_nm"),
        ("Операции за 3 месяца", "cnt_tr_all_3m"),
        ("снятия наличных за 3 месяца", "cnt_tr_cash_3m"),
        ("цель последнего визита, офис", "visit_purposes"),
        ("cnt tr servise 3m", "cnt_tr_service_3m"),
    ],
)
def test_the_same(name: str, key: str) -> None:
    assert likeness(name, standard("ru")) == key


@pytest.mark.parametrize(
    "name",
    [
        "cnt_tr_gas_3m",
        "cnt_tr_all_6m",
        "avg_outstanding_amount_6m",
        "max_outstanding_amount_3m",
        "sum_zp_3m",
        "операций за 12 месяцев",
        "сумма вкладов",
        "расход",
        "пост",
        "полис",
        "name",
        "region_code",
        "возраст автомобиля",
        "client",
        "id",
        "",
        "---",
    ],
)
def test_another(name: str) -> None:
    assert likeness(name, standard("ru")) is None


def test_debit_is_not_credit() -> None:
    labels = {"debit_turnover": "дебетовый оборот", "income": "доход", "active_cards": "active cards"}
    for name in ("credit_turnover", "кредитовый оборот", "расход", "inactive cards"):
        assert likeness(name, labels) is None


def test_the_nearest_of_several() -> None:
    assert likeness("paymets", {"payment": "", "payments": ""}) == "payments"
    assert likeness("anything", {}) is None


@pytest.mark.parametrize(
    "name",
    ["слове" * 200_000, "а" * 10 + " б" * 400_000, " ".join(["слове"] * 33), " ".join(["слове"] * 12), "аБ" * 100],
    ids=["a long word", "many words", "a long name", "mistyped words", "camels"],
)
def test_no_name_takes_long_in_a_large_dictionary(name: str) -> None:
    """Each name differs, so that nothing is remembered from the one before it."""
    labels = {f"key{number}": " ".join(["слово"] * (33 if number % 2 else 12)) for number in range(600)}
    names = [name + letter for letter in "абвгдежзиклмнопрстуфх"]
    assert seconds_of_work(lambda: [likeness(each, labels) for each in names]) < BOUNDED_SECONDS
