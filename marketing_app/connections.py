"""gunicorn's threaded worker, changed so that nobody holds its threads by doing nothing.

gunicorn 27 reads a request in the thread that answers it, for as long as the sender likes, and its main loop waits for
the end of each connection, for up to two seconds. Here the main loop collects requests and lets connections end.
A thread gets a whole request, or one whose body is larger than a visitor may send (see web.bodies), and gives up on a
peer that is slower than SLOWEST_BYTES_A_SECOND.
"""

import errno
import fcntl
import re
import socket
import struct
import termios
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from time import monotonic
from typing import Any, TypeVar

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from .web.bodies import ANONYMOUS_BYTES

REQUEST_SECONDS = 20.0
"""A request that is not whole after this time is refused."""
PATIENCE_SECONDS = 30.0
"""How long a thread waits in all for a peer that sends or takes nothing."""
SLOWEST_BYTES_A_SECOND = 4096
CLOSING_SECONDS = 2.0
HEAD_BYTES = 2**15
PIECE_BYTES = 2**16
OWN_THREADS = {b"GET /health/live ": 1, b"GET /health/ready ": 2, b"GET /static/": 16}
"""Beginnings of requests that have threads of their own: health is answered whatever the other threads do, and whoever
takes a large static file slowly, which needs no account, holds no thread of a page."""

HEAD_END = b"\r\n\r\n"
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
REFUSAL = b"HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
OUT_OF_FILES = {errno.EMFILE, errno.ENFILE}
ALREADY_GONE = {errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED}

R = TypeVar("R", int, bytes)


def is_ready_for_a_thread(arrived: bytearray) -> bool:
    """Whether the request came as a whole, or has a body that is too large to be collected."""
    end = arrived.find(HEAD_END)
    if end < 0:
        return False
    found = CONTENT_LENGTH.search(arrived, 0, end + 2)
    length = int(found[1]) if found else 0
    return length > ANONYMOUS_BYTES or len(arrived) >= end + len(HEAD_END) + length


class PacedSocket(socket.socket):
    """A socket whose threads give up on a slow peer, with the error of a connection that the peer has ended."""

    _patience = PATIENCE_SECONDS

    def set_patience(self, seconds: float) -> None:
        self._patience = seconds

    def recv(self, size: int, flags: int = 0) -> bytes:
        return self._in_time(super().recv, size, flags)

    def sendall(self, data: Any, flags: int = 0) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._in_time(super().send, rest, flags) :]

    def recv_now(self) -> bytes:
        """What there is, for the main loop; the socket does not block."""
        return super().recv(PIECE_BYTES)

    def has_unsent(self) -> bool:
        """Whether the peer has not taken all of the answer before."""
        (count,) = struct.unpack("i", fcntl.ioctl(self, termios.TIOCOUTQ, bytes(4)))
        return bool(count)

    def _in_time(self, move: Callable[..., R], *arguments: Any) -> R:
        """Waiting costs patience, and every byte that moves gives some back."""
        began = monotonic()
        self.settimeout(max(self._patience, 0.0))
        try:
            moved = move(*arguments)
        except (TimeoutError, BlockingIOError):
            raise ConnectionResetError(errno.ECONNRESET, "the peer is too slow") from None
        count = moved if isinstance(moved, int) else len(moved)
        earned = count / SLOWEST_BYTES_A_SECOND - (monotonic() - began)
        self._patience = min(PATIENCE_SECONDS, self._patience + earned)
        return moved


class Connection(TConn):
    """`arrived` is what came of the next request; the main loop waits for more until `ends_at`."""

    def __init__(self, cfg: Any, accepted: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, PacedSocket(fileno=accepted.detach()), client, server)
        self.arrived = bytearray()
        self.ends_at = 0.0
        self.is_closing = False
        self.init()


