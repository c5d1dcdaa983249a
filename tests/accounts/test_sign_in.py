"""Signing in, out, and changing one's password."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.accounts.services import HASH_OF_NOBODY
from marketing_app.database import db
from marketing_app.models import AuditEntry, User, UserSession
from tests.accounts.test_session_ends import copied
from tests.factories import PASSWORD, QUICK_HASH, a_user, saved

NEW_PASSWORD = "a wholly new password"


def test_the_right_password_opens_the_projects(client: FlaskClient) -> None:
    assert client.sign_in(a_user()).location == "/"
    assert client.get("/").status_code == 200


def test_an_e_mail_in_capitals_is_the_same(client: FlaskClient) -> None:
    user = a_user()
    assert client.post("/sign-in", data={"email": user.email.upper(), "password": PASSWORD}).status_code == 303


@pytest.mark.parametrize("email", ["nobody@bank.example", None])
def test_a_wrong_password_and_an_unknown_e_mail_read_the_same(client: FlaskClient, email: str | None) -> None:
    data = {"email": email or a_user().email, "password": "wrong wrong wrong"}
    answer = client.post("/sign-in", data=data, headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert "E-mail or password is wrong, or the account is closed." in answer.get_data(as_text=True)


def test_an_unknown_e_mail_takes_as_long_as_a_wrong_password(app: Flask) -> None:
    """Both are compared with a hash that is as costly."""
    user = User(email="anna@bank.example", name="Anna")
    user.set_password(PASSWORD)
    method, salt, digest = HASH_OF_NOBODY.split("$")
    assert user.password_hash.split("$")[0] == method
    assert [len(part) for part in user.password_hash.split("$")[1:]] == [len(salt), len(digest)]


def test_staying_signed_in_lasts_a_week(client: FlaskClient) -> None:
    """In the browser by the cookie's own end, and on our side by the time that Flask signs it with."""
    cookies = staying(client, a_user()).headers.getlist("Set-Cookie")
    assert all("SameSite=Lax" in cookie and "HttpOnly" in cookie for cookie in cookies)
    ends = [parsedate_to_datetime(end) for cookie in cookies for end in re.findall("Expires=([^;]+)", cookie)]
    assert ends and all(abs(end - datetime.now(UTC) - timedelta(days=7)) < timedelta(minutes=1) for end in ends)


def test_a_week_is_counted_from_the_sign_in_however_often_the_session_is_used(client: FlaskClient) -> None:
    """A copied cookie opens nothing later either: Flask signs the cookie anew with each visit."""
    staying(client, a_user())
    for days, status in ((5, 200), (6.9, 200), (7.1, 302)):
        begun = datetime.now(UTC) - timedelta(days=days)
        db.session.execute(db.update(UserSession).values(started_at=begun))
        db.session.commit()
        assert client.get("/").status_code == status


def test_sessions_that_are_too_old_do_not_stay_in_the_database(client: FlaskClient) -> None:
    old = saved(UserSession(user_id=a_user().id, started_at=datetime.now(UTC) - timedelta(days=8))).key
    client.sign_in(a_user())
    assert old not in set(db.session.scalars(db.select(UserSession.key)))


def test_without_staying_the_browser_forgets_at_its_end(client: FlaskClient) -> None:
    cookies = client.sign_in(a_user()).headers.getlist("Set-Cookie")
    assert cookies and not any("Expires" in cookie or "Max-Age" in cookie for cookie in cookies)


def staying(client: FlaskClient, user: User) -> Any:
    return client.post("/sign-in", data={"email": user.email, "password": PASSWORD, "remember": "y"})


def test_attempts_are_limited(client: FlaskClient) -> None:
    user = a_user()
    answers = [client.sign_in(user, "wrong wrong wrong").status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_attempts_on_many_accounts_from_one_address_are_limited(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketing_app.accounts.services.HASH_OF_NOBODY", QUICK_HASH)
    data = {"password": "wrong wrong wrong"}
    answers = [client.post("/sign-in", data=data | {"email": f"a{n}@b.example"}).status_code for n in range(51)]
    assert answers == [422] * 50 + [429]


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/x",
        "https://evil.example",
        "/\\evil.example",
        "javascript:x",
        "/a\nb",
        "/\r\nX: y",
        "/\t/evil",
        "/[\n",
    ],
)
def test_signing_in_never_leads_to_another_host(client: FlaskClient, target: str) -> None:
    user = a_user()
    answer = client.post("/sign-in", query_string={"next": target}, data={"email": user.email, "password": PASSWORD})
    assert answer.location == "/"


