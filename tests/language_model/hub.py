"""A model hub for tests: the addresses of its API that a download asks for, and a store of files beside it, as real
ones have, on an address of its own."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SLICE = 2**20


@dataclass
class ModelHub:
    """What the hub has and how it behaves. `asked` are the requests for content: the Range and the key of each."""

    repository: str = "bank/model-GGUF"
    files: dict[str, bytes] = field(default_factory=dict)
    is_gated: bool = False
    token: str = ""
    claimed_size: int | None = None
    claimed_sha256: str | None = None
    breaks_at: list[int] = field(default_factory=list)
    store_answers: list[int] = field(default_factory=list)
    asked: list[tuple[str | None, str | None]] = field(default_factory=list)
    address: str = ""
    store: str = ""

    def ranges(self) -> list[str | None]:
        return [asked for asked, _key in self.asked]


@contextmanager
def serving(hub: ModelHub) -> Iterator[ModelHub]:
    with _server(_hub_handler(hub)) as hub.address, _server(_store_handler(hub)) as hub.store:
        yield hub


@contextmanager
def _server(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


class Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_words: Any) -> None:
        pass

    def answer(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _hub_handler(hub: ModelHub) -> type[BaseHTTPRequestHandler]:
    class Handler(Quiet):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            if self.path.startswith("/api/models/"):
                names = [{"rfilename": name} for name in hub.files]
                body = json.dumps({"id": hub.repository, "siblings": names}).encode()
                self.answer(200, {"Content-Type": "application/json"}, body)
                return
            repository, _word, rest = self.path.lstrip("/").partition("/resolve/")
            revision, _slash, name = rest.partition("/")
            key = self.headers.get("Authorization")
            if repository != hub.repository:
                self.answer(404, {"X-Error-Code": "RepoNotFound"})
            elif hub.is_gated and key is None:
                self.answer(401, {"X-Error-Code": "GatedRepo"})
            elif hub.token and key != f"Bearer {hub.token}":
                self.answer(403, {"X-Error-Message": "Forbidden"})
            elif revision not in ("main", COMMIT):
                self.answer(404, {"X-Error-Code": "RevisionNotFound"})
            elif name not in hub.files:
                self.answer(404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT})
            else:
                content = hub.files[name]
                etag = hub.claimed_sha256 or hashlib.sha256(content).hexdigest()
                size = hub.claimed_size or len(content)
                told = {"X-Repo-Commit": COMMIT, "X-Linked-ETag": f'"{etag}"', "X-Linked-Size": str(size)}
                self.answer(302, {**told, "Location": f"{hub.store}/{name}?signature=secret"})

    return Handler


def _store_handler(hub: ModelHub) -> type[BaseHTTPRequestHandler]:
    class Handler(Quiet):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            hub.asked.append((wanted, self.headers.get("Authorization")))
            status = hub.store_answers.pop(0) if hub.store_answers else 200
            if status != 200:
                self.answer(status)
                return
            content = hub.files[self.path.lstrip("/").partition("?")[0]]
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(len(content) - start))
            if wanted:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.end_headers()
            end = hub.breaks_at.pop(0) if hub.breaks_at else len(content)
            for at in range(start, end, SLICE):
                self.wfile.write(content[at : min(at + SLICE, end)])
            self.close_connection = True

    return Handler