class PatientWorker(ThreadWorker):
    """A connection is either with a thread or in `_waiting`, where the one that has waited longest comes first."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._waiting: dict[Connection, None] = {}
        self._own_threads: dict[bytes, ThreadPoolExecutor] = {}

    def init_process(self) -> None:
        self._own_threads = {beginning: ThreadPoolExecutor(count) for beginning, count in OWN_THREADS.items()}
        super().init_process()

    def accept(self, listener: Any) -> None:
        """Take a new connection. There is room for it as long as any other waits."""
        try:
            accepted, client = listener.accept()
        except OSError as error:
            if error.errno in OUT_OF_FILES:
                self._end_the_longest_waiting()
            elif error.errno not in ALREADY_GONE:
                raise
            return
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self._end_the_longest_waiting()
        self._await(Connection(self.cfg, accepted, client, listener.getsockname()), REQUEST_SECONDS)

    def finish_request(self, conn: Connection, answered: "Future[bool]") -> None:
        """Wait for the next request of a connection, or for its end."""
        if answered.cancelled() or answered.exception() or not answered.result():
            self._close(conn)
            return
        conn.arrived += conn.parser.unreader.take_buffered()
        self._await(conn, REQUEST_SECONDS if conn.arrived else self.cfg.keepalive)
        self._consider(conn)

    def enqueue_req(self, conn: Connection) -> None:
        """Give the request to a thread."""
        beginnings = (each for each in self._own_threads if conn.arrived.startswith(each))
        pool: Any = self._own_threads.get(next(beginnings, b""), self.tpool)
        conn.parser.unreader.unread(bytes(conn.arrived))
        conn.arrived.clear()
        conn.sock.set_patience(PATIENCE_SECONDS)
        answering = pool.submit(self.handle, conn)
        answering.add_done_callback(lambda answered: self.method_queue.defer(self.finish_request, conn, answered))

    def murder_keepalived(self, force: bool = False) -> None:
        """End what has waited for too long."""
        now = monotonic()
        for conn in [each for each in self._waiting if force or each.ends_at <= now]:
            if conn.arrived and not conn.is_closing:
                self._refuse(conn, b"408 Request Timeout")
            else:
                self._end(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        for conn in self._waiting:
            conn.ends_at = min(conn.ends_at, deadline)

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:
        """What came of a body that nobody read is thrown away; a thread does not wait for the rest."""
        conn.sock.set_patience(0.0)
        return bool(super()._keepalive_after(conn, keepalive))

    def _await(self, conn: Connection, seconds: float) -> None:
        linger = seconds if self.alive else min(seconds, STOP_KEEPALIVE_LINGER)
        conn.ends_at = monotonic() + linger
        conn.sock.setblocking(False)
        self._waiting[conn] = None
        self.poller.register(conn.sock, EVENT_READ, partial(self._hear, conn))

    def _hear(self, conn: Connection, _socket: socket.socket) -> None:
        """Take what came on a connection that waits."""
        if conn not in self._waiting:  # it was ended in this very round of events
            return
        try:
            came = conn.sock.recv_now()
        except BlockingIOError:
            return
        except OSError:
            came = b""
        if not came:
            self._end(conn)
            return
        if not conn.arrived and not conn.is_closing:
            conn.ends_at = monotonic() + REQUEST_SECONDS
        conn.arrived += came
        self._consider(conn)

    def _consider(self, conn: Connection) -> None:
        """Hand a request over when it is ready."""
        if conn.is_closing:
            if len(conn.arrived) > PIECE_BYTES:
                self._end(conn)
            return
        del conn.arrived[: len(conn.arrived) - len(conn.arrived.lstrip(b"\r\n"))]
        if is_ready_for_a_thread(conn.arrived):
            self._hand_over(conn)
        elif len(conn.arrived) > HEAD_BYTES and HEAD_END not in conn.arrived:
            self._refuse(conn, b"431 Request Header Fields Too Large")

    def _hand_over(self, conn: Connection) -> None:
        """Who has not taken the answer before gets no other: the thread would wait for them to take it."""
        self._forget(conn)
        if conn.sock.has_unsent():
            self._close(conn)
        else:
            self.enqueue_req(conn)

    def _refuse(self, conn: Connection, status: bytes) -> None:
        self._forget(conn)
        with suppress(OSError):
            conn.sock.send(REFUSAL % status)
        self._close(conn)

    def _close(self, conn: Connection) -> None:
        """Say that nothing more comes, and wait for the peer to do the same: to close at once what still sends would
        take the answer away from it (RFC 9112, section 9.6)."""
        conn.is_closing = True
        conn.arrived.clear()
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            self._await(conn, CLOSING_SECONDS)
        except (OSError, ValueError):  # it is closed already
            self._end(conn)

    def _end(self, conn: Connection) -> None:
        self._forget(conn)
        self.nr_conns -= 1
        conn.close()

    def _end_the_longest_waiting(self) -> None:
        if self._waiting:
            self._end(next(iter(self._waiting)))

    def _forget(self, conn: Connection) -> None:
        if conn in self._waiting:
            del self._waiting[conn]
            self.poller.unregister(conn.sock)