def test_signing_in_leads_to_where_one_wanted(client: FlaskClient) -> None:
    user = a_user()
    data = {"email": user.email, "password": PASSWORD}
    assert client.post("/sign-in?next=/statistics", data=data).location == "/statistics"


def test_a_new_password_ends_all_other_sessions(app: Flask, client: FlaskClient) -> None:
    user = a_user()
    other = app.test_client()
    client.sign_in(user)
    other.sign_in(user)  # type: ignore[attr-defined]
    answer = client.post("/profile/password", data={"old": PASSWORD, "new": NEW_PASSWORD, "again": NEW_PASSWORD})
    assert answer.status_code == 303
    assert client.get("/profile").status_code == 200
    assert other.get("/profile").status_code == 302
    assert user.has_password(NEW_PASSWORD) and user.password_hash.startswith("scrypt:")


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [("wrong", NEW_PASSWORD, NEW_PASSWORD), (PASSWORD, "short", "short"), (PASSWORD, NEW_PASSWORD, "another one")],
)
def test_a_bad_change_of_password_changes_nothing(client: FlaskClient, old: str, new: str, again: str) -> None:
    user = a_user()
    client.sign_in(user)
    assert client.post("/profile/password", data={"old": old, "new": new, "again": again}).status_code == 422
    assert user.has_password(PASSWORD)


def test_guesses_of_the_present_password_are_limited(client: FlaskClient) -> None:
    client.sign_in(a_user())
    guess = {"old": "wrong wrong wrong", "new": NEW_PASSWORD, "again": NEW_PASSWORD}
    answers = [client.post("/profile/password", data=guess).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_guesses_that_come_at_one_moment_are_limited_too(app: Flask, client: FlaskClient) -> None:
    """Each counts as it comes, not once it has failed."""
    client.sign_in(a_user())
    cookie, gate = copied(client), Barrier(8)

    def guess(_number: int) -> int:
        with app.app_context():
            visitor = app.test_client()
            visitor.set_cookie("session", cookie)
            gate.wait(30)
            data = {"old": "wrong wrong wrong", "new": NEW_PASSWORD, "again": NEW_PASSWORD}
            return int(visitor.post("/profile/password", data=data).status_code)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(guess, range(8))) == [422] * 5 + [429] * 3


def test_the_profile_chooses_the_language(client: FlaskClient) -> None:
    user = a_user(language="ru")
    client.sign_in(user)
    client.post("/profile", data={"name": "Anna", "language": "en"})
    assert 'lang="en"' in client.get("/").get_data(as_text=True)


def test_a_visitor_chooses_the_language_before_signing_in(client: FlaskClient) -> None:
    client.post("/language", data={"language": "en"})
    assert 'lang="en"' in client.get("/sign-in", headers={"Accept-Language": "ru"}).get_data(as_text=True)


def test_an_administrator_makes_an_account_from_the_command_line(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    made = run(args=["user", "create", "New@Bank.example", "Новая", "--password-stdin"], input=PASSWORD + "\n")
    assert made.exit_code == 0, made.output
    user = db.session.scalars(db.select(User)).one()
    assert user.email == "new@bank.example" and user.has_password(PASSWORD) and not user.is_administrator
    assert db.session.scalars(db.select(AuditEntry)).one().action == "create"


@pytest.mark.parametrize(("email", "password"), [("new@bank.example", "short"), ("not an address", PASSWORD)])
def test_a_bad_account_is_refused_with_the_reason(app: Flask, email: str, password: str) -> None:
    args = ["user", "create", email, "Новая", "--password-stdin"]
    refused = app.test_cli_runner().invoke(args=args, input=password + "\n")
    assert refused.exit_code == 1 and "Error" in refused.output
    assert db.session.scalar(db.select(User)) is None


def test_an_e_mail_is_taken_once(app: Flask) -> None:
    user = a_user()
    args = ["user", "create", user.email, "Вторая", "--password-stdin"]
    refused = app.test_cli_runner().invoke(args=args, input=PASSWORD + "\n")
    assert refused.exit_code == 1 and user.email in refused.output
