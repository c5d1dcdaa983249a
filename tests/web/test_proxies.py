"""Behind a reverse proxy: whose address counts, and where links lead under a sub-path."""

import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from subprocess import Popen

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.models import User
from tests.factories import PASSWORD, a_user
from tests.llm.model_servers import free_port
from tests.web.conftest import ROOT, Browser, Serve, token_in

Visit = Callable[[int, str], FlaskClient]
WRONG = "wrong wrong wrong"
LIMIT = 5
"""Attempts a minute, in the settings of the tests."""


@pytest.fixture
def visit(app_behind: Callable[[int], Flask], app: Flask) -> Visit:
    """Somebody at an address, who comes through so many proxies, set up as in docs/nginx.conf."""

    def visit(proxy_count: int, address: str) -> FlaskClient:
        client = app_behind(proxy_count).test_client()
        client.environ_base |= {
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_X_FORWARDED_FOR": address,
            "HTTP_X_FORWARDED_PROTO": "https",
            "HTTP_X_FORWARDED_HOST": "studio.bank.example",
            "HTTP_X_FORWARDED_PREFIX": "/studio",
        }
        return client

    return visit


@pytest.fixture
def person(app: Flask) -> User:
    return a_user()


def test_guesses_from_elsewhere_lock_nobody_out(visit: Visit, person: User) -> None:
    guesser, owner = visit(1, "203.0.113.7"), visit(1, "198.51.100.1")
    assert [guesser.sign_in(person, WRONG).status_code for _ in range(LIMIT + 1)][-1] == 429
    assert owner.sign_in(person).status_code == 303


def test_a_forged_address_is_not_believed(visit: Visit, person: User) -> None:
    """The proxy adds the true address behind what the visitor sent."""
    forged = [visit(1, f"192.0.2.{number}, 203.0.113.7") for number in range(LIMIT + 1)]
    assert [each.sign_in(person, WRONG).status_code for each in forged][-1] == 429


def test_without_proxies_no_header_is_believed(visit: Visit, person: User) -> None:
    answers = []
    for number in range(LIMIT + 1):
        client = visit(0, f"192.0.2.{number}")
        answers.append(client.sign_in(person, WRONG).status_code)
        assert "/studio" not in client.get("/sign-in").get_data(as_text=True)
    assert answers[-1] == 429


def test_of_two_proxies_the_outer_ones_visitor_counts(visit: Visit, person: User) -> None:
    for number in range(LIMIT + 1):
        assert visit(2, f"203.0.113.{number}, 10.0.0.1").sign_in(person, WRONG).status_code == 422


def test_colleagues_at_one_address_sign_in_as_often_as_they_like(visit: Visit) -> None:
    """Only attempts that failed count against an address that a whole bank may share."""
    office = visit(1, "203.0.113.7")
    assert {office.sign_in(a_user()).status_code for _ in range(10 * LIMIT + 1)} == {303}


def test_a_form_sent_through_a_proxy_over_tls_is_accepted(
    visit: Visit, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visit(1, "203.0.113.7")
    monkeypatch.setitem(client.application.config, "WTF_CSRF_ENABLED", True)
    token = token_in(client.get("/sign-in").get_data(as_text=True))
    data = {"email": person.email, "password": PASSWORD, "csrf_token": token}
    answer = client.post("/sign-in", data=data, headers={"Referer": "https://studio.bank.example/studio/sign-in"})
    assert (answer.status_code, answer.location) == (303, "/studio/")


@contextmanager
def nginx(directory: Path, studio_port: int) -> Iterator[int]:
    """Debian's nginx with the configuration of the documents, on ports of the test."""
    port = free_port()
    server = (ROOT / "docs" / "nginx.conf").read_text()
    server = server.replace("listen 80;", f"listen 127.0.0.1:{port};").replace(":8000/", f":{studio_port}/")
    places = "".join(f"{name}_temp_path {directory};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    frame = (
        f"daemon off; pid {directory}/pid; error_log stderr; events {{}} http {{ access_log off; {places} {server} }}"
    )
    (directory / "nginx.conf").write_text(frame)
    process = Popen(["nginx", "-e", "stderr", "-p", str(directory), "-c", str(directory / "nginx.conf")])
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def wait_for(port: int) -> None:
    for _ in range(100):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("nginx did not start")


@pytest.mark.skipif(shutil.which("nginx") is None, reason="no nginx here: apt-get install nginx-light")
def test_the_documented_nginx_tells_people_apart_and_keeps_the_sub_path(
    serve: Serve, person: User, tmp_path: Path
) -> None:
    studio_port = serve(PROXY_COUNT="1", SIGN_IN_LIMIT="3 per minute")
    with nginx(tmp_path, studio_port) as port:
        guesser, owner = Browser(port, "/studio", "127.0.0.2"), Browser(port, "/studio", "127.0.0.3")
        forged = [{}, {}, {}, {"X-Forwarded-For": "192.0.2.1"}]
        assert [guesser.sign_in(person, WRONG, **each).status for each in forged] == [422, 422, 422, 429]
        answer = owner.sign_in(person)
        assert (answer.status, answer.getheader("Location")) == (303, "/studio/")
        page = owner.ask("GET", "/")[1]
        links = re.findall(r'(?:href|src|action|hx-get)="(/[^"]*)"', page)
        assert links and all(link.startswith("/studio/") for link in links)
