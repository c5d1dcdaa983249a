"""The requests that the pages make, with the fields they send."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from flask import Request
from flask.testing import FlaskClient
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from tests.security.asking import Asked, all_routes, bare, copy_of, html_of
from tests.security.filled_project import FilledProject
from tests.security.pages import Fields, Form, Page

TOKEN = "csrf_token"
A_FILE = b"client_id,age\nA1,30\n"


@dataclass(frozen=True)
class Found:
    """`requests` has one for each route, as the pages make it with as many fields as any of them sends; `pages` one of
    each kind that is linked to."""

    requests: list[Asked]
    pages: list[Asked]


def crawled(client: FlaskClient, filled: FilledProject) -> Found:
    """Tests that fill a project alike find the same pages: they are read once for all of these."""
    key = tuple(filled.numbers.items())
    if key not in _crawled:
        _crawled[key] = _crawl(client, filled)
    return _crawled[key]


_crawled: dict[tuple[Any, ...], Found] = {}


def _crawl(client: FlaskClient, filled: FilledProject) -> Found:
    """In two rounds: many pages show their forms only after something was chosen."""
    app = client.application
    router = app.url_map.bind("localhost")
    known = {(route.endpoint, route.method): bare(route, filled) for route in all_routes(app)}
    pages = {_kind(asked): asked for asked in known.values() if asked.method == "GET"}
    looked_at: set[Any] = set()
    for _round in range(2):
        found = [
            each for kind, page in pages.items() if kind not in looked_at for each in _sent_by(page, client, router)
        ]
        looked_at |= pages.keys()
        for each in found:
            before = known[each.endpoint, each.method]
            if _size(each) > _size(before) or (each.method != "GET" and _size(each) == _size(before)):
                known[each.endpoint, each.method] = each
            if each.method == "GET":
                pages.setdefault(_kind(each), each)
    return Found(list(known.values()), list(pages.values()))


def _kind(asked: Asked) -> tuple[str, frozenset[str]]:
    """Pages of one kind look alike."""
    return asked.endpoint, frozenset(name for name, _value in asked.query)


def _sent_by(asked: Asked, client: FlaskClient, router: MapAdapter) -> Iterator[Asked]:
    answer = copy_of(client).get(asked.address)
    page = Page(html_of(answer), asked.path)
    links = (Form("GET", link) for link in page.links)
    for form in (*page.forms, *links):
        found = _asked(form, router, asked.path)
        if found:
            yield found


def _asked(form: Form, router: MapAdapter, path: str) -> Asked | None:
    parts = urlsplit(form.address)
    if parts.netloc:
        return None
    try:
        endpoint, _values = router.match(parts.path or path, method=form.method)
    except HTTPException:
        return None
    query = parse_qsl(parts.query, keep_blank_values=True)
    fields: Fields = [each for each in form.fields if each[0] != TOKEN]
    files = tuple((name, "clients.csv", A_FILE) for name in form.files)
    if form.method == "GET":
        return Asked(endpoint, "GET", parts.path or path, (*query, *fields))
    return Asked(endpoint, form.method, parts.path or path, tuple(query), tuple(fields), files)


def _size(asked: Asked) -> int:
    return len(asked.query) + len(asked.form) + len(asked.files)


class NotedNames(ImmutableMultiDict[str, str]):
    """Fields of a request that note which of them is asked for, whether it was sent or not."""

    asked_for: ClassVar[set[str]] = set()

    def get(self, key: str, *arguments: Any, **named: Any) -> Any:
        self.asked_for.add(key)
        return super().get(key, *arguments, **named)

    def getlist(self, key: str, *arguments: Any, **named: Any) -> Any:
        self.asked_for.add(key)
        return super().getlist(key, *arguments, **named)

    def __contains__(self, key: object) -> bool:
        self.asked_for.add(str(key))
        return super().__contains__(key)


class NotingRequest(Request):
    parameter_storage_class = NotedNames


def names_read(asked: Asked, client: FlaskClient) -> list[str]:
    """The names of all fields that the view looks at."""
    app = client.application
    usual, app.request_class = app.request_class, NotingRequest
    NotedNames.asked_for.clear()
    try:
        asked.send(copy_of(client)).close()
    finally:
        app.request_class = usual
    return sorted(NotedNames.asked_for - {TOKEN})
