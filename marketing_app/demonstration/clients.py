"""Invented clients, as untidy as a bank's own table: gaps, numbers as text, and several words for nothing.

`python -m marketing_app.demonstration.clients docs/clients.xlsx` writes them as a spreadsheet.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

from .regions import REGIONS

NOTHING = ("NULL", "N/A", " ", "")

COUNTS = {
    "cnt_tr_all_3m": 666,
    "cnt_tr_top_up_3m": 174,
    "cnt_tr_cash_3m": 38,
    "cnt_tr_buy_3m": 448,
    "cnt_tr_mobile_3m": 20,
    "cnt_tr_oil_3m": 57,
    "cnt_tr_on_card_3m": 234,
    "cnt_tr_service_3m": 36,
}
"""The largest count of each kind of transaction in three months."""

POSITIONS = ("не руководящий сотрудник", "руководитель", "специалист", "рабочий", "пенсионер", "17", "4", "12", "2")
PURPOSES = (
    "DCARD",
    "DEPOSIT",
    "TRANS",
    "CCARD",
    "POTREB",
    "OTHER",
    "CREDIT",
    "INVEST",
    "PAY",
    "MVNO",
    "SDB",
    "EXTRACT",
)
CLUSTERS = (
    "a. Супер-ЗП (6,15)",
    "b. Масс-ЗП (1,9)",
    "c. Масс-ЗП закредитованные (12)",
    "d. Пенсионеры (3)",
    "e. Активные карты (5,11)",
    "f. Кредитные карты (8)",
    "g. Ипотека (14)",
    "h. Вкладчики (2,10)",
    "i. Премиальные (4)",
    "j. Депозиты в оттоке (0,17)",
    "k. Без продукта (7,13,18)",
)


def generate(count: int = 1000, seed: int = 20261124) -> Iterator[dict[str, object]]:
    """The same clients for the same seed: the bank's number for the client, and the 25 fields of the dictionary."""
    random = Random(seed)  # noqa: S311 nothing here is a secret
    for number in range(1, count + 1):
        yield _client(random, number)


def write_xlsx(path: Path, count: int = 1000, seed: int = 20261124) -> None:
    """Write the clients as a spreadsheet with a header."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("clients")
    for number, client in enumerate(generate(count, seed)):
        if not number:
            sheet.append(list(client))
        sheet.append(list(client.values()))
    book.save(path)


def _client(random: Random, number: int) -> dict[str, object]:
    client: dict[str, object] = {
        "client_id": f"SB-{number:06d}",
        "gender": _or_nothing(random, 0.42, random.choice((0, 1, 0.0, 1.0, "0", "1"))),
        "age": _age(random),
        "reg_region_nm": _or_nothing(random, 0.03, _region(random)),
    }
    client |= _transactions(random)
    client |= _money(random)
    client["app_vehicle_ind"] = _or_nothing(random, 0.83, random.choice((0, 1, "1")))
    client["app_position_type_nm"] = _or_nothing(random, 0.92, random.choice(POSITIONS))
    visited = random.random() >= 0.85
    client["visit_purposes"] = random.choice(PURPOSES) if visited else random.choice(NOTHING)
    client["qnt_months_from_last_visit"] = random.randint(0, 22) if visited else None
    client["super_clust"] = random.choices(CLUSTERS, weights=range(len(CLUSTERS) + 4, 4, -1))[0]
    return client


def _transactions(random: Random) -> dict[str, object]:
    """A client with a card has all the counts, one without has none."""
    if random.random() < 0.52:
        return dict.fromkeys(COUNTS, random.choice((None, "NULL")))
    return {key: _count(random, largest) for key, largest in COUNTS.items()}


def _money(random: Random) -> dict[str, object]:
    is_paid = random.random() >= 0.79
    owes = random.random() >= 0.94
    chance = random.random()
    deposits = random.randint(1, 4) if chance >= 0.83 else random.randint(0, 1)
    balance = _sum(random, 16_062_530.7)
    return {
        "cnt_zp_12m": _count(random, 53) if is_paid else None,
        "sum_zp_12m": _sum(random, 4_174_841.84) if is_paid else None,
        "limit_exchange_count": _or_nothing(random, 0.82, random.randint(0, 13)),
        "max_outstanding_amount_6m": f"{_sum(random, 420_999.52):.6f}" if owes else "NULL",
        "avg_outstanding_amount_3m": f"{_sum(random, 245_953.55):.6f}" if owes else "NULL",
        "cnt_dep_act": deposits if chance >= 0.73 else None,
        "sum_dep_now": balance if chance >= 0.83 else None,
        "avg_dep_avg_balance_1month": round(balance * 0.97 + 0.14, 2) if chance >= 0.85 else None,
        "max_dep_avg_balance_3month": balance if chance >= 0.73 else None,
    }


def _or_nothing(random: Random, share: float, value: object) -> object:
    return random.choice(NOTHING) if random.random() < share else value


def _age(random: Random) -> object:
    age = round(min(95.8, max(14.3, random.gauss(46, 16))), 3)
    return str(age).replace(".", ",") if random.random() < 0.05 else age


def _count(random: Random, largest: int) -> object:
    count = int(largest * random.random() ** 4)
    return str(count) if random.random() < 0.1 else count


def _sum(random: Random, largest: float) -> float:
    return round(largest * random.random() ** 5, 2)


def _region(random: Random) -> str:
    """The first regions of the list have far more clients than the last."""
    return REGIONS[int(len(REGIONS) * random.random() ** 2)]


if __name__ == "__main__":
    write_xlsx(Path(sys.argv[1]))
