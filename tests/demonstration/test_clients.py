"""The demonstration's clients are the same each time, and as untidy as the dictionary says."""

from pathlib import Path

import pytest

from marketing_app.demonstration.catalogue import CHANNELS, PRODUCTS
from marketing_app.demonstration.clients import generate, write_xlsx
from marketing_app.demonstration.regions import REGIONS
from marketing_app.dictionary.standard import default_dictionary
from marketing_app.imports.files import open_file
from marketing_app.imports.reading import Limits
from marketing_app.imports.values import normalise
from marketing_app.models.catalogue import ProductKind

EMPTY_SHARES = {
    "gender": 0.42, "age": 0.0, "reg_region_nm": 0.03, "cnt_tr_all_3m": 0.52, "cnt_tr_oil_3m": 0.52,
    "cnt_zp_12m": 0.79, "sum_zp_12m": 0.79, "limit_exchange_count": 0.82, "max_outstanding_amount_6m": 0.94,
    "cnt_dep_act": 0.73, "sum_dep_now": 0.83, "avg_dep_avg_balance_1month": 0.85, "max_dep_avg_balance_3month": 0.73,
    "app_vehicle_ind": 0.83, "app_position_type_nm": 0.92, "visit_purposes": 0.85, "qnt_months_from_last_visit": 0.85,
    "super_clust": 0.0,
}  # fmt: skip


def test_same_seed_same_clients() -> None:
    assert list(generate(50)) == list(generate(50))
    assert list(generate(50)) != list(generate(50, seed=1))


def test_every_value_is_of_its_type_and_empty_as_often_as_the_dictionary_says() -> None:
    clients = list(generate(4000))
    fields = default_dictionary()
    assert list(clients[0]) == ["client_id", *(field.key for field in fields)]
    for field in fields:
        empty = sum(normalise(client[field.key], field.type) is None for client in clients) / len(clients)
        assert empty == pytest.approx(EMPTY_SHARES.get(field.key, empty), abs=0.03), field.key


def test_regions_are_eighty_and_not_uniform() -> None:
    regions = [client["reg_region_nm"] for client in generate(4000)]
    assert len(set(REGIONS)) == 80
    assert regions.count(REGIONS[0]) > 5 * regions.count(REGIONS[-1])


def test_the_spreadsheet_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "clients.xlsx"
    write_xlsx(path)
    with open_file(path, Limits()) as workbook:
        assert (workbook.row_count, len(workbook.columns)) == (1000, 26)
    assert path.stat().st_size < 400_000


def test_the_catalogue_is_whole() -> None:
    assert (len({product.key for product in PRODUCTS}), len({channel.key for channel in CHANNELS})) == (22, 8)
    assert {product.kind for product in PRODUCTS} == {kind.value for kind in ProductKind}
    assert all(product.link.startswith("https://severny-bereg.example/") for product in PRODUCTS)
    assert all(channel.max_length > 0 for channel in CHANNELS)
