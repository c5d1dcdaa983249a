"""axe finds nothing on any page: in light and dark, in Russian and English, wide and narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from marketing_app.demonstration.services import ACCOUNTS
from tests.browser.conftest import Studio, sign_in
from tests.browser.tour import pages_of

MANAGER = next(account for account in ACCOUNTS if account.email.startswith("manager"))
ADMINISTRATOR = next(account for account in ACCOUNTS if account.is_administrator)
ADMIN_PAGES = (
    "",
    "/product/",
    "/product/new/",
    "/benefit/",
    "/benefit/new/",
    "/channel/",
    "/channel_rules/",
    "/user/",
    "/user/new/",
    "/audit/",
    "/model/",
)


def findings(page: Page, path: str) -> list[str]:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    violations = Axe().run(page).response["violations"]
    return [f"{path}: {v['id']}: {node['html'][:160]}" for v in violations for node in v["nodes"]]


def speak(page: Page, language: str) -> None:
    page.goto("/profile")
    page.select_option("select[name=language]", language)
    page.click("form:has(select[name=language]) button[type=submit]")
    expect(page.locator("html")).to_have_attribute("lang", language)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["ru-RU", "en-GB"])
def test_axe_is_content_with_every_page(browser: Browser, studio: Studio, scheme: str, locale: str) -> None:
    size = {"width": 1280, "height": 900} if locale == "ru-RU" else {"width": 360, "height": 780}
    context = browser.new_context(base_url=studio.address, locale=locale, color_scheme=scheme, viewport=size)  # type: ignore[arg-type]
    page = context.new_page()
    found = findings(page, "/sign-in")
    sign_in(page, MANAGER.email, MANAGER.password)
    speak(page, locale[:2])
    for _name, path in list(pages_of(page)):
        found += findings(page, path)
    speak(page, "ru")
    context.close()
    assert found == []


def test_axe_is_content_with_the_admin_console(browser: Browser, studio: Studio) -> None:
    context = browser.new_context(base_url=studio.address, locale="ru-RU")
    page = context.new_page()
    sign_in(page, ADMINISTRATOR.email, ADMINISTRATOR.password)
    found = [finding for path in ADMIN_PAGES for finding in findings(page, f"/admin{path}")]
    context.close()
    assert found == []


def test_no_page_is_wider_than_a_telephone(browser: Browser, studio: Studio) -> None:
    context = browser.new_context(base_url=studio.address, locale="ru-RU", viewport={"width": 360, "height": 780})
    page = context.new_page()
    sign_in(page, MANAGER.email, MANAGER.password)
    too_wide = []
    for _name, path in list(pages_of(page)):
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth") > 360:
            too_wide.append(path)
    context.close()
    assert too_wide == []
