"""A marketer changes a prompt, looks at what differs and tries both versions on the same ten clients."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from marketing_app.demonstration.services import ACCOUNTS
from tests.browser.conftest import sign_in
from tests.browser.tour import first_link

MANAGER = next(account for account in ACCOUNTS if account.email.startswith("manager"))
WRITTEN_WITHIN = 180_000
"""Milliseconds."""


def test_two_versions_from_the_editor_to_a_split_campaign(page: Page) -> None:
    sign_in(page, MANAGER.email, MANAGER.password)
    save_another_version(page)
    page.click("main a[href*='/versions?']")
    expect(page.locator(".mark-differs")).to_have_count(1)
    page.click("main a[href*='/versions/trial']")
    page.click("main button[name=seed]")
    expect(page.locator("#trial section")).to_have_count(10)
    expect(page.locator("#trial progress")).to_have_count(0, timeout=WRITTEN_WITHIN)
    expect(page.locator("#trial [data-draft]")).to_have_count(20)
    assert Axe().run(page).response["violations"] == []
    drawn = page.locator("#trial section h3").all_inner_texts()
    page.locator("main button[name=seed]").nth(1).click()
    expect(page.locator("#trial section")).to_have_count(10)
    assert page.locator("#trial section h3").all_inner_texts() != drawn
    page.click("main a[href*='/campaigns/new']")
    expect(page.locator("select[name=compared_id]")).not_to_have_value("0")


def save_another_version(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Кредитная карта к осени").first.click()
    page.wait_for_url(re.compile(r"/projects/\d+$"))
    page.goto(f"{page.url}/channels")
    page.goto(first_link(page, r"/channels/\d+$"))
    in_use = int(page.locator("tr:has(.bg-success-lt) td").first.inner_text().split()[0])
    text = page.locator("textarea[name=text]")
    text.fill(f"{text.input_value()}\nПиши коротко.")
    page.fill("input[name=note]", "короче")
    page.locator("main form[method=post] button.btn-primary").click()
    expect(page.locator("#flashes .alert-success")).to_have_text(re.compile(rf"\b{in_use + 1}\b"))
