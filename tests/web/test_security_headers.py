"""What every answer tells a browser to refuse."""

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from marketing_app import create_app
from marketing_app.settings import Settings
from tests.conftest import an_app

PAGES = ("/sign-in", "/admin/", "/static/css/theme.css", "/no-such-page", "/health/live")


@pytest.fixture(scope="module")
def secure(migrated_app: Flask, settings: Settings) -> FlaskClient:
    """A visitor to the application behind TLS."""
    return an_app(settings.model_copy(update={"secure_cookies": True})).test_client()


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("address", PAGES)
def test_browsers_come_back_over_https_alone_where_cookies_are_secure(secure: FlaskClient, address: str) -> None:
    assert secure.get(address).headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.usefixtures("app")
def test_cookies_are_sent_over_https_alone_where_that_is_asked_for(secure: FlaskClient) -> None:
    cookies = secure.get("/sign-in", base_url="https://studio.example").headers.getlist("Set-Cookie")
    assert cookies and all("; Secure" in cookie and "; HttpOnly" in cookie for cookie in cookies)


@pytest.mark.parametrize("address", PAGES)
def test_browsers_are_told_nothing_of_https_where_there_may_be_none(client: FlaskClient, address: str) -> None:
    assert "Strict-Transport-Security" not in client.get(address).headers


@pytest.mark.parametrize("address", PAGES)
def test_no_page_gets_at_what_a_browser_can_do_beyond_showing_it(client: FlaskClient, address: str) -> None:
    policy = client.get(address).headers["Permissions-Policy"]
    assert {"camera=()", "microphone=()", "geolocation=()", "payment=()"} <= set(policy.split(", "))


@pytest.mark.parametrize(
    ("environment", "is_secure", "warns"),
    [
        ("production", False, True),
        ("production", True, False),
        ("development", False, False),
    ],
)
def test_production_warns_when_cookies_are_not_secure(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, environment: str, is_secure: bool, warns: bool
) -> None:
    """The loggers of the process are caught, and not its output: they would keep what was put in the place of that."""
    lines: list[str] = []
    monkeypatch.setattr(structlog.WriteLogger, "warning", lambda _self, line: lines.append(line))
    changes = {"app_env": environment, "secure_cookies": is_secure, "secret_key": SecretStr("k" * 40)}
    create_app(settings.model_copy(update=changes))
    assert any("cookies_are_not_secure" in line for line in lines) == warns
