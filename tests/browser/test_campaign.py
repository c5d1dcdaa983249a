"""A marketer ticks clients, starts a campaign and watches the real model write it, on two screens."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, Page, expect

from marketing_app.demonstration.services import ACCOUNTS
from tests.browser.conftest import Studio, sign_in
from tests.browser.tour import first_link

MANAGER = next(account for account in ACCOUNTS if account.email.startswith("manager"))
WRITTEN_WITHIN = 180_000
"""Milliseconds."""

# True once two shares were seen without a reload, the second one larger.
IT_GREW = """() => {
  const share = parseInt(document.querySelector("main [data-progress]").dataset.progress);
  window.seenShare ??= share;
  return share > window.seenShare;
}"""


def test_a_campaign_from_the_clients_page_to_its_last_text(page: Page, browser: Browser, studio: Studio) -> None:
    sign_in(page, MANAGER.email, MANAGER.password)
    count = start(page)
    watch_it_grow(page)
    pause(page)
    says_the_same_everywhere(page, browser, studio)
    resume(page)
    finishes(page, count)
    look_at_the_drafts(page)
    assert Axe().run(page).response["violations"] == []
    says_the_same_everywhere(page, browser, studio)


def test_cancelling_asks_first(page: Page) -> None:
    sign_in(page, MANAGER.email, MANAGER.password)
    start(page)
    questions: list[str] = []

    def answer(dialog: Dialog) -> None:
        questions.append(dialog.message)
        dialog.accept() if len(questions) > 1 else dialog.dismiss()

    page.on("dialog", answer)
    page.goto("/")
    page.click("#running summary")
    cancel = page.locator("#running button[hx-post$='/cancel']").first
    cancel.click()
    expect(page.locator("#flashes .alert")).to_have_count(0)
    cancel.click()
    expect(page.locator("#flashes .alert-success")).to_have_count(1)
    expect(page.locator("#running summary")).to_have_count(0)
    assert len(questions) == 2


def start(page: Page) -> int:
    """A campaign for all clients of the first page, three drafts each; returns how many offers it writes."""
    page.goto("/")
    page.goto(first_link(page, r"/projects/\d+$") + "/clients")
    boxes = page.locator("input[name=client_ids]")
    count = boxes.count()
    for position in range(count):
        boxes.nth(position).check()
    page.click("button[name=chosen]")
    page.select_option("select[name=channel_id]", label="СМС")
    page.uncheck("input[name=without_offer]")
    page.fill("input[name=drafts]", "3")
    expect(page.locator("#plan [data-count]")).to_have_attribute("data-count", str(count))
    page.click("#campaign-form button[type=submit]")
    page.wait_for_url(re.compile(r"/campaigns/\d+$"))
    return count


def watch_it_grow(page: Page) -> None:
    page.wait_for_function(IT_GREW, polling=50, timeout=WRITTEN_WITHIN)
    expect(page).to_have_title(re.compile(r"^\d+\s?% · "))


def pause(page: Page) -> None:
    page.click("#live button[hx-post$='/pause']")
    expect(page.locator("#live button[hx-post$='/resume']")).to_be_visible()
    expect(page.locator("#flashes .alert-success")).to_have_count(1)
    expect(page.locator("#live [data-state=writing]")).to_have_text(re.compile(r"\D0$"), timeout=WRITTEN_WITHIN)
    assert said(page)["waiting"] > 0


def resume(page: Page) -> None:
    page.click("#live button[hx-post$='/resume']")
    expect(page.locator("#live button[hx-post$='/pause']")).to_be_visible()


def finishes(page: Page, count: int) -> None:
    """The stream says the end by itself, and the page offers nothing to pause any more."""
    expect(page.locator("#live button[hx-post$='/pause']")).to_have_count(0, timeout=WRITTEN_WITHIN)
    counts = said(page)
    written = counts["ready"] + counts["needs_person"]
    assert written + counts["failed"] == count and written > 0
    assert counts["waiting"] == counts["writing"] == counts["cancelled"] == 0


def look_at_the_drafts(page: Page) -> None:
    """Every draft of a new text is there, of each attempt, and one is marked as chosen, unless the text bank finished
    the offer."""
    text = page.locator("#live details").first
    text.click()
    told = int(re.findall(r"\d+", text.locator("summary").inner_text())[0])
    assert told % 3 == 0, "three drafts in each attempt"
    expect(text.locator("li")).to_have_count(told)
    chosen = {each.locator("li .badge").count() for each in page.locator("#live details").all()}
    assert 1 in chosen <= {0, 1}


def says_the_same_everywhere(page: Page, browser: Browser, studio: Studio) -> None:
    """The first screen, the same after a reload, and a second browser."""
    before = said(page)
    page.reload()
    assert said(page) == before
    context = browser.new_context(base_url=studio.address, locale="ru-RU")
    second = context.new_page()
    sign_in(second, MANAGER.email, MANAGER.password)
    second.goto(page.url)
    assert said(second) == before
    context.close()


def said(page: Page) -> dict[str, int]:
    """How many offers the page says are in each state."""
    states = page.locator("#live [data-state]").evaluate_all(
        "all => all.map(one => [one.dataset.state, one.innerText])"
    )
    return {state: int(re.sub(r"\D", "", text)) for state, text in states}
