"""Whoever sends half a request, or takes no answer, leaves the threads to the others."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from time import monotonic

import pytest
from flask import Flask

from marketing_app.connections import OWN_THREADS, PacedSocket, is_ready_for_a_thread
from marketing_app.web.bodies import ANONYMOUS_BYTES
from tests.factories import a_user
from tests.web.conftest import Browser, Serve

THREADS = 4
MORE_THAN_THREADS = 12
PATIENT_SECONDS = 20
FORM = "Content-Type: application/x-www-form-urlencoded"
TO_LIVE, TO_FORM = "GET /health/live HTTP/1.1\r\nHost: x\r\n", f"POST /sign-in HTTP/1.1\r\nHost: x\r\n{FORM}\r\n"
LARGE_FILE = "GET /static/vendor/echarts/echarts.min.js HTTP/1.1\r\nHost: x\r\n\r\n"
HELD = {
    "nothing": "",
    "half a head": TO_LIVE,
    "half a body": f"{TO_FORM}Content-Length: 99\r\n\r\nemail=",
    "a chunk": f"{TO_FORM}Transfer-Encoding: chunked\r\n\r\n5\r\nemail\r\n",
    "a chunk of a form that nobody asked for": (
        f"GET /sign-in HTTP/1.1\r\nHost: x\r\n{FORM}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nemail\r\n"
    ),
    "half a body too large to be read": f"{TO_FORM}Content-Length: 999999\r\n\r\nemail=",
    "half a body that nobody reads": f"{TO_LIVE}Content-Length: 999999\r\n\r\n",
    "a request and a half": f"{TO_LIVE}\r\n{TO_LIVE}",
    "an answer that is not taken": LARGE_FILE * 6,
    "no end after the last answer": f"{TO_LIVE}Connection: close\r\n\r\n",
}


@contextmanager
def connections(port: int, sent: str, count: int = MORE_THAN_THREADS) -> Iterator[list[socket.socket]]:
    """That many connections which sent this and read nothing yet."""
    opened = [socket.socket() for _number in range(count)]
    try:
        for each in opened:
            each.settimeout(PATIENT_SECONDS)
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**11)
            each.connect(("127.0.0.1", port))
            each.sendall(sent.encode())
        yield opened
    finally:
        for each in opened:
            each.close()


def answer_on(connection: socket.socket) -> bytes:
    """All that comes until the end of the connection."""
    said = b""
    with suppress(ConnectionError):
        while piece := connection.recv(2**16):
            said += piece
    return said


def test_a_visitor_holds_no_thread_with_what_is_not_sent_or_not_taken(serve: Serve) -> None:
    port = serve(THREADS=str(THREADS))
    for kind, sent in HELD.items():
        with connections(port, sent):
            for path in ("/health/live", "/health/ready", "/sign-in"):
                assert is_answered(port, path), (kind, path)


def is_answered(port: int, path: str) -> bool:
    with suppress(TimeoutError):
        return Browser(port).ask("GET", path)[0].status in (200, 503)  # the model may still be loading
    return False


def test_waiting_connections_make_room_for_new_ones(serve: Serve) -> None:
    """More than the program keeps: the one that has waited longest goes."""
    port = serve(THREADS=str(THREADS))
    with connections(port, TO_LIVE, 540) as opened:
        assert is_answered(port, "/sign-in")
        assert answer_on(opened[0]) == b""


def test_a_request_that_does_not_come_in_time_is_refused(serve: Serve) -> None:
    port = serve(config="tests.web.hasty_gunicorn", THREADS=str(THREADS))
    with ExitStack() as opened:
        late = {
            kind: opened.enter_context(connections(port, HELD[kind], 1))[0]
            for kind in ("half a head", "half a body", "a request and a half")
        }
        (silent,) = opened.enter_context(connections(port, "", 1))
        (slow,) = opened.enter_context(connections(port, TO_LIVE, 1))
        assert b"408 Request Timeout" in answer_while_sending(slow, b"X: y\r\n")
        assert [kind for kind, each in late.items() if b"408 Request Timeout" not in answer_on(each)] == []
        assert answer_on(silent) == b""


def test_a_signed_in_person_does_not_hold_a_thread_with_half_a_form(serve: Serve) -> None:
    """Such a form is too large to be collected before a thread reads it."""
    person = a_user()
    port = serve(config="tests.web.hasty_gunicorn", THREADS=str(THREADS))
    browser = Browser(port)
    assert browser.sign_in(person).status == 303
    head = f"POST /profile HTTP/1.1\r\nHost: x\r\n{FORM}\r\nCookie: {browser.cookie}\r\n"
    for length in (f"Content-Length: {2 * ANONYMOUS_BYTES}", "Transfer-Encoding: chunked"):
        with connections(port, f"{head}{length}\r\n\r\n", 1) as (slow,):
            assert b"400 BAD REQUEST" in answer_while_sending(slow, b"1\r\nx\r\n"), length


def answer_while_sending(connection: socket.socket, piece: bytes) -> bytes:
    """What is answered to somebody who sends a few bytes every fifth of a second."""
    connection.settimeout(0.2)
    deadline = monotonic() + PATIENT_SECONDS
    while monotonic() < deadline:
        with suppress(TimeoutError):
            return connection.recv(2**12)
        with suppress(ConnectionError):
            connection.sendall(piece)
    raise AssertionError("nothing was answered")


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[PacedSocket, socket.socket]]:
    monkeypatch.setattr("marketing_app.connections.PATIENCE_SECONDS", 0.2)
    ours, theirs = socket.socketpair()
    with closing(PacedSocket(fileno=ours.detach())) as paced, closing(theirs):
        paced.set_patience(0.2)
        yield paced, theirs


def test_who_takes_nothing_of_an_answer_is_given_up(pair: tuple[PacedSocket, socket.socket]) -> None:
    with pytest.raises(ConnectionResetError):
        pair[0].sendall(b"x" * 2**24)


def test_who_sends_fast_enough_is_waited_for(
    pair: tuple[PacedSocket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte that comes gives some of the patience back."""
    monkeypatch.setattr("marketing_app.connections.SLOWEST_BYTES_A_SECOND", 1)
    paced, theirs = pair
    theirs.sendall(b"x")
    paced.set_patience(0.0)
    assert paced.recv(1) == b"x"
    assert paced._patience > 0.1
    with pytest.raises(ConnectionResetError):
        paced.recv(1)


@pytest.mark.parametrize(
    ("arrived", "is_ready"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\ncontent-LENGTH:  3 \r\nHost: x\r\n\r\nab", False),
        (b"POST / HTTP/1.1\r\ncontent-LENGTH:  3 \r\nHost: x\r\n\r\nabc", True),
        (b"POST / HTTP/1.1\r\nContent-Length: 65536\r\n\r\n", False),
        (b"POST / HTTP/1.1\r\nContent-Length: 65537\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", True),
    ],
)
def test_a_thread_gets_whole_requests(arrived: bytes, is_ready: bool) -> None:
    assert is_ready_for_a_thread(bytearray(arrived)) == is_ready


def test_the_questions_about_health_have_threads_of_their_own(app: Flask) -> None:
    health = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("health.")}
    assert {f"GET {path} ".encode() for path in health} <= set(OWN_THREADS)
