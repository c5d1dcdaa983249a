"""The admin console in a real browser. Its fixture `page` fails on any complaint of the browser's console, so also on
whatever the content security policy stops."""

from playwright.sync_api import Dialog, Page, expect

from marketing_app.demonstration.services import ADMINISTRATOR
from tests.browser.conftest import sign_in

KEY = "ZZ_BROWSER"


def open_console(page: Page, path: str) -> None:
    sign_in(page, ADMINISTRATOR.email, ADMINISTRATOR.password)
    page.goto(f"/admin/{path}")


def test_a_delete_asks_and_is_taken_back(page: Page) -> None:
    open_console(page, "product/?search=CURR_EXC")
    questions: list[str] = []

    def answer_no(dialog: Dialog) -> None:
        questions.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", answer_no)
    page.locator("form.icon button").first.click()
    expect(page.locator("main")).to_contain_text("CURR_EXC")
    assert len(questions) == 1


def test_a_product_is_made_found_changed_and_deleted(page: Page) -> None:
    open_console(page, "product/")
    page.click(".nav-tabs a[href*='/product/new/']")
    page.fill("[name=key]", KEY)
    page.fill("[name=name]", "Пробный продукт")
    page.select_option("[name=kind]", "card")
    page.click("input[type=submit].btn-primary")

    filter_by_key(page, KEY)
    expect(page.locator(".model-list tbody tr, .model-list > tr")).to_have_count(1)
    page.click("a.icon[href*='/edit/']")
    page.fill("[name=name]", "Продукт с другим именем")
    page.click("input[type=submit].btn-primary")
    expect(page.locator(".model-list")).to_contain_text("Продукт с другим именем")

    page.on("dialog", lambda dialog: dialog.accept())
    page.click("form.icon button")
    expect(page.locator(".alert-success")).to_be_visible()
    expect(page.locator(".model-list")).not_to_contain_text(KEY)


def filter_by_key(page: Page, value: str) -> None:
    """As a person does it: add a filter, take another operation than the first, write a value, apply."""
    page.click(".nav-tabs .dropdown-toggle:has-text('фильтр')")
    page.click(".field-filters a:has-text('Ключ')")
    page.click(".filters .select2-choice")
    page.click(".select2-results li >> nth=2")
    page.fill(".filters input.filter-val", value)
    page.click("#filter_form button[type=submit]")
    page.wait_for_url("**flt*")


def test_rows_are_looked_at_sorted_and_shown_in_other_numbers(page: Page) -> None:
    open_console(page, "project/")
    page.click("a.icon[href*='/details/']")
    page.fill("#fa_filter", "2026")
    page.click(".nav-tabs a >> nth=0")
    page.click(".model-list th a >> nth=0")
    page.click(".nav-tabs .dropdown-toggle >> nth=1")
    page.click(".dropdown-menu.show a >> nth=1")
    page.wait_for_url("**page_size=50**")


def test_a_time_is_chosen_in_a_calendar(page: Page) -> None:
    open_console(page, "opt_out/")
    page.click(".nav-tabs .dropdown-toggle >> nth=0")
    page.click(".field-filters a >> nth=1")
    page.click(".filters input.filter-val")
    expect(page.locator(".daterangepicker").last).to_be_visible()
    page.locator(".daterangepicker").last.locator("td.available").first.click()
    page.locator(".daterangepicker").last.locator("button.applyBtn").click()
    page.click("#filter_form button[type=submit]")
    page.wait_for_url("**flt*")
