"""Clients come in by the wizard: from a file, from PostgreSQL, from MongoDB."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from marketing_app.demonstration.services import MANAGER
from tests.browser.conftest import sign_in
from tests.browser.tour import first_link
from tests.imports.mongo_server import MongoServer, mongo_server

LOADED_WITHIN = 60_000
FETCHED_WITHIN = 30_000
"""Milliseconds."""
ON_TO_COLUMNS = "#source a[href$='/columns']"


@pytest.fixture
def project(page: Page) -> str:
    """The address of a project without clients."""
    sign_in(page, MANAGER.email, MANAGER.password)
    page.goto("/projects/new")
    page.fill("input[name=name]", "Загрузка")
    page.select_option("select[name=product_id]", index=1)
    page.click("main form button[type=submit]")
    page.wait_for_url(re.compile(r"/projects/\d+"))
    return str(re.search(r".*/projects/\d+", page.url)[0])  # type: ignore[index]


@pytest.fixture
def mongo() -> Iterator[MongoServer]:
    people = [{"client_id": f"M{n:04}", "age": 20 + n % 60, "gender": str(n % 2)} for n in range(1500)]
    with mongo_server({"bank.clients": people}, "reader", "mongo secret") as server:
        yield server


def choose_file(page: Page, project: str, file: Path) -> None:
    page.goto(f"{project}/clients/load")
    page.set_input_files("input[type=file]", file)
    page.click("main form:has(input[type=file]) button[type=submit]")
    page.wait_for_url("**/clients/sources/*")


def load(page: Page, count: str) -> None:
    page.click("main form:has(#duplicates) button.btn-primary")
    page.wait_for_url("**/clients/imports/*")
    expect(page.locator("#load")).to_contain_text(re.compile(rf"Добавлено\s*{count}(?!\d)"), timeout=LOADED_WITHIN)


def a_table(path: Path, header: str, *rows: str) -> Path:
    path.write_text("\n".join([header, *rows, ""]), encoding="windows-1251")
    return path


def test_a_file_from_its_preview_to_its_clients(page: Page, project: str, tmp_path: Path) -> None:
    rows = [f"F{n};{20 + n};кот" for n in range(20)]
    choose_file(page, project, a_table(tmp_path / "осень.csv", "client_id;age;питомец", *rows))
    expect(page.locator("#source")).to_contain_text("кот")
    page.click(ON_TO_COLUMNS)
    expect(page.locator("#target-2")).to_have_value("new")
    page.fill("input[name=label-2]", "питомец")
    page.check("input[name=prompt-2]")
    load(page, "20")
    page.locator("#load a[href$='/clients']").click()
    expect(page.locator("main")).to_contain_text("F19")


def test_the_demonstration_database_is_loaded_without_a_manual(page: Page, project: str) -> None:
    page.goto(f"{project}/clients/load")
    page.click("main a:has-text('PostgreSQL')")
    page.locator("main a[href*='trial']").click()
    page.click("main form:has(textarea[name=query]) button[type=submit]")
    page.wait_for_url("**/clients/sources/*")
    page.locator(ON_TO_COLUMNS).click(timeout=FETCHED_WITHIN)
    assert page.locator("option[value=new]:checked").count() == 0
    load(page, r"1\s?000")


def test_a_collection_of_mongodb(page: Page, project: str, mongo: MongoServer) -> None:
    page.goto(f"{project}/clients/load?kind=mongodb")
    page.fill("input[name=host]", "127.0.0.1")
    page.fill("input[name=port]", str(mongo.port))
    page.fill("input[name=database]", "bank")
    page.fill("input[name=user]", "reader")
    page.fill("input[name=password]", "mongo secret")
    page.fill("input[name=collection]", "clients")
    page.fill("textarea[name=filter]", '{"age": {"$gte": 50}}')
    page.click("main form:has(textarea[name=filter]) button[type=submit]")
    page.wait_for_url("**/clients/sources/*")
    page.locator(ON_TO_COLUMNS).click(timeout=FETCHED_WITHIN)
    load(page, "750")


def test_the_wizard_is_left_and_taken_up_again(page: Page, project: str, tmp_path: Path) -> None:
    choose_file(page, project, a_table(tmp_path / "left.csv", "client_id;pets", "A1;кот", "A2;пёс"))
    page.click(ON_TO_COLUMNS)
    with page.expect_response("**/answers"):
        page.fill("input[name=label-1]", "питомцы дома")
        page.press("input[name=label-1]", "Tab")
    page.goto("/")
    page.goto(f"{project}/clients/load")
    page.goto(first_link(page, r"/clients/sources/\d+/columns$"))
    expect(page.locator("input[name=label-1]")).to_have_value("питомцы дома")
    load(page, "2")


def test_a_warning_comes_with_the_choice_that_causes_it(page: Page, project: str, tmp_path: Path) -> None:
    choose_file(page, project, a_table(tmp_path / "ids.csv", "client_id;age", "A1;30", "A2;31"))
    page.click(ON_TO_COLUMNS)
    expect(page.locator("#duplicates [role=status]")).to_have_count(0)
    page.select_option("#target-0", "none")
    expect(page.locator("#duplicates [role=status]")).to_be_visible()
    page.select_option("#target-0", "client_id")
    expect(page.locator("#duplicates [role=status]")).to_have_count(0)
