"""A marketer's first hour, as a person would do it: from signing in to the second draft of an offer."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, sign_in

ROOT = Path(__file__).parents[2]
FIRST_DRAFT_WITHIN = 120_000
LOADED_WITHIN = 60_000
"""Milliseconds."""

# True once a text was seen twice, the second time with more behind it; a further draft begins anew.
IT_GREW = """() => {
  const text = document.querySelector("[aria-busy] .draft-text")?.innerText ?? "";
  const before = window.seenText;
  window.seenText = text;
  return Boolean(before) && text.length > before.length && text.startsWith(before);
}"""

COLLEAGUE = "petr@bank.example"
NEW_PASSWORD = "another long password"


def test_from_sign_in_to_the_second_draft(page: Page) -> None:
    sign_in(page)
    make_a_product(page)
    make_an_account(page)
    change_the_password(page)
    make_a_project(page)
    appoint_a_member(page)
    choose_channels(page)
    edit_the_prompt(page)
    load_clients(page)
    write_an_offer(page)
    ask_for_a_change(page)
    pick_the_first_of_two(page)


def make_a_product(page: Page) -> None:
    """In the admin console: the walker is an administrator too."""
    page.goto("/admin/product/new/")
    page.fill("input[name=key]", "CC_AUTUMN")
    page.fill("input[name=name]", "Осенняя кредитная карта")
    page.select_option("select[name=kind]", "card", force=True)
    page.fill("textarea[name=description]", "Лимит до 300 000 рублей, до 100 дней без процентов.")
    page.click("form input[type=submit]")
    expect(page.locator("main")).to_contain_text("CC_AUTUMN")


def make_an_account(page: Page) -> None:
    page.goto("/admin/user/new/")
    page.fill("input[name=email]", COLLEAGUE)
    page.fill("input[name=name]", "Пётр")
    page.fill("input[name=password]", PASSWORD)
    page.click("form input[type=submit]")
    expect(page.locator("main")).to_contain_text(COLLEAGUE)


def change_the_password(page: Page) -> None:
    page.goto("/profile")
    page.fill("input[name=old]", PASSWORD)
    page.fill("input[name=new]", NEW_PASSWORD)
    page.fill("input[name=again]", NEW_PASSWORD)
    page.click("form:has(input[name=old]) button[type=submit]")
    expect(page.locator("#flashes")).to_contain_text("Пароль изменён")
    page.click("header button:has-text('Выйти')")
    sign_in(page, password=NEW_PASSWORD)


def appoint_a_member(page: Page) -> None:
    page.click("main nav >> text=Участники")
    page.fill("input[name=email]", COLLEAGUE)
    page.click("main form:has(input[name=email]) button[type=submit]")
    expect(page.locator("main table:has(button[name=email])")).to_contain_text(COLLEAGUE)


def make_a_project(page: Page) -> None:
    page.goto("/projects/new")
    page.fill("input[name=name]", "Осенняя карта")
    page.select_option("select[name=product_id]", label="Осенняя кредитная карта")
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
    page.locator("main a[href$='/clients/load']").first.click()
    page.set_input_files("input[type=file]", ROOT / "docs" / "clients.xlsx")
    page.click("main form:has(input[type=file]) button[type=submit]")
    page.wait_for_url("**/clients/sources/*")
    page.locator("main a[href$='/columns']").last.click()
    page.select_option("select[name=target-25]", "new")
    page.fill("input[name=label-25]", "")
    page.select_option("select[name=target-25]", "none")
    expect(page.locator("input[name=label-25]")).to_be_hidden()
    page.click("main form:has(#duplicates) button.btn-primary")
    page.wait_for_url("**/clients/imports/*")
    expect(page.locator("#load")).to_contain_text(re.compile(r"1\s?000"), timeout=LOADED_WITHIN)


def write_an_offer(page: Page) -> None:
    page.click("main nav >> text=Предложения")
    page.locator("main a[href$='/offers/write']").first.click()
    page.click("main form[method=get] button[type=submit]")
    expect(page.locator("#preview")).to_contain_text("Осенняя кредитная карта")
    page.click("main form[method=post] button[type=submit]")
    page.wait_for_url("**/offers/*")
    watch_it_grow(page)


def watch_it_grow(page: Page) -> None:
    """Text is seen to grow, a reload loses nothing, and the end comes with what it took."""
    page.wait_for_function(IT_GREW, polling=20, timeout=FIRST_DRAFT_WITHIN)
    page.reload()
    expect(page.locator("[data-draft]").last).to_have_text(re.compile(r"\S{3,}"), timeout=FIRST_DRAFT_WITHIN)
    expect(page.locator("main")).to_contain_text("токена в секунду")


def ask_for_a_change(page: Page) -> None:
    page.fill("textarea[name=request]", "Сделай короче")
    page.click("form:has(textarea[name=request]) button[type=submit]")
    expect(page.locator("[data-draft]")).to_have_count(2, timeout=FIRST_DRAFT_WITHIN)
    expect(page.locator("main")).to_contain_text("Сделай короче")


def pick_the_first_of_two(page: Page) -> None:
    page.click("main a[href$='/compare']")
    expect(page.locator(".mark-differs").first).to_be_visible()
    page.click("form[action$='/pick'] button")
    page.wait_for_url(re.compile(r"/offers/\d+$"))
    badges = page.locator("#conversation article .bg-primary-lt")
    expect(badges).to_have_count(1)
    expect(page.locator("#conversation article").nth(1).locator(".bg-primary-lt")).to_have_count(1)
