"""A session ends while a page is open: what its scripts, forms and streams are told, and how one signs in again."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import User, UserSession
from tests.clients.conftest import count_queries
from tests.factories import PASSWORD, a_campaign, a_project, a_user
from tests.web.conftest import token_in

__all__ = ["count_queries"]

FROM_SCRIPT = {"HX-Request": "true"}


def test_a_script_is_refused_with_the_form_to_sign_in(client: FlaskClient) -> None:
    answer = client.get("/profile", headers=FROM_SCRIPT)
    assert answer.status_code == 401
    assert 'name="password"' in answer.text and "<html" not in answer.text


def test_what_a_script_sends_is_refused_before_its_token_is_looked_at(guarded: FlaskClient) -> None:
    answer = guarded.post("/profile", data={"name": "Анна"}, headers=FROM_SCRIPT)
    assert answer.status_code == 401 and 'name="password"' in answer.text


def test_a_stream_is_refused_with_the_form_to_sign_in(client: FlaskClient) -> None:
    campaign = a_campaign()
    path = f"/projects/{campaign.project_id}/campaigns/{campaign.id}/stream"
    assert client.get(path, headers=FROM_SCRIPT).status_code == 401


def test_a_form_sent_without_a_session_leads_back_to_its_page(client: FlaskClient) -> None:
    """Where no script asked before: the address of the form itself is none that a browser could open."""
    project = a_project()
    page = f"http://localhost/projects/{project.id}/members"
    answer = client.post(f"/projects/{project.id}/members", headers={"Referer": page})
    assert answer.location == f"/sign-in?next=%2Fprojects%2F{project.id}%2Fmembers"


def test_who_is_signed_in_still_sends_the_form_with_a_fresh_token(guarded: FlaskClient, app: Flask) -> None:
    user = signed_in(guarded, app)
    visit = guarded.get(f"/session?user_id={user.id}").json
    assert visit and visit["is_open"]
    sent = {"name": "Анна", "language": "ru", "csrf_token": visit["token"]}
    assert guarded.post("/profile", data=sent).status_code == 303


@pytest.mark.parametrize("how", ["closed", "signed out", "somebody else"])
def test_who_is_not_signed_in_any_more_is_told_so(client: FlaskClient, how: str) -> None:
    user = a_user()
    client.sign_in(a_user() if how == "somebody else" else user)
    if how == "signed out":
        client.post("/sign-out")
    if how == "closed":
        user.is_active = False
        db.session.commit()
    visit = client.get(f"/session?user_id={user.id}").json
    assert visit and not visit["is_open"] and 'name="password"' in visit["form"]


def test_signing_in_again_on_the_page(client: FlaskClient) -> None:
    user = a_user()
    wrong = client.post("/sign-in", data={"email": user.email, "password": "wrong wrong"}, headers=FROM_SCRIPT)
    assert wrong.status_code == 422 and "invalid-feedback" in wrong.text and "<html" not in wrong.text
    right = client.post("/sign-in", data={"email": user.email, "password": PASSWORD}, headers=FROM_SCRIPT)
    assert right.status_code == 204
    assert client.get(f"/session?user_id={user.id}").json["is_open"]  # type: ignore[index]


def copied(client: FlaskClient) -> str:
    """The cookie of a visitor, as somebody may have copied it."""
    cookie = client.get_cookie("session")
    assert cookie
    return str(cookie.value)


def opens(app: Flask, cookie: str) -> bool:
    thief = app.test_client()
    thief.set_cookie("session", cookie)
    return bool(thief.get("/").status_code == 200)


def test_who_signs_out_is_signed_out_by_every_copy_of_the_cookie(app: Flask, client: FlaskClient) -> None:
    user, elsewhere = a_user(), app.test_client()
    client.sign_in(user)
    elsewhere.sign_in(user)  # type: ignore[attr-defined]
    cookie = copied(client)
    assert opens(app, cookie)
    client.post("/sign-out")
    assert client.get("/").status_code == 302 and not opens(app, cookie)
    assert elsewhere.get("/").status_code == 200, "another browser of the person stays signed in"
    assert len(db.session.scalars(db.select(UserSession)).all()) == 1


def test_signing_in_again_ends_the_session_before(app: Flask, client: FlaskClient) -> None:
    user = a_user()
    client.sign_in(user)
    cookie = copied(client)
    client.sign_in(user)
    assert client.get("/").status_code == 200 and not opens(app, cookie)


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"password_hash": "scrypt:1:1:1$salt$digest"}], ids=["closed", "another password"]
)
def test_no_way_of_closing_an_account_leaves_sessions_that_come_back(
    app: Flask, client: FlaskClient, change: dict[str, object]
) -> None:
    """Nor does one that no page offers: a statement in the database."""
    user = a_user()
    before = {name: getattr(user, name) for name in change}
    client.sign_in(user)
    cookie = copied(client)
    for values in (change, before):
        db.session.execute(db.update(User).values(values))
        db.session.commit()
        assert not opens(app, cookie)
    assert client.sign_in(user).status_code == 303 and not opens(app, cookie)


def test_a_changed_name_ends_no_session(client: FlaskClient) -> None:
    client.sign_in(a_user())
    db.session.execute(db.update(User).values(name="Анна", language="en", is_administrator=True))
    db.session.commit()
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("crossing", ["sign in", "sign out"])
def test_the_token_for_forms_is_another_after_a_sign_in_and_a_sign_out(guarded: FlaskClient, crossing: str) -> None:
    user = a_user()

    def sign_in() -> int:
        sent = {"email": user.email, "password": PASSWORD, "csrf_token": token_in(guarded.get("/sign-in").text)}
        return int(guarded.post("/sign-in", data=sent).status_code)

    if crossing == "sign out":
        assert sign_in() == 303
        known = token_in(guarded.get("/profile").text)
        assert guarded.post("/sign-out", data={"csrf_token": known}).status_code == 303
        refused = guarded.post("/language", data={"language": "en", "csrf_token": known})
    else:
        known = token_in(guarded.get("/sign-in").text)
        assert sign_in() == 303
        refused = guarded.post("/profile", data={"name": "Анна", "language": "ru", "csrf_token": known})
    assert refused.status_code == 400


def test_the_language_of_a_visit_outlives_a_sign_in(client: FlaskClient) -> None:
    client.post("/language", data={"language": "en"})
    client.sign_in(a_user(language="ru"))
    client.post("/sign-out")
    assert 'lang="en"' in client.get("/sign-in", headers={"Accept-Language": "ru"}).text


def test_to_be_signed_in_costs_one_statement(client: FlaskClient, count_queries: Callable[[object], int]) -> None:
    client.sign_in(a_user())
    assert count_queries(lambda: client.get("/session?user_id=0")) == 1


def signed_in(client: FlaskClient, app: Flask) -> User:
    user = a_user()
    app.config["WTF_CSRF_ENABLED"] = False
    client.sign_in(user)
    app.config["WTF_CSRF_ENABLED"] = True
    return user
