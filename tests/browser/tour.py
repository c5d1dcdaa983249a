"""The pages of the program, for whoever looks at all of them: the accessibility test and the screenshots."""

import re
from collections.abc import Iterator

from playwright.sync_api import Page


def pages_of(page: Page) -> Iterator[tuple[str, str]]:
    """Name and path of every page that the signed-in person of the demonstration project can open."""
    yield "projects", "/"
    yield "project-new", "/projects/new"
    page.goto("/")
    project = first_link(page, r"/projects/\d+$")
    for name in ("", "/edit", "/channels", "/members", "/clients", "/clients/upload", "/offers", "/statistics"):
        yield "project" + name.replace("/", "-"), project + name
    page.goto(f"{project}/channels")
    yield "prompt", first_link(page, r"/channels/\d+$")
    page.goto(f"{project}/clients")
    client = first_link(page, r"/clients/\d+$")
    yield "client", client
    yield (
        "offer-write",
        f"{project}/offers/write?client_id={client.rsplit('/', 1)[1]}&channel_id={channel_id(page, project)}",
    )
    page.goto(f"{project}/offers")
    if page.locator("main tbody a").count():
        yield "offer", first_link(page, r"/offers/\d+$")
    yield "statistics", "/statistics"
    yield "profile", "/profile"


def first_link(page: Page, pattern: str) -> str:
    links = page.locator("main a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return next(link for link in links if link and re.search(pattern, link))


def channel_id(page: Page, project: str) -> str:
    page.goto(f"{project}/channels")
    return first_link(page, r"/channels/\d+$").rsplit("/", 1)[1]
