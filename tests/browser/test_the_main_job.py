"""A marketer's first hour, as a person would do it: from signing in to the second draft of an offer."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in

ROOT = Path(__file__).parents[2]
FIRST_DRAFT_SECONDS = 120_000


def test_from_sign_in_to_the_second_draft(page: Page) -> None:
    sign_in(page)
    make_a_project(page)
    choose_channels(page)
    edit_the_prompt(page)
    load_clients(page)
    write_an_offer(page)
    ask_for_a_change(page)


def make_a_project(page: Page) -> None:
    page.goto("/projects/new")
    page.fill("input[name=name]", "Осенняя карта")
    page.select_option("select[name=product]", label="Кредитная карта")
    page.fill("[name=occasion]", "Начало учебного года")
    page.click("main form button[type=submit]")
    expect(page.locator("h1")).to_contain_text("Осенняя карта")


def choose_channels(page: Page) -> None:
    page.click("main nav >> text=Каналы")
    page.check("label:has-text('СМС') >> input")
    page.click("main form:has(input[name=channels]) button[type=submit]")
    expect(page.locator("main")).to_contain_text("СМС")


def edit_the_prompt(page: Page) -> None:
    page.locator("main a[href*='/channels/']").first.click()
    editor = page.locator("textarea[name=text]")
    expect(editor).to_have_value(re.compile(r"\{product\}"))
    editor.fill(editor.input_value() + "\nНе обещай лишнего.")
    page.click("main form:has(textarea[name=text]) button[type=submit]")
    expect(page.locator("main")).to_contain_text("2")
    expect(page.locator("textarea[name=text]")).to_have_value(re.compile("Не обещай лишнего"))


def load_clients(page: Page) -> None:
    page.click("main nav >> text=Клиенты")
    page.locator("main a[href$='/clients/upload']").first.click()
    page.set_input_files("input[type=file]", ROOT / "docs" / "clients.xlsx")
    page.click("main form:has(input[type=file]) button[type=submit]")
    page.wait_for_url("**/clients/uploads/*")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/clients/imports/*")
    expect(page.locator("main")).to_contain_text(re.compile(r"1\s?000"))


def write_an_offer(page: Page) -> None:
    page.click("main nav >> text=Предложения")
    page.locator("main a[href$='/offers/write']").first.click()
    page.click("main form[method=get] button[type=submit]")
    expect(page.locator("#preview")).to_contain_text("Кредитная карта")
    page.click("main form[method=post] button[type=submit]")
    page.wait_for_url("**/offers/*")
    watch_it_grow(page)


def watch_it_grow(page: Page) -> None:
    """Text is seen to grow, a reload loses nothing, and the end comes with what it took."""
    text = page.locator("[aria-busy] .draft-text").last
    expect(text).to_have_text(re.compile(r"\S{3,}"), timeout=FIRST_DRAFT_SECONDS)
    shorter = text.inner_text()
    page.wait_for_function(
        "before => document.querySelectorAll('.draft-text')[0].innerText.length > before", arg=len(shorter)
    )
    page.reload()
    expect(page.locator("[data-draft]").last).to_have_text(re.compile(r"\S{3,}"), timeout=FIRST_DRAFT_SECONDS)
    expect(page.locator("main")).to_contain_text("токенов в секунду")


def ask_for_a_change(page: Page) -> None:
    page.fill("textarea[name=request]", "Сделай короче")
    page.click("form:has(textarea[name=request]) button[type=submit]")
    expect(page.locator("[data-draft]")).to_have_count(2, timeout=FIRST_DRAFT_SECONDS)
    expect(page.locator("main")).to_contain_text("Сделай короче")
