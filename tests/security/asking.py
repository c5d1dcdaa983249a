"""What can be asked of the program, and what it answers."""

import re
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient

from tests.access.test_every_route import MANAGER, MEMBER, address_of, routes, rule_for
from tests.security.filled_project import FilledProject

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
SESSION = "session"
"""The cookie's name."""
FORM = "application/x-www-form-urlencoded"
PAGES_OF_A_ROW = ("edit_view", "details_view")
"""Flask-Admin names the row in the query."""

Value = str | bytes


@dataclass(frozen=True)
class Route:
    endpoint: str
    method: str
    pattern: str

    @property
    def parameters(self) -> list[str]:
        return PARAMETER.findall(self.pattern)

    @property
    def is_of_a_project(self) -> bool:
        return rule_for(self.endpoint) in (MEMBER, MANAGER)


@dataclass(frozen=True)
class Asked:
    """A request as a page makes it. `files` have the names of fields and of files, and contents; `body` is sent instead
    of the form."""

    endpoint: str
    method: str
    path: str
    query: tuple[tuple[str, Value], ...] = ()
    form: tuple[tuple[str, Value], ...] = ()
    files: tuple[tuple[str, str, bytes], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    is_by_htmx: bool = False

    @property
    def address(self) -> str:
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    def send(self, client: FlaskClient) -> Any:
        headers = dict(self.headers) | ({"HX-Request": "true"} if self.is_by_htmx else {})
        return client.open(self.address, method=self.method, headers=headers, **self._content())

    def __str__(self) -> str:
        fields = " ".join(f"{name[:40]}={value[:60]!r}" for name, value in self.form)
        return f"{self.method} {self.address[:300]} {fields} {self.files} {dict(self.headers)} {self.body[:60]!r}"

    def _content(self) -> dict[str, Any]:
        if self.body:
            return {"data": self.body}
        if not self.files:
            return {"data": urlencode(self.form), "content_type": FORM} if self.form else {}
        data: dict[str, list[Any]] = {}
        for name, value in self.form:
            data.setdefault(name, []).append(value if isinstance(value, str) else value.decode("latin-1"))
        for name, filename, content in self.files:
            data.setdefault(name, []).append((BytesIO(content), filename))
        return {"data": data}


def all_routes(app: Flask) -> list[Route]:
    return [Route(*route) for route in routes(app)]


def bare(route: Route, filled: FilledProject) -> Asked:
    """Of things of this project, with no field."""
    room, _dot, view = route.endpoint.partition(".")
    numbers = filled.numbers
    if room == "channel_rules":
        numbers = numbers | {"channel_id": filled.rows["channel"]}
    row = (("id", str(filled.rows[room])),) if view in PAGES_OF_A_ROW else ()
    return Asked(route.endpoint, route.method, address_of(route.pattern, numbers), row)


def copy_of(client: FlaskClient) -> FlaskClient:
    """Another browser with the same session: what the original asks for does not change it."""
    copied = client.application.test_client()
    cookie = client.get_cookie(SESSION)
    if cookie:
        copied.set_cookie(SESSION, cookie.value)
    return copied


def text_of(answer: Any) -> str:
    """All that was sent: headers, page or file; of a stream what comes at once."""
    if answer.mimetype == "text/event-stream":
        body = b"".join(islice(answer.response, 2))
        answer.close()
    else:
        body = answer.get_data()
    return f"{answer.headers}\n{body.decode('utf-8', 'replace')}"


def html_of(answer: Any) -> str:
    """What a browser makes a page of, or puts into one; a file that is taken away is neither."""
    is_html = answer.mimetype in ("text/html", "text/event-stream")
    return text_of(answer).partition("\r\n\r\n")[2] if is_html else ""
