"""axe finds nothing on any page: in light and dark, in Russian and English, wide and narrow."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Literal

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
SWITCH = "scheme => { document.documentElement.dataset.bsTheme = scheme }"
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


def open_page(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")


def speak(page: Page, language: str) -> None:
    page.goto("/profile")
    page.select_option("select[name=language]", language)
    with page.expect_navigation():  # the page may speak the language already
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
            page.evaluate(SWITCH, scheme)  # as the switch in the header does
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
    """Without movements, as axe would measure a colour on its way to another."""
    walk = Walk(SIZES[locale])
    view: dict[str, Any] = {"locale": locale, "viewport": walk.size, "reduced_motion": "reduce"}
    with closing(browser.new_context(base_url=studio.address, **view)) as context:
        page = context.new_page()
        open_page(page, "/sign-in")
        walk.look_at(page, "/sign-in")
        sign_in(page, MANAGER.email, MANAGER.password)
        speak(page, locale[:2])
        for _name, path in list(pages_of(page)):
            open_page(page, path)
            walk.look_at(page, path)
        speak(page, "ru")
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
    found = []
    for path in ADMIN_PAGES:
        open_page(page, f"/admin{path}")
        found += violations(page, f"/admin{path}")
    context.close()
    assert found == []
