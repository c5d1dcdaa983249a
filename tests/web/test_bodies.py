"""Nobody makes the program read a large body who has not come in and is not sending a file."""

import io
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import pytest
from flask.testing import FlaskClient

from marketing_app.models import Project, User
from marketing_app.web.bodies import ANONYMOUS_BYTES, CONSOLE_BYTES, FORM_BYTES
from tests.factories import a_project, a_user
from tests.web.conftest import Browser, Serve

BODY_BYTES = 19 * 2**20
TAKEN_AT_MOST = 8 * 2**20
"""What the kernel's two buffers of a connection may hold, whoever reads or not, and what gunicorn throws away."""
BOUNDARY = "a-boundary"
CLOSING_SECONDS = 20
LENGTH = f"Content-Length: {BODY_BYTES}"
CHUNKED = "Transfer-Encoding: chunked"


def taken(port: int, path: str, *headers: str) -> tuple[str, int]:
    """Send a large file in a form, until the other side takes no more: the answer's first line and the bytes taken."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'.encode()
    request = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: multipart/form-data; boundary={BOUNDARY}"]
    with closing(small_socket(port)) as connection:
        connection.sendall("\r\n".join([*request, *headers, "", ""]).encode())
        count = 0
        with suppress(OSError):
            for piece in pieces(head, is_chunked=CHUNKED in headers):
                connection.sendall(piece)
                count += len(piece)
        return first_line(connection), count


def small_socket(port: int) -> socket.socket:
    """One that keeps little to be sent, so that what is sent is nearly what was taken."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**14)
    connection.settimeout(CLOSING_SECONDS)
    connection.connect(("127.0.0.1", port))
    return connection


def pieces(head: bytes, is_chunked: bool) -> Iterator[bytes]:
    for content in (head, *[b"x" * 2**16] * (BODY_BYTES // 2**16)):
        yield f"{len(content):x}\r\n".encode() + content + b"\r\n" if is_chunked else content


def first_line(connection: socket.socket) -> str:
    with suppress(OSError):
        return connection.recv(2**12).decode(errors="replace").partition("\r\n")[0]
    return ""


def cookie_of(port: int, person: User) -> str:
    """The header by which the person's session is known."""
    browser = Browser(port)
    assert browser.sign_in(person).status == 303
    return f"Cookie: {browser.cookie}"


def test_nobody_makes_the_program_read_before_it_knows_who_sends(serve: Serve) -> None:
    project = a_project()
    port = serve()
    load = f"/projects/{project.id}/clients/load/file"
    for path in ("/sign-in", "/language", load, "/nothing", "/health/live", "/admin/product/new/"):
        for header in (LENGTH, CHUNKED):
            answer, count = taken(port, path, header)
            assert count < TAKEN_AT_MOST, (path, header, answer, count)


def test_a_member_of_another_project_is_not_listened_to_either(serve: Serve) -> None:
    project, stranger = a_project(), a_user()
    port = serve()
    cookie = cookie_of(port, stranger)
    for path in (f"/projects/{project.id}/clients/load/file", "/profile", "/text-bank/file"):
        answer, count = taken(port, path, LENGTH, cookie)
        assert count < TAKEN_AT_MOST, (path, answer, count)


def test_a_member_sends_a_file_through_the_same_server(serve: Serve) -> None:
    project = a_project()
    port = serve()
    cookie = cookie_of(port, project.members[0].user)
    _answer, count = taken(port, f"/projects/{project.id}/clients/load/file", LENGTH, cookie)
    assert count > BODY_BYTES - 2**17


@pytest.fixture
def project(client: FlaskClient) -> Project:
    project = a_project()
    client.sign_in(project.members[0].user)
    return project


@pytest.mark.parametrize(("size", "status"), [(ANONYMOUS_BYTES // 2, 422), (ANONYMOUS_BYTES, 413)])
def test_a_visitor_sends_a_sign_in_form_and_nothing_larger(client: FlaskClient, size: int, status: int) -> None:
    assert client.post("/sign-in", data={"email": "x" * size, "password": "x"}).status_code == status


@pytest.mark.parametrize("path", ["edit", "rights/opt-outs", "members"])
def test_a_member_sends_forms_of_a_megabyte(client: FlaskClient, project: Project, path: str) -> None:
    address = f"/projects/{project.id}/{path}"
    sizes = (FORM_BYTES // 4, FORM_BYTES)
    answers = [client.post(address, data={"note": "x" * size}).status_code for size in sizes]
    assert answers[0] != 413 and answers[1] == 413


@pytest.mark.parametrize("body", ["{}", "[[[]]]", '"name"', "["])
def test_a_member_sends_nothing_but_forms(client: FlaskClient, project: Project, body: str) -> None:
    answer = client.post(f"/projects/{project.id}/edit", data=body, content_type="application/json")
    assert answer.status_code == 400


def test_a_console_form_has_room_for_a_picture(client: FlaskClient) -> None:
    client.sign_in(a_user(is_administrator=True))
    answers = []
    for size in (FORM_BYTES * 2, CONSOLE_BYTES):
        content = {"picture": (io.BytesIO(b"x" * size), "x.png")}
        answers.append(client.post("/admin/product/new/", data=content).status_code)
    assert answers == [200, 413]


def test_nobody_is_looked_up_for_a_static_file(
    client: FlaskClient, project: Project, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    assert count_queries(lambda: client.get("/static/css/theme.css")) == 0
