"""An administrator writes what a product is good for, and for whom."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from marketing_app.clients.conditions import Condition, Operator, from_json
from marketing_app.database import db
from marketing_app.models import Benefit, Product
from tests.admin.test_console import newest_audit
from tests.effort import BOUNDED_SECONDS, seconds_of_work
from tests.factories import a_product, a_user


@pytest.fixture
def console(client: FlaskClient) -> FlaskClient:
    client.sign_in(a_user("Администратор", is_administrator=True, language="en"))
    return client


@pytest.fixture
def card() -> Product:
    return a_product(description="Обслуживание бесплатно. Кешбэк 5% на АЗС.")


def save(console: FlaskClient, product: Product, text: str, lines: str = "", path: str = "new/", **more: Any) -> str:
    data = {"product_id": product.id, "text": text, "lines": lines, "sign_lines": "", "position": "0"} | more
    answer = console.post(f"/admin/benefit/{path}", data=data, follow_redirects=True)
    return str(answer.get_data(as_text=True))


def test_a_benefit_is_kept_with_its_conditions_and_can_be_changed(console: FlaskClient, card: Product) -> None:
    save(console, card, "кешбэк 5% на АЗС", "cnt_tr_oil_3m: 10..\napp_vehicle_ind: 1", sign_lines="возвращ* ... АЗС")
    benefit = db.session.scalars(db.select(Benefit)).one()
    assert benefit.product_id == card.id and benefit.signs == ["возвращ* ... АЗС"]
    assert from_json(benefit.conditions) == (
        Condition("data.cnt_tr_oil_3m", Operator.BETWEEN, ("10", "")),
        Condition("data.app_vehicle_ind", Operator.ONE_OF, ("1",)),
    )
    assert newest_audit().action == "create"
    shown = console.get(f"/admin/benefit/edit/?id={benefit.id}").get_data(as_text=True)
    assert "cnt_tr_oil_3m: 10..\napp_vehicle_ind: 1" in shown
    save(console, card, "обслуживание бесплатно", "age: 30..45", f"edit/?id={benefit.id}")
    db.session.refresh(benefit)
    assert benefit.text == "обслуживание бесплатно" and len(benefit.conditions) == 1
    assert "обслуживание бесплатно" in console.get("/admin/benefit/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("text", "lines", "reason"),
    [
        ("кешбэк 7% на АЗС", "", "7%"),
        ("без первоначального взноса", "", "promises"),
        ("кешбэк 5% на АЗС", "age 30", "write a field"),
        ("кешбэк 5% на АЗС", "sum_zp_12m: 100000..", "write a field"),
        ("кешбэк 5% на АЗС", "age: young", "no such values"),
        ("кешбэк 5% на АЗС", "gender: 7", "its values are"),
        ("кешбэк 5% на АЗС", "age: 1..\n" * 6, "At most 5"),
        ("", "", "required"),
    ],
)
def test_what_is_untrue_or_asks_for_a_secret_is_refused(
    console: FlaskClient, card: Product, text: str, lines: str, reason: str
) -> None:
    assert reason in save(console, card, text, lines)
    assert db.session.scalar(db.select(Benefit)) is None


def test_a_phrase_with_a_lone_bracket_is_refused(console: FlaskClient, card: Product) -> None:
    assert "bracket" in save(console, card, "кешбэк 5% на АЗС", sign_lines="кешбэк (на")
    assert db.session.scalar(db.select(Benefit)) is None


@pytest.mark.parametrize(
    ("signs", "reason"),
    [
        ("~" * 30, "too many ways"),
        ("а ... " * 5 + "а", "too many ways"),
        ("*а" * 3, "too many ways"),
        ("[" * 1_000, "too many ways"),
        ("((" * 500 + "))" * 500, "too many ways"),
        ("скидк*\n" * 300, "At most 2000 characters"),
        ("~" * 1_000_000, "At most 2000 characters"),
    ],
    ids=["marks", "gaps", "inner endings", "open brackets", "brackets", "many", "a long one"],
)
def test_phrases_that_would_take_long_to_find_are_refused(
    console: FlaskClient, card: Product, signs: str, reason: str
) -> None:
    assert reason in save(console, card, "кешбэк 5% на АЗС", sign_lines=signs)
    assert db.session.scalar(db.select(Benefit)) is None


@pytest.mark.parametrize("what", ["text", "lines"])
def test_a_megabyte_is_refused_at_once(console: FlaskClient, card: Product, what: str) -> None:
    data = {"text": "кешбэк 5% на АЗС", "lines": ""} | {what: "age: 1 " + " " * 500_000 + ". . " * 100_000}
    assert seconds_of_work(lambda: save(console, card, **data)) < BOUNDED_SECONDS
    assert db.session.scalar(db.select(Benefit)) is None


def test_nobody_else_finds_the_table(client: FlaskClient) -> None:
    client.sign_in(a_user())
    assert client.get("/admin/benefit/").status_code == 404
