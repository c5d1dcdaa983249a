"""Every page that can be opened, looked at for what one view or template may forget: a proxy's sub-path, the person's
time zone, the policy that lets a browser run nothing that stands in a page."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from marketing_app.database import db
from marketing_app.models import Project, User, UserSession
from marketing_app.web.security import POLICY
from tests.access.test_every_route import ADMINISTRATOR, address_of, numbers, project, routes, rule_for, visitor

__all__ = ["numbers", "project"]

ADDRESS = re.compile(r"""\s(?:href|src|action|formaction|hx-[\w:-]+|data-[\w-]+)="(/[^"]*)\"""")
INLINE = re.compile(
    r"""<script(?![^>]*\ssrc=)[^>]*>|<style|\s(?:on[a-z]+|style)=["'][^"']*|["']\s*javascript:[^"']*""", re.IGNORECASE
)
"""What a strict policy keeps a browser from running or applying."""
WRITTEN_AT = datetime(2026, 3, 1, 22, 45, tzinfo=UTC)


@pytest.mark.parametrize("who", ["manager", "administrator"])
def test_every_address_on_every_page_keeps_the_sub_path_of_a_proxy(
    app_behind: Callable[[int], Flask], project: Project, numbers: dict[str, Any], who: str
) -> None:
    behind = app_behind(1)
    asking = visitor(behind, project, who)
    asking.environ_base["HTTP_X_FORWARDED_PREFIX"] = "/studio"
    pages = [address_of(pattern, numbers) for endpoint, method, pattern in routes(behind) if method == "GET"]
    wrong = {page: lost for page in pages if (lost := addresses_without(asking.get(page), "/studio/"))}
    assert wrong == {}


def html_of(answer: Any) -> str:
    """Nothing of another answer: a stream would never end."""
    return answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""


def addresses_without(answer: Any, prefix: str) -> list[str]:
    """Addresses of our own host that an answer names without the prefix."""
    named = [*ADDRESS.findall(html_of(answer)), answer.location or prefix]
    return [address for address in named if not address.startswith(prefix)]


@pytest.mark.parametrize("who", ["manager", "administrator"])
def test_every_time_on_every_page_is_in_the_person_s_zone(
    app: Flask, project: Project, numbers: dict[str, Any], who: str
) -> None:
    asking = visitor(app, project, who)
    db.session.execute(db.update(User).values(time_zone="Asia/Yekaterinburg", language="ru"))
    let_everything_happen_at(WRITTEN_AT)
    pages = [address_of(pattern, numbers) for endpoint, method, pattern in routes(app) if method == "GET"]
    texts = {page: html_of(asking.get(page)) for page in pages}
    assert [page for page, text in texts.items() if "22:45" in text or "2026-03-01" in text] == []
    assert sum("02.03.2026, 03:45" in text for text in texts.values()) > 2


@pytest.mark.parametrize("who", ["manager", "administrator"])
def test_every_page_has_the_strict_policy_and_nothing_that_it_forbids(
    app: Flask, project: Project, numbers: dict[str, Any], who: str
) -> None:
    asking = visitor(app, project, who)
    pages = [address_of(pattern, numbers) for endpoint, method, pattern in routes(app) if method == "GET"]
    found = {}
    for page in pages:
        with asking.get(page) as answer:
            assert answer.headers["Content-Security-Policy"] == POLICY
            found[page] = INLINE.findall(html_of(answer))
    assert "unsafe" not in POLICY
    assert not any(found.values()), found


def test_what_a_strict_policy_forbids_is_found() -> None:
    forbidden = [
        "<script>alert(1)</script>",
        "<style>p {}</style>",
        '<p style="color: red">',
        "<a onclick='go()'>",
        '<a href="javascript:void(0)">',
    ]
    allowed = '<script src="/static/x.js"></script><p class="style" title="on = off" data-on-load="x">'
    assert all(INLINE.search(each) for each in forbidden) and not INLINE.search(allowed)


def test_no_answer_is_kept_but_files_of_the_program_and_pictures(
    app: Flask, project: Project, numbers: dict[str, Any]
) -> None:
    people = {who: visitor(app, project, who) for who in ("manager", "administrator")}
    kept = []
    for endpoint, method, pattern in routes(app):
        asking = people["administrator" if rule_for(endpoint) == ADMINISTRATOR else "manager"]
        answer = asking.open(address_of(pattern, numbers), method=method)
        cache = answer.cache_control
        if not (cache.private and cache.no_store) or cache.public or cache.max_age or answer.expires:
            kept.append((endpoint, method, answer.headers["Cache-Control"]))
    assert kept == []


def let_everything_happen_at(moment: datetime) -> None:
    db.session.execute(db.text("SET LOCAL session_replication_role = replica"))  # no triggers
    for table in db.metadata.sorted_tables:
        if table.name == UserSession.__tablename__:
            continue  # one that began then has ended
        for column in table.columns:
            if isinstance(column.type, db.DateTime):
                db.session.execute(db.update(table).where(column.is_not(None)).values({column: moment}))
    db.session.commit()
