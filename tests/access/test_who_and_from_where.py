"""What can be looked up afterwards: who signed in or failed to, took data away or asked for a page, and from where."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import AuditEntry, Project, User
from tests.access.test_every_route import address_of, numbers, project, routes, visitor
from tests.factories import PASSWORD, a_user
from tests.web.conftest import Browser, Serve, printed, serve
from tests.web.test_proxies import Visit, visit

__all__ = ["numbers", "printed", "project", "serve", "visit"]

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.1"
WRONG = "wrong wrong wrong"
INVENTED = "client_imports.sample"
"""A file of ours, of invented clients."""


def lines() -> list[tuple[object, ...]]:
    columns = (AuditEntry.user_id, AuditEntry.address, AuditEntry.action, AuditEntry.object_id, AuditEntry.object_name)
    return [tuple(line) for line in db.session.execute(db.select(*columns).order_by(AuditEntry.id))]


def test_the_audit_has_a_line_of_every_sign_in_and_sign_out(visit: Visit, app: Flask) -> None:
    user = a_user()
    at = visit(1, HERE)
    at.sign_in(user)  # type: ignore[attr-defined]
    at.post("/sign-out")
    named = (str(user.id), user.email)
    assert lines() == [(user.id, HERE, "sign in", *named), (user.id, HERE, "sign out", *named)]


@pytest.mark.parametrize("is_active", [True, False])
def test_the_audit_has_a_line_of_every_failure_to_sign_in(visit: Visit, app: Flask, is_active: bool) -> None:
    user = a_user(is_active=is_active)
    visit(1, f"{HERE}, {ELSEWHERE}").sign_in(user, WRONG)  # type: ignore[attr-defined]
    assert lines() == [(None, ELSEWHERE, "fail to sign in", str(user.id), user.email)]


def test_what_was_typed_where_no_account_is_stays_nowhere(visit: Visit, app: Flask) -> None:
    """It may be a password in the wrong place."""
    visit(1, HERE).post("/sign-in", data={"email": "correct horse", "password": WRONG})
    assert lines() == [(None, HERE, "fail to sign in", "", "")]


def test_the_audit_has_a_line_of_a_changed_password_and_of_every_guess_at_it(client: FlaskClient) -> None:
    user = a_user()
    client.sign_in(user)
    new = {"new": "a wholly new password", "again": "a wholly new password"}
    for old in (WRONG, PASSWORD):
        client.post("/profile/password", data=new | {"old": old})
    assert [(who, action) for who, _where, action, *_what in lines()] == [
        (user.id, "sign in"),
        (user.id, "wrong password"),
        (user.id, "change"),
    ]
    assert all(password not in str(lines()) for password in (WRONG, PASSWORD))


def test_a_command_has_no_address(app: Flask) -> None:
    args = ["user", "create", "new@bank.example", "Новая", "--password-stdin"]
    app.test_cli_runner().invoke(args=args, input=PASSWORD + "\n")
    assert [(user_id, address) for user_id, address, *_rest in lines()] == [(None, None)]


def test_an_address_that_a_visitor_makes_up_breaks_nothing(visit: Visit, app: Flask) -> None:
    """Where more proxies are believed than there are."""
    assert visit(1, "9" * 5000).sign_in(a_user()).status_code == 303  # type: ignore[attr-defined]
    assert [line[1] for line in lines()] == ["9" * 64]


def test_administrators_see_who_and_from_where(visit: Visit, app: Flask) -> None:
    administrator = a_user("Администратор", is_administrator=True, language="en")
    console = visit(1, HERE)
    console.sign_in(administrator)  # type: ignore[attr-defined]
    shown = console.get("/admin/audit/").text
    assert HERE in shown and administrator.name in shown and "Account id" in shown
    assert HERE in console.get(f"/admin/audit/?search={HERE}").text


def test_the_audit_has_a_line_of_every_file_that_is_taken_away(
    app: Flask, project: Project, numbers: dict[str, Any]
) -> None:
    """Whichever route gives it, also one that is added later."""
    manager = visitor(app, project, "manager")
    user_id = project.members[0].user_id
    taken = []
    for endpoint, method, pattern in routes(app):
        before = len(lines())
        answer = manager.open(address_of(pattern, numbers), method=method) if method == "GET" else None
        if answer and answer.headers.get("Content-Disposition", "").startswith("attachment"):
            taken.append(endpoint)
            told = [(who, action.split()[0]) for who, _where, action, *_what in lines()[before:]]
            assert told == ([] if endpoint == INVENTED else [(user_id, "download")]), endpoint
    assert {"client_imports.rejected", "dictionary.download"} <= set(taken)


def printed_until(printed: Path, last: str) -> str:
    """A line is printed after its answer was sent."""
    deadline = time.monotonic() + 30
    while f'"status": {last}' not in printed.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return printed.read_text()


def test_the_access_log_has_a_line_of_every_request(serve: Serve, printed: Path, app: Flask) -> None:
    """What a hostile path holds stays within its line; what somebody searched for is in none."""
    person: User = a_user()
    browser = Browser(serve(PROXY_COUNT="1"))
    there = {"X-Forwarded-For": f"192.0.2.1, {HERE}"}
    browser.sign_in(person, WRONG, **there)
    browser.sign_in(person, **there)
    browser.ask("GET", "/?search=79030000001", **there)
    browser.ask("GET", '/%0A{"event":"request"}', **there)
    text = printed_until(printed, "404")
    told = [json.loads(line) for line in text.splitlines()]
    assert {line["event"] for line in told} == {"request"} and "79030000001" not in text
    asked = [(line["method"], line["path"], line["status"], line["person"]) for line in told if line["address"] == HERE]
    assert asked == [
        ("POST", "/sign-in", 422, None),
        ("POST", "/sign-in", 303, person.id),
        ("GET", "/", 200, person.id),
        ("GET", '/\n{"event":"request"}', 404, person.id),
    ]
