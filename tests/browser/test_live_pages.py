"""Pages that follow what goes on: many at a time, in tabs that nobody sees, and to their end."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pydantic import SecretStr

from marketing_app import create_app
from marketing_app.database import db
from marketing_app.demonstration.services import ACCOUNTS
from marketing_app.models import (
    Campaign,
    CampaignState,
    Client,
    DraftState,
    Message,
    MessageRole,
    Offer,
    OfferState,
    Project,
    ProjectUser,
    User,
)
from marketing_app.settings import Settings
from marketing_app.web.concurrency import STREAMS_OF_A_PERSON
from tests.browser.conftest import Studio, sign_in
from tests.factories import PASSWORD, QUICK_HASH, a_campaign, an_offer, saved

MANAGER = next(account for account in ACCOUNTS if account.email.startswith("manager"))
OPEN_PAGES = 7
"""One more than the connections that a browser opens to a host over HTTP/1.1."""
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def tables(studio: Studio) -> Iterator[None]:
    """The tables of the running program, for the factories."""
    settings = Settings(database_url=SecretStr(studio.environment["DATABASE_URL"]), secret_key=SecretStr("k" * 40))
    with create_app(settings).app_context():
        yield
        db.session.remove()


def paused_campaigns(count: int) -> list[Campaign]:
    """Campaigns of the demonstration project that nobody writes, each with two waiting offers."""
    clients = db.session.scalars(db.select(Client).order_by(Client.project_id, Client.id).limit(2)).all()
    project = db.session.get_one(Project, clients[0].project_id)
    campaigns = [a_campaign(project, offer_count=2, state=CampaignState.PAUSED) for _number in range(count)]
    for campaign in campaigns:
        for client in clients:
            an_offer(campaign, client)
    return campaigns


def fail_one_offer(campaign: Campaign) -> None:
    waiting = db.select(Offer).filter_by(campaign_id=campaign.id, state=OfferState.WAITING).limit(1)
    offer = db.session.scalars(waiting).one()
    offer.state, offer.failure = OfferState.FAILED, "interrupted"
    db.session.commit()


def show(page: Page, campaign: Campaign) -> None:
    page.goto(f"/projects/{campaign.project_id}/campaigns/{campaign.id}", wait_until="domcontentloaded")


def says(page: Page, share: str) -> None:
    expect(page.locator("#live strong.fs-2")).to_have_text(re.compile(share))


def test_an_eighth_page_loads_beside_seven_live_ones_that_all_go_on(
    context: BrowserContext, page: Page, tables: None
) -> None:
    sign_in(page, MANAGER.email, MANAGER.password)
    campaigns = paused_campaigns(OPEN_PAGES)
    pages = [context.new_page() for _each in campaigns]
    for each, campaign in zip(pages, campaigns, strict=True):
        show(each, campaign)
        says(each, "^0")
    page.goto("/projects/new", timeout=5_000)
    for each, campaign in zip(pages, campaigns, strict=True):
        fail_one_offer(campaign)
        says(each, "^50")


def test_a_page_that_nobody_sees_pauses_and_goes_on(page: Page, tables: None) -> None:
    sign_in(page, MANAGER.email, MANAGER.password)
    campaign = paused_campaigns(1)[0]
    show(page, campaign)
    fail_one_offer(campaign)
    says(page, "^50")
    page.evaluate(HIDE, True)
    fail_one_offer(campaign)
    page.wait_for_timeout(3_000)
    says(page, "^50")
    page.evaluate(HIDE, False)
    says(page, "^100")


def test_a_draft_is_busy_until_its_stream_ends(page: Page, tables: None) -> None:
    """A draft of another process, which ends while the page is open."""
    sign_in(page, MANAGER.email, MANAGER.password)
    offer = db.session.scalars(db.select(Offer).filter_by(campaign_id=paused_campaigns(1)[0].id)).first()
    assert offer
    draft = Message(role=MessageRole.DRAFT, state=DraftState.WRITING, text="Ждём", offer_id=offer.id)
    draft.touched_at = datetime.now(UTC) + timedelta(hours=1)
    saved(draft)
    page.goto(f"/projects/{offer.project_id}/offers/{offer.id}")
    expect(page.locator("[aria-busy=true] .draft-text")).to_have_text("Ждём")
    draft.state, draft.failure = DraftState.FAILED, "interrupted"
    db.session.commit()
    expect(page.locator(f"#message-{draft.id} .spinner-border")).to_have_count(0)
    expect(page.locator("[aria-busy], [data-stream]")).to_have_count(0)


def test_a_stream_goes_on_after_signing_in_again(context: BrowserContext, tables: None) -> None:
    page = context.new_page()
    sign_in(page, MANAGER.email, MANAGER.password)
    campaign = paused_campaigns(1)[0]
    show(page, campaign)
    says(page, "^0")
    context.clear_cookies()
    page.evaluate(HIDE, True)
    page.evaluate(HIDE, False)
    fail_one_offer(campaign)
    expect(page.locator("#session-ended form")).to_be_visible()
    says(page, "^0")
    page.fill("#session-ended [name=password]", MANAGER.password)
    page.click("#session-ended button[type=submit]")
    says(page, "^50")


def test_a_page_that_gets_no_stream_says_why_and_goes_on_when_there_is_room(
    context: BrowserContext, page: Page, studio: Studio, tables: None
) -> None:
    campaign = paused_campaigns(1)[0]
    person = saved(User(email="sixteen@bank.example", name="Пётр", password_hash=QUICK_HASH))
    saved(ProjectUser(project_id=campaign.project_id, user_id=person.id))
    sign_in(page, person.email, PASSWORD)
    cookie = "; ".join(f"{each['name']}={each['value']}" for each in context.cookies())
    path = f"/projects/{campaign.project_id}/campaigns/{campaign.id}/stream"
    with streams_of(cookie, studio.address + path, STREAMS_OF_A_PERSON):
        show(page, campaign)
        expect(page.locator("[data-stream-delay]")).to_contain_text(str(STREAMS_OF_A_PERSON))
        says(page, "^0")
    fail_one_offer(campaign)
    says(page, "^50")
    expect(page.locator("[data-stream-delay]")).to_have_count(0)


@contextmanager
def streams_of(cookie: str, address: str, count: int) -> Iterator[None]:
    """Streams of other browsers of the same person, which are closed at the end."""
    asked = Request(address, headers={"Cookie": cookie})
    with ExitStack() as opened:
        for _stream in range(count):
            opened.enter_context(urlopen(asked, timeout=20))
        yield
