"""The admin console in a real browser: a delete asks, and no means no."""

from playwright.sync_api import Page, expect

from marketing_app.demonstration.services import ADMINISTRATOR
from tests.browser.conftest import sign_in


def test_a_delete_asks_and_is_taken_back(page: Page) -> None:
    sign_in(page, ADMINISTRATOR.email, ADMINISTRATOR.password)
    page.goto("/admin/product/?search=CURR_EXC")
    questions: list[str] = []

    def answer_no(dialog: object) -> None:
        questions.append(dialog.message)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", answer_no)
    page.locator("form.icon button").first.click()
    expect(page.locator("main")).to_contain_text("CURR_EXC")
    assert len(questions) == 1
