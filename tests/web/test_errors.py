"""What a visitor sees when something is wrong."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from marketing_app import create_app
from marketing_app.settings import Settings
from tests.factories import a_project, a_user


@pytest.fixture
def guarded(app: Flask) -> Iterator[FlaskClient]:
    """A visitor to the application with the protection of forms switched on."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False


def test_a_form_without_its_token_changes_nothing(guarded: FlaskClient) -> None:
    answer = guarded.post("/sign-in", data={"email": "a@b.example", "password": "x"})
    assert answer.status_code == 400
    assert "Nothing was changed" in guarded.post("/sign-in", headers={"Accept-Language": "en"}).get_data(as_text=True)


def test_a_page_that_is_not_there_says_so(client: FlaskClient) -> None:
    client.sign_in(a_user())
    assert client.get("/nothing").status_code == 404


def test_a_project_of_somebody_else_is_not_there(client: FlaskClient) -> None:
    client.sign_in(a_user())
    assert client.get(f"/projects/{a_project().id}").status_code == 404


def test_a_database_that_went_away_is_said_so(settings: Settings) -> None:
    away = settings.model_copy(
        update={"database_url": SecretStr("postgresql+psycopg2://nobody@127.0.0.1:1/none?connect_timeout=2")}
    )
    visitor = create_app(away).test_client()
    visitor.set_cookie("session", "")
    assert visitor.get("/health/ready").json["database"] == "away"
    answer = visitor.get("/health/ready")
    assert answer.status_code == 503


def test_pages_carry_a_strict_policy(client: FlaskClient) -> None:
    policy = client.get("/sign-in").headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy and "default-src 'self'" in policy


def test_static_addresses_change_with_their_content(client: FlaskClient) -> None:
    page = client.get("/sign-in").get_data(as_text=True)
    assert "css/theme.css?v=" in page
