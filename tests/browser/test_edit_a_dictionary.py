"""A marketer gives a field bands and sees at once what a prompt says, orders fields by keyboard, copies others."""

import re

from playwright.sync_api import Page, expect

from marketing_app.demonstration.services import MANAGER

from .conftest import sign_in

SALARY = "сумма зарплаты за 12 месяцев"


def test_the_preview_follows_the_form(page: Page) -> None:
    sign_in(page, MANAGER.email, MANAGER.password)
    page.get_by_role("link", name="Кредитная карта к осени").first.click()
    project = re.sub(r"(/projects/\d+).*", r"\1", page.url)
    page.goto(f"{project}/dictionary")
    page.get_by_role("link", name=SALARY).click()
    preview = page.locator("#preview")
    page.select_option("#sensitivity", "personal")
    page.check("#is_in_prompt")
    page.locator("button[hx-vals*=add][hx-vals*=bands]").click()
    page.locator("[name=bands-left]").fill("1")
    page.locator("[name=bands-right]").fill("почти нет")
    page.locator("#rest").fill("заметная")
    expect(preview.locator("dd").nth(1)).to_have_text("заметная")
    expect(preview.locator("dd").nth(2)).to_contain_text(f"{SALARY}: заметная")
    page.locator("button[hx-vals*=bands-0]").click()
    expect(preview.locator("dd").nth(1)).not_to_have_text("заметная")


def test_a_field_moves_by_the_keyboard_and_keeps_the_focus(page: Page) -> None:
    sign_in(page, MANAGER.email, MANAGER.password)
    page.get_by_role("link", name="Кредитная карта к осени").first.click()
    page.goto(re.sub(r"(/projects/\d+).*", r"\1/dictionary", page.url))
    first, second = (page.locator("tbody tr a").nth(n).inner_text() for n in (0, 1))
    page.locator("button[id^=down-]").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr a").first).to_have_text(second)
    expect(page.locator("button[id^=down-]").nth(1)).to_be_focused()
    page.locator("button[id^=up-]").nth(1).click()
    expect(page.locator("tbody tr a").first).to_have_text(first)


def test_what_a_copy_changes_is_shown_before_it_does(page: Page) -> None:
    sign_in(page, MANAGER.email, MANAGER.password)
    page.goto("/projects/new")
    page.fill("#name", "Копия словаря")
    page.click("main form button.btn-primary")
    page.wait_for_url(re.compile(r"/projects/\d+$"))
    page.goto(f"{page.url}/dictionary")
    page.get_by_role("link", name="регион").click()
    page.fill("#label", "область")
    page.click("#field button.btn-primary")
    page.wait_for_url("**/dictionary")
    page.goto(f"{page.url}/bring")
    page.check("#copy-mode-1")
    expect(page.locator("#copy-plan")).to_contain_text("область → регион")
    page.locator("section:has(#source) button.btn-primary").click()
    page.wait_for_url("**/dictionary")
    expect(page.get_by_role("link", name="регион")).to_be_visible()
