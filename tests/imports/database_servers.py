"""What stands at the other end of a socket in the tests of databases."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A TCP server on a port of this machine; every connection is served in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    connections: list[socket.socket] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connections.append(connection)
                threading.Thread(target=attended, args=(connection,), daemon=True).start()

    def attended(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            serve(connection)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        for open_one in [listener, *connections]:
            with suppress(OSError):
                open_one.shutdown(socket.SHUT_RDWR)
            open_one.close()


class Relay:
    """Carries bytes between a TCP connection and a server's Unix socket, until told to hang up."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._pairs: list[socket.socket] = []

    def __call__(self, near: socket.socket) -> None:
        with socket.socket(socket.AF_UNIX) as far:
            far.connect(self._path)
            self._pairs += [near, far]
            threading.Thread(target=pour, args=(near, far), daemon=True).start()
            pour(far, near)

    def hang_up(self) -> None:
        for end in self._pairs:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def pour(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)
