"""The pages of the program, for whoever looks at all of them: the accessibility test and the screenshots."""

import re
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

CLIENTS = Path(__file__).parents[2] / "docs" / "clients.xlsx"
WRITTEN_WITHIN = 120_000
"""Milliseconds."""


def pages_of(page: Page) -> Iterator[tuple[str, str]]:
    """Name and path of every page that the signed-in person of the demonstration project can open."""
    yield "projects", "/"
    yield "project-new", "/projects/new"
    page.goto("/")
    project = first_link(page, r"/projects/\d+$")
    for name in (
        "",
        "/edit",
        "/channels",
        "/members",
        "/clients",
        "/clients/load",
        "/clients/load?kind=postgresql",
        "/clients/load?kind=mongodb",
        "/dictionary",
        "/dictionary/new",
        "/dictionary/bring",
        "/offers",
        "/campaigns",
        "/campaigns/new",
        "/rights",
        "/statistics",
    ):
        yield "project" + name.replace("/", "-"), project + name
    page.goto(f"{project}/dictionary")
    field = first_link(page, r"/dictionary/\d+$")
    yield "field", field
    yield "field-remove", f"{field}/remove"
    page.goto(f"{project}/channels")
    prompt = first_link(page, r"/channels/\d+$")
    yield "prompt", prompt
    yield "examples", f"{prompt}/examples"
    page.goto(f"{project}/clients")
    client = first_link(page, r"/clients/\d+$")
    yield "client", client
    yield "client-erase", f"{client}/erase"
    yield "report", first_link(page, r"/imports/\d+$")
    source = previewed(page, project)
    yield "preview", source
    yield "columns", f"{source}/columns"
    yield (
        "offer-write",
        f"{project}/offers/write?client_id={client.rsplit('/', 1)[1]}&channel_id={channel_id(page, project)}",
    )
    yield "campaign", a_campaign(page, f"{project}/campaigns")
    yield "offer", an_offer(page, f"{project}/offers")
    yield "review", f"{project}/review"
    yield "review-table", f"{project}/review/table"
    yield "text-bank", "/text-bank"
    yield "text-bank-new", "/text-bank/new"
    yield "text-bank-file", "/text-bank/file"
    page.goto("/text-bank")
    yield "text-bank-text", first_link(page, r"/text-bank/\d+$")
    yield "statistics", "/statistics"
    yield "profile", "/profile"


def previewed(page: Page, project: str) -> str:
    """A file between its preview and its load."""
    page.goto(f"{project}/clients/load")
    page.set_input_files("input[type=file]", CLIENTS)
    page.click("main form:has(input[type=file]) button[type=submit]")
    page.wait_for_url("**/clients/sources/*")
    return page.url


def an_offer(page: Page, offers: str) -> str:
    """The newest offer of the project; the first one is written when there is none."""
    page.goto(offers)
    if not page.locator("main tbody a").count():
        page.goto(f"{offers}/write")
        page.click("main form[method=get] button[type=submit]")
        page.click("main form[method=post] button[type=submit]")
        page.wait_for_selector("[data-draft]", timeout=WRITTEN_WITHIN)
        return page.url
    return first_link(page, r"/offers/\d+$")


def a_campaign(page: Page, campaigns: str) -> str:
    """The newest campaign of the project, finished; a small one is started when there is none."""
    page.goto(campaigns)
    if not page.locator("#campaigns").count():
        page.goto(f"{campaigns}/new")
        page.check("input[name=clients][value=search]")
        page.fill("input[name=search]", "SB-00001")
        page.fill("input[name=drafts]", "2")
        page.click("#campaign-form button[type=submit]")
        page.wait_for_url(re.compile(r"/campaigns/\d+$"))
    else:
        page.goto(first_link(page, r"/campaigns/\d+$"))
    page.wait_for_selector("#live:not(:has(button[hx-post$='/pause']))", timeout=WRITTEN_WITHIN)
    return page.url


def first_link(page: Page, pattern: str) -> str:
    links = page.locator("main a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return next(link for link in links if link and re.search(pattern, link))


def channel_id(page: Page, project: str) -> str:
    page.goto(f"{project}/channels")
    return first_link(page, r"/channels/\d+$").rsplit("/", 1)[1]
