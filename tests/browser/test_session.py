"""A session that ends while somebody writes: the page says so, keeps the text, and saves it after signing in."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from marketing_app.demonstration.services import ACCOUNTS
from tests.browser.conftest import MANAGER as ADMINISTRATOR
from tests.browser.conftest import PASSWORD, sign_in
from tests.browser.tour import first_link

MANAGER = next(account for account in ACCOUNTS if account.email.startswith("manager"))
DEMONSTRATION = "/projects/1"
"""The first project of the database; other tests make further ones."""
TYPED = "Напиши предложение тепло и коротко."


@pytest.fixture
def writer(context: BrowserContext) -> Page:
    """A signed-in person's page. A refused request is an error to the browser's console, and one is refused here."""
    page = context.new_page()
    sign_in(page, MANAGER.email, MANAGER.password)
    return page


def write_a_prompt(page: Page) -> None:
    page.goto(f"{DEMONSTRATION}/channels")
    page.goto(first_link(page, r"/channels/\d+$"))
    page.fill("textarea[name=text]", f"{TYPED} {page.url} {page.evaluate('Date.now()')}")


def save(page: Page) -> None:
    page.locator("main form[method=post] button.btn-primary").first.click()


def end_session(page: Page) -> None:
    page.context.clear_cookies()


def sign_in_here(page: Page, password: str) -> None:
    expect(page.locator("#session-ended")).to_be_visible()
    page.fill("#session-ended [name=password]", password)
    page.click("#session-ended button[type=submit]")


def test_a_form_is_kept_and_saved_after_signing_in_on_the_page(writer: Page) -> None:
    write_a_prompt(writer)
    typed = writer.input_value("textarea[name=text]")
    end_session(writer)
    save(writer)
    expect(writer.locator("#session-ended")).to_contain_text("Сеанс")
    expect(writer.locator("#session-ended [name=email]")).to_have_value(MANAGER.email)
    expect(writer.locator("#session-ended [name=password]")).to_be_focused()
    assert Axe().run(writer).response["violations"] == []
    sign_in_here(writer, "a wrong password")
    expect(writer.locator("#session-ended .invalid-feedback")).to_be_visible()
    sign_in_here(writer, MANAGER.password)
    expect(writer.locator("#session-ended form")).to_have_count(0)
    assert writer.input_value("textarea[name=text]") == typed
    save(writer)
    expect(writer.locator("#flashes .alert-success")).to_be_visible()
    assert writer.input_value("textarea[name=text]") == typed


def test_a_form_is_saved_after_signing_in_in_another_tab(writer: Page) -> None:
    write_a_prompt(writer)
    typed = writer.input_value("textarea[name=text]")
    end_session(writer)
    save(writer)
    expect(writer.locator("#session-ended form")).to_be_visible()
    sign_in(writer.context.new_page(), MANAGER.email, MANAGER.password)
    expect(writer.locator("#session-ended form")).to_have_count(0)
    save(writer)
    expect(writer.locator("#flashes .alert-success")).to_be_visible()
    assert writer.input_value("textarea[name=text]") == typed


def test_what_htmx_asks_is_refused_without_touching_the_page(writer: Page) -> None:
    """The preview of a prompt, asked for at every pause of the typing."""
    write_a_prompt(writer)
    writer.wait_for_load_state("networkidle")
    before = writer.locator("main").inner_text()
    end_session(writer)
    writer.locator("textarea[name=text]").press_sequentially(" Да.")
    expect(writer.locator("#session-ended form")).to_be_visible()
    expect(writer.locator("textarea[name=text]")).to_be_focused()
    assert writer.locator("main").inner_text() == before
    sign_in_here(writer, MANAGER.password)
    expect(writer.locator("#session-ended form")).to_have_count(0)
    with writer.expect_response(lambda answer: "/preview" in answer.url or "/channels/" in answer.url) as answered:
        writer.locator("textarea[name=text]").press_sequentially(" Нет.")
    assert answered.value.status == 200


def test_a_text_of_the_admin_console_is_kept(context: BrowserContext) -> None:
    page = context.new_page()
    sign_in(page, ADMINISTRATOR, PASSWORD)
    page.goto("/admin/product/")
    page.goto(first_link(page, r"/product/edit/\?"))
    page.fill("textarea[name=description]", TYPED)
    end_session(page)
    page.locator("main form input[type=submit]").first.click()
    sign_in_here(page, PASSWORD)
    expect(page.locator("#session-ended form")).to_have_count(0)
    assert page.input_value("textarea[name=description]") == TYPED
    page.locator("main form input[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/admin/product/(\?|$)"))


def test_a_server_that_is_away_costs_no_text(writer: Page) -> None:
    write_a_prompt(writer)
    typed = writer.input_value("textarea[name=text]")
    writer.context.set_offline(True)
    save(writer)
    expect(writer.locator("#session-ended")).to_be_visible()
    assert writer.input_value("textarea[name=text]") == typed
    writer.context.set_offline(False)
    save(writer)
    expect(writer.locator("#flashes .alert-success")).to_be_visible()
