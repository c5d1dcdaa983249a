"""Texts that try to leave their place stand in every field that people, files and models fill; no page runs them."""

from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient

from tests.access.test_every_route import address_of
from tests.security.asking import Asked, Value, all_routes, bare, copy_of, html_of
from tests.security.conftest import Keep, Some, Tried
from tests.security.crawling import crawled
from tests.security.filled_project import FilledProject
from tests.security.pages import PAYLOAD, TYPED_TEXT, what_ran

WRITTEN_BY_LOOKING = {'"audit_entry"'}
"""A file that is taken away leaves its line."""


def test_pages_run_no_text_of_the_database_and_change_nothing_by_being_looked_at(
    app: Flask, own: FilledProject, everywhere: FlaskClient, keep: Keep, some: Some, tried: Tried
) -> None:
    pages = [bare(route, own) for route in all_routes(app) if route.method == "GET"]
    by_htmx = [replace(page, is_by_htmx=True) for page in pages]
    linked = [page for page in crawled(everywhere, own).pages if page not in pages]
    looked_at = [*pages, *some([*by_htmx, *linked, *pages_in_other_states(app, own)], 60)]
    before = keep()
    ran = {str(page): ran for page in looked_at if (ran := what_ran(html_of(page.send(copy_of(everywhere)))))}
    assert (ran, before.changed() - WRITTEN_BY_LOOKING) == ({}, set())
    tried("pages and fragments with hostile texts", len(looked_at))


def test_no_answer_runs_what_a_form_sent(
    own: FilledProject, everywhere: FlaskClient, keep: Keep, some: Some, tried: Tried
) -> None:
    """Whether it was taken or refused, and on the page that follows."""
    forms = some([with_payload(each) for each in crawled(everywhere, own).requests if each.form or each.query], 40)
    before, ran = keep(), {}
    for asked in forms:
        browser = copy_of(everywhere)
        answer = asked.send(browser)
        shown = html_of(answer)
        if answer.location:
            shown += html_of(browser.get(answer.location))
        ran[str(asked)] = what_ran(shown)
        if asked.method != "GET" and answer.status_code < 400:
            before.put_back()
    assert {asked: found for asked, found in ran.items() if found} == {}
    tried("forms and queries with hostile texts", len(forms))


def pages_in_other_states(app: Flask, own: FilledProject) -> list[Asked]:
    """The page of each offer, campaign, load..."""
    return [
        Asked(route.endpoint, "GET", address_of(route.pattern, own.numbers | {route.parameters[-1]: number}))
        for route in all_routes(app)
        if route.method == "GET" and route.is_of_a_project
        for number in own.further.get(route.parameters[-1], [])
    ]


def with_payload(asked: Asked) -> Asked:
    """In every field that takes any text."""
    changed = {
        part: tuple((name, PAYLOAD if is_free(value) else value) for name, value in getattr(asked, part))
        for part in ("query", "form")
    }
    return replace(asked, **changed)


def is_free(value: Value) -> bool:
    return value in ("", TYPED_TEXT) or len(value) > 20
