"""A reviewer at the keyboard alone: reads, approves, edits, rejects, takes back, and has another draft written."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, text

from marketing_app.demonstration.services import ACCOUNTS
from tests.browser.conftest import Studio, sign_in

MANAGER = next(account for account in ACCOUNTS if account.email.startswith("manager"))
WRITTEN_WITHIN = 120_000
"""Milliseconds."""
COUNT = 4

TEXTS = text(
    """
    INSERT INTO offer (project_id, project_channel_id, client_id, prompt_version_id, state, failure, failure_detail,
        attempt_count, text, verdict, outcome, written_at)
    SELECT project.id, channel.id, client.id, version.id, 'ready', '', '{}', 0,
        product.name || ': узнайте больше в приложении. ' || (ARRAY[
            'Ждём вас.', 'Приходите.', 'Будем рады.', 'До встречи.'])[
            row_number() OVER ()
        ], 'clean', 'unknown', now()
    FROM project
    JOIN product ON product.id = project.product_id
    JOIN LATERAL (SELECT id FROM project_sale_channel WHERE project_id = project.id LIMIT 1) AS channel ON true
    JOIN LATERAL (
        SELECT id FROM prompt_version WHERE project_channel_id = channel.id ORDER BY number LIMIT 1
    ) AS version ON true
    JOIN LATERAL (
        SELECT id FROM client WHERE project_id = project.id AND id NOT IN (SELECT client_id FROM offer)
        ORDER BY id DESC LIMIT :count
    ) AS client ON true
    WHERE project.id = (SELECT min(project_id) FROM client)
    RETURNING project_id
    """
)

THEIR_DRAFTS = text(
    """
    WITH draft AS (
        INSERT INTO message (offer_id, role, state, text, is_beginning, prompt, drafts, model_name,
            prompt_token_count, token_count, seconds, failure)
        SELECT id, 'draft', 'ready', text, false, '', '[]', '', 0, 0, 0, '' FROM offer WHERE current_id IS NULL
        RETURNING id, offer_id
    )
    UPDATE offer SET current_id = draft.id FROM draft WHERE draft.offer_id = offer.id
    """
)


@pytest.fixture
def project(studio: Studio) -> int:
    """The demonstration project, with a few texts that nobody has decided about."""
    engine = create_engine(studio.environment["DATABASE_URL"])
    with engine.begin() as connection:
        project_id = connection.execute(TEXTS, {"count": COUNT}).scalars().first()
        connection.execute(THEIR_DRAFTS)
    engine.dispose()
    assert project_id is not None
    return int(project_id)


def test_review_by_keyboard_alone(page: Page, project: int) -> None:
    sign_in(page, MANAGER.email, MANAGER.password)
    page.goto(f"/projects/{project}/review")
    shows_its_keys(page)
    moves_to_and_fro(page)
    approves_and_takes_back(page)
    edits_with_checks(page)
    rejects(page)
    has_another_written(page)
    expect(page.locator("#under-review")).to_have_count(1)
    assert [(each["id"], each["nodes"][0]["html"][:300]) for each in Axe().run(page).response["violations"]] == []


# Letters of the Russian layout, by the place of the key.
RUSSIAN = {"KeyA": "ф", "KeyE": "у", "KeyJ": "о", "KeyK": "л", "KeyU": "г"}


@pytest.mark.parametrize("layout", ["russian", "caps lock", "russian, caps lock"])
def test_the_keys_are_those_of_any_layout(page: Page, project: int, layout: str) -> None:
    sign_in(page, MANAGER.email, MANAGER.password)
    page.goto(f"/projects/{project}/review")

    def press(code: str) -> None:
        letter = RUSSIAN[code] if "russian" in layout else code.removeprefix("Key").lower()
        press_key(page, code, letter.upper() if "caps lock" in layout else letter)

    first = shown(page)
    press("KeyJ")
    page.wait_for_url(re.compile(r"/review/\d+"))
    assert shown(page) != first
    press("KeyK")
    expect(page.locator("[data-text]")).to_have_text(first, use_inner_text=True)
    press("KeyA")
    done(page)
    press("KeyU")
    expect(page.locator("[data-text]")).to_have_text(first, use_inner_text=True)
    press("KeyE")
    expect(page.locator("#text")).to_be_focused()


def test_the_keys_are_shown_from_the_russian_layout(page: Page, project: int) -> None:
    """Where "?" is Shift and 7, and Shift and the key of the slash is a comma."""
    sign_in(page, MANAGER.email, MANAGER.password)
    page.goto(f"/projects/{project}/review")
    press_key(page, "Digit7", "?", shift=True)
    expect(page.locator("kbd").first).to_be_visible()
    press_key(page, "Slash", ",", shift=True)
    expect(page.locator("kbd").first).to_be_hidden()


def test_shift_with_a_letter_decides_nothing(page: Page, project: int) -> None:
    sign_in(page, MANAGER.email, MANAGER.password)
    page.goto(f"/projects/{project}/review")
    press_key(page, "KeyE", "E", shift=True)
    expect(page.locator("#text")).to_be_hidden()


def press_key(page: Page, code: str, key: str, shift: bool = False) -> None:
    """As the browser hears it from a keyboard with this key at this place."""
    browser = page.context.new_cdp_session(page)
    event = {"key": key, "code": code, "modifiers": 8 if shift else 0}
    browser.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": key, **event})
    browser.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})
    browser.detach()


def shown(page: Page) -> str:
    return page.locator("[data-text]").inner_text()


def done(page: Page) -> None:
    expect(page.locator("#flashes .alert-success")).to_have_count(1)


def shows_its_keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("kbd").first).to_be_visible()


def moves_to_and_fro(page: Page) -> None:
    first = shown(page)
    page.keyboard.press("j")
    page.wait_for_url(re.compile(r"/review/\d+"))
    assert shown(page) != first
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-text]")).to_have_text(first, use_inner_text=True)


def approves_and_takes_back(page: Page) -> None:
    first = shown(page)
    page.keyboard.press("a")
    done(page)
    assert shown(page) != first
    page.keyboard.press("u")
    done(page)
    expect(page.locator("[data-text]")).to_have_text(first, use_inner_text=True)


def edits_with_checks(page: Page) -> None:
    page.keyboard.press("e")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("Ставка 7% ждёт вас. jaruk")
    expect(page.locator("#as-typed mark.mark-block").first).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("Загляните в приложение банка.")
    page.keyboard.press("Control+Enter")
    done(page)
    expect(page.locator("[data-text]")).to_contain_text("Загляните в приложение банка.")
    expect(page.locator(".mark-differs").first).to_be_visible()


def rejects(page: Page) -> None:
    before = page.url
    page.keyboard.press("r")
    expect(page.locator("#quick")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url != before)
    done(page)


def has_another_written(page: Page) -> None:
    before = shown(page)
    page.keyboard.press("v")
    page.keyboard.type("Короче")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#under-review [aria-busy]")).to_have_count(1)
    expect(page.locator("[data-text]")).to_be_visible(timeout=WRITTEN_WITHIN)
    assert shown(page) != before
