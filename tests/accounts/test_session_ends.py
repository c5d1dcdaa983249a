"""A session ends while a page is open: what its scripts, forms and streams are told, and how one signs in again."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import User
from tests.factories import PASSWORD, a_campaign, a_project, a_user

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


def signed_in(client: FlaskClient, app: Flask) -> User:
    user = a_user()
    app.config["WTF_CSRF_ENABLED"] = False
    client.sign_in(user)
    app.config["WTF_CSRF_ENABLED"] = True
    return user
