"""axe finds nothing on any page: in light and dark, in Russian and English, wide and narrow."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from marketing_app.demonstration.services import ACCOUNTS
from tests.browser.conftest import Studio, sign_in
from tests.browser.tour import pages_of

MANAGER = next(account for account in ACCOUNTS if account.email.startswith("manager"))
ADMINISTRATOR = next(account for account in ACCOUNTS if account.is_administrator)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TELEPHONE = ViewportSize(width=360, height=780)
SIZES = {"ru-RU": ViewportSize(width=1280, height=900), "en-GB": TELEPHONE}
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


def violations(page: Page, path: str) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{path}: {each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]


def opened(page: Page, path: str) -> str:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    return path


def speak(page: Page, language: str) -> None:
    page.goto("/profile")
    page.select_option("select[name=language]", language)
    page.click("form:has(select[name=language]) button[type=submit]")
    expect(page.locator("html")).to_have_attribute("lang", language)


@dataclass
class Walk:
    """What was found on the way through all pages in one language: each page is opened once and looked at in turn."""

    size: ViewportSize
    found: dict[str, list[str]] = field(default_factory=lambda: {scheme: [] for scheme in SCHEMES})
    too_wide: list[str] = field(default_factory=list)

    def look_at(self, page: Page, path: str) -> None:
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            self.found[scheme] += violations(page, path)
        page.set_viewport_size(TELEPHONE)
        if page.evaluate("document.documentElement.scrollWidth") > TELEPHONE["width"]:
            self.too_wide.append(path)
        page.set_viewport_size(self.size)


@pytest.fixture(scope="session")
def walks(browser: Browser, studio: Studio) -> Callable[[str], Walk]:
    """The walk in a language, made once."""
    return cache(partial(walk_through, browser, studio))


def walk_through(browser: Browser, studio: Studio, locale: str) -> Walk:
    walk = Walk(SIZES[locale])
    context = browser.new_context(base_url=studio.address, locale=locale, viewport=walk.size)
    page = context.new_page()
    walk.look_at(page, opened(page, "/sign-in"))
    sign_in(page, MANAGER.email, MANAGER.password)
    speak(page, locale[:2])
    for _name, path in list(pages_of(page)):
        walk.look_at(page, opened(page, path))
    speak(page, "ru")
    context.close()
    return walk


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("locale", SIZES)
def test_axe_is_content_with_every_page(walks: Callable[[str], Walk], scheme: str, locale: str) -> None:
    assert walks(locale).found[scheme] == []


@pytest.mark.parametrize("locale", SIZES)
def test_no_page_is_wider_than_a_telephone(walks: Callable[[str], Walk], locale: str) -> None:
    assert walks(locale).too_wide == []


def test_axe_is_content_with_the_admin_console(browser: Browser, studio: Studio) -> None:
    context = browser.new_context(base_url=studio.address, locale="ru-RU")
    page = context.new_page()
    sign_in(page, ADMINISTRATOR.email, ADMINISTRATOR.password)
    found = [finding for path in ADMIN_PAGES for finding in violations(page, opened(page, f"/admin{path}"))]
    context.close()
    assert found == []
