"""Whatever stands in a request, the answer is no error of ours, comes soon, and runs nothing of what was sent."""

import time
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask.testing import FlaskClient

from tests.security.asking import Asked, all_routes, copy_of, html_of
from tests.security.conftest import Keep, Tried
from tests.security.crawling import crawled, names_read
from tests.security.filled_project import FilledProject
from tests.security.kept_rows import KeptRows
from tests.security.oddities import Known, oddly
from tests.security.pages import what_ran

REQUESTS = 240
LONGEST_SECONDS = 20
"""Many times what any takes, on whatever machine: an answer that takes longer grows faster than what was sent."""
NEED_THE_MODEL = {"offers.begin", "offers.change", "review.revise", "projects.trial_stream", "health.ready"}
"""Without one they say 503."""
UNAVAILABLE = 503
WAITING = ("benefit.", "url")
"""Left out until they are mended: the console's form of benefits without a product, and `url` with line breaks."""


def test_odd_requests_are_answered(
    everywhere: FlaskClient, own: FilledProject, keep: Keep, odd_count: int | None, seed: int, tried: Tried
) -> None:
    before, wrong, count = keep(), [], odd_count or REQUESTS
    known = known_requests(everywhere, own)
    if odd_count:
        add_names(known, everywhere, before)
    requests = (asked for asked in oddly(known, seed) if not waits(asked))
    for asked in islice(requests, count):
        begun = time.monotonic()
        answer = asked.send(copy_of(everywhere))
        problem = problem_of(answer, asked, time.monotonic() - begun)
        if problem:
            wrong.append((problem, str(asked)))
        answer.close()
        if asked.method != "GET" and answer.status_code < 400:
            before.put_back()
    assert wrong == [], "\n".join(map(str, wrong))
    tried("odd requests", count)


def known_requests(client: FlaskClient, filled: FilledProject) -> list[Known]:
    found = {(asked.endpoint, asked.method): asked for asked in crawled(client, filled).requests}
    routes = all_routes(client.application)
    return [Known(route, found[route.endpoint, route.method], [], filled) for route in routes]


def add_names(known: list[Known], client: FlaskClient, before: KeptRows) -> None:
    """Of fields that views look at though no page sends them. It takes a request for each route."""
    for each in known:
        sent = {name for name, _value in (*each.asked.query, *each.asked.form)}
        each.names.extend(name for name in names_read(each.asked, client) if name not in sent)
        if each.asked.method != "GET":
            before.put_back()


def problem_of(answer: Any, asked: Asked, seconds: float) -> str:
    is_excused = answer.status_code == UNAVAILABLE and asked.endpoint in NEED_THE_MODEL
    if answer.status_code >= 500 and not is_excused:
        return f"status {answer.status_code}"
    if seconds > LONGEST_SECONDS:
        return f"{seconds:.0f} seconds"
    if is_elsewhere(answer.location or "/", asked.path):
        return f"leads to {answer.location[:80]}"
    ran = what_ran(html_of(answer))
    return f"ran {ran[0]}" if ran else ""


def waits(asked: Asked) -> bool:
    names = {name for name, _value in (*asked.query, *asked.form)}
    return asked.endpoint.startswith(WAITING[0]) or WAITING[1] in names


def is_elsewhere(location: str, path: str) -> bool:
    """Browsers read a backslash as a slash."""
    here = "http://localhost/"
    return urlsplit(urljoin(urljoin(here, path), location.replace("\\", "/"))).netloc != urlsplit(here).netloc
