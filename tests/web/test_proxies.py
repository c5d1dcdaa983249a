"""Behind a reverse proxy: whose address counts, and where links lead under a sub-path."""

import re
import shutil
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, Popen, run

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import CampaignState, User
from marketing_app.web.bodies import TAKES_FILE
from marketing_app.web.streams import FIRST_BYTE
from tests.factories import PASSWORD, a_campaign, a_project, a_user, an_offer
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


@dataclass(frozen=True)
class Proxy:
    """A running nginx: its port for HTTPS, the one for plain HTTP, and how a browser that trusts it connects."""

    port: int
    plain_port: int
    tls: ssl.SSLContext

    def browser(self, prefix: str = "", address: str = "127.0.0.1") -> Browser:
        return Browser(self.port, prefix, address, self.tls)


@contextmanager
def nginx(directory: Path, studio_port: int, changes: dict[str, str] | None = None) -> Iterator[Proxy]:
    """Debian's nginx with the configuration of the documents, on ports of the test, with a certificate of its own."""
    make_certificate(directory)
    proxy = Proxy(free_port(), free_port(), ssl.create_default_context(cafile=directory / "studio.crt"))
    proxy.tls.check_hostname = False
    of_the_test = {
        "listen 80;": f"listen 127.0.0.1:{proxy.plain_port};",
        "listen 443 ": f"listen 127.0.0.1:{proxy.port} ",
        "web:8000": f"127.0.0.1:{studio_port}",
        "/etc/nginx/tls": str(directory),
    }
    server = (ROOT / "docs" / "nginx.conf").read_text()
    for written, meant in (of_the_test | (changes or {})).items():
        assert written in server
        server = server.replace(written, meant)
    places = "".join(f"{name}_temp_path {directory};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    frame = (
        f"daemon off; pid {directory}/pid; error_log stderr; events {{}} http {{ access_log off; {places} {server} }}"
    )
    (directory / "nginx.conf").write_text(frame)
    process = Popen(["nginx", "-e", "stderr", "-p", str(directory), "-c", str(directory / "nginx.conf")])
    try:
        wait_for(proxy.port)
        yield proxy
    finally:
        process.terminate()
        process.wait(10)


def make_certificate(directory: Path) -> None:
    """What a bank's own authority makes."""
    key = ["-newkey", "rsa:2048", "-nodes", "-keyout", "studio.key", "-out", "studio.crt", "-days", "2"]
    command = ["openssl", "req", "-x509", *key, "-subj", "/CN=studio.bank.example"]
    run(command, cwd=directory, check=True, stderr=DEVNULL)


def wait_for(port: int) -> None:
    for _ in range(100):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("nginx did not start")


needs_nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="no nginx here: apt-get install nginx-light")


@needs_nginx
def test_the_documented_nginx_tells_people_apart_and_keeps_the_sub_path(
    serve: Serve, person: User, tmp_path: Path
) -> None:
    studio_port = serve(PROXY_COUNT="1", SECURE_COOKIES="true", SIGN_IN_LIMIT="3 per minute")
    under_a_path = {"# set $prefix": "set $prefix", "# rewrite": "rewrite", 'set $prefix "";': ""}
    with nginx(tmp_path, studio_port, under_a_path) as proxy:
        guesser, owner = proxy.browser("/studio", "127.0.0.2"), proxy.browser("/studio", "127.0.0.3")
        forged = [{}, {}, {}, {"X-Forwarded-For": "192.0.2.1"}]
        assert [guesser.sign_in(person, WRONG, **each).status for each in forged] == [422, 422, 422, 429]
        answer = owner.sign_in(person)
        assert (answer.status, answer.getheader("Location")) == (303, "/studio/")
        page = owner.ask("GET", "/")[1]
        links = re.findall(r'(?:href|src|action|hx-get)="(/[^"]*)"', page)
        assert links and all(link.startswith("/studio/") for link in links)


@needs_nginx
def test_the_documented_nginx_waits_for_the_slow_and_passes_streams_on_at_once(serve: Serve, tmp_path: Path) -> None:
    campaign = a_campaign(a_project(), 1)
    an_offer(campaign)
    manager, address = campaign.project.members[0].user, f"/projects/{campaign.project_id}/campaigns"
    with nginx(tmp_path, serve(PROXY_COUNT="1", SECURE_COOKIES="true", THREADS="4")) as proxy:
        plain = Browser(proxy.plain_port).ask("GET", "/sign-in")[0]
        assert (plain.status, plain.getheader("Location")) == (308, "https://127.0.0.1/sign-in")
        assert speaks_http_2(proxy)
        browser = proxy.browser()
        with slow_visitors(proxy, 12):
            assert browser.sign_in(manager).status == 303
            with closing(browser.connect()) as connection:
                connection.request("GET", f"{address}/{campaign.id}/stream", headers={"Cookie": browser.cookie})
                stream = connection.getresponse()
                assert (stream.readline(), stream.readline()) == (FIRST_BYTE.encode()[:-1], b"\n")
                assert b"data-progress" in stream.read1(2**16)
                campaign.state = CampaignState.CANCELLED
                db.session.commit()
                assert b"event: done" in stream.read()


def speaks_http_2(proxy: Proxy) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", proxy.port)) as plain, context.wrap_socket(plain) as connection:
        return connection.selected_alpn_protocol() == "h2"


@contextmanager
def slow_visitors(proxy: Proxy, count: int) -> Iterator[None]:
    """Each has sent half of a sign-in form."""
    head = "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with ExitStack() as opened:
        for _number in range(count):
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", proxy.port)))
            over_tls = opened.enter_context(proxy.tls.wrap_socket(connection))
            over_tls.sendall(f"{head}Content-Length: 99\r\n\r\nemail=".encode())
        yield


def test_only_files_go_to_the_studio_before_they_have_come_as_a_whole(app: Flask) -> None:
    """The documented nginx names the addresses that take files of any size."""
    (pattern,) = re.findall(r"location ~ (\S+) \{", (ROOT / "docs" / "nginx.conf").read_text())
    addresses = [
        (re.sub(r"<(?:\w+:)?\w+>", "7", rule.rule), app.view_functions[rule.endpoint])
        for rule in app.url_map.iter_rules()
    ]
    of_files = {address for address, view in addresses if hasattr(view, TAKES_FILE)}
    assert {address for address, _view in addresses if re.search(pattern, address)} == of_files
