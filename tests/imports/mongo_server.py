"""A server that speaks MongoDB's wire protocol over real sockets, for machines that cannot have MongoDB.

mockupdb carries the messages; what a server does with them is here: SCRAM-SHA-256, find with the common operators and a
projection, batches, time limits. Run as a program it serves a few clients until it is stopped, to try the wizard by
hand: `python -m tests.imports.mongo_server`.
"""

import hashlib
import hmac
import os
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from mockupdb import MockupDB, Request

Document = dict[str, Any]

HELLO: Document = {
    "helloOk": True,
    "isWritablePrimary": True,
    "ismaster": True,
    "minWireVersion": 0,
    "maxWireVersion": 21,
}
HELLO |= {"maxBsonObjectSize": 16 * 2**20, "maxMessageSizeBytes": 48_000_000, "maxWriteBatchSize": 100_000}
HELLO |= {"saslSupportedMechs": ["SCRAM-SHA-256"]}
GREETINGS = {"hello", "ismaster", "isMaster"}
WITHOUT_A_NAME = {*GREETINGS, "saslStart", "saslContinue", "ping", "endSessions"}
AUTHENTICATION_FAILED, UNAUTHORIZED, BAD_VALUE, NO_SUCH_COMMAND, MAX_TIME_EXPIRED = 18, 13, 2, 59, 50
ITERATIONS = 4096
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": eq,
    "$ne": ne,
    "$gt": lambda value, bound: value is not None and gt(value, bound),
    "$gte": lambda value, bound: value is not None and ge(value, bound),
    "$lt": lambda value, bound: value is not None and lt(value, bound),
    "$lte": lambda value, bound: value is not None and le(value, bound),
    "$in": lambda value, choices: value in choices,
    "$exists": lambda value, wanted: (value is not None) == wanted,
}


@dataclass
class MongoServer:
    """What it holds, by "database.collection", and whom it lets in; without a user, everybody."""

    collections: dict[str, list[Document]]
    user: str = ""
    password: str = ""
    thinks_seconds: float = 0
    """How long a find takes, unless its time limit is over before."""
    hangs: bool = False
    """Whether a find is never answered, whatever its time limit."""
    greeting: Document = field(default_factory=dict)
    """What else it says of itself, such as of which replica set it is."""
    said: list[Document] = field(default_factory=list)
    """Every command that it was sent, in order."""
    _wire: MockupDB = field(default_factory=MockupDB)
    _half_way: dict[int, tuple[str, str]] = field(default_factory=dict)
    _let_in: set[int] = field(default_factory=set)
    _cursors: dict[int, tuple[str, list[Document]]] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return int(self._wire.port)

    @property
    def uri(self) -> str:
        """Without a user; who has one puts it in."""
        return f"mongodb://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._wire.autoresponds(self._answer)
        self._wire.run()

    def stop(self) -> None:
        """Cut every connection and take no new one."""
        self._wire.stop()

    def _answer(self, request: Request) -> bool:
        command = request.doc
        name = next(iter(command))
        self.said.append(dict(command))
        if self.user and request.client_port not in self._let_in and name not in WITHOUT_A_NAME:
            return refused(request, UNAUTHORIZED, f"Command {name} requires authentication")
        if name in GREETINGS:
            return bool(request.ok(HELLO | self.greeting))
        if name in ("saslStart", "saslContinue"):
            return self._authenticate(request, command["payload"].decode())
        if name == "find":
            return self._find(request, command)
        if name == "getMore":
            return self._get_more(request, command)
        if name in ("ping", "endSessions", "killCursors"):
            return bool(request.ok())
        return refused(request, NO_SUCH_COMMAND, f"no such command: '{name}'")

    def _find(self, request: Request, command: Document) -> bool:
        if self.hangs:
            return True
        limit_seconds = command.get("maxTimeMS", 3_600_000) / 1000
        time.sleep(min(self.thinks_seconds, limit_seconds))
        if self.thinks_seconds > limit_seconds:
            return refused(request, MAX_TIME_EXPIRED, "operation exceeded time limit")
        space = f"{command['$db']}.{command['find']}"
        found = [document for document in self.collections.get(space, ()) if fits(document, command["filter"])]
        found = found[: command.get("limit") or None]
        shown = [projected(document, command.get("projection")) for document in found]
        return self._batch(request, space, shown, command.get("batchSize", 101), "firstBatch")

    def _get_more(self, request: Request, command: Document) -> bool:
        if "maxTimeMS" in command:
            return refused(request, BAD_VALUE, "cannot set maxTimeMS on getMore command for a non-awaitData cursor")
        space, rest = self._cursors.pop(command["getMore"])
        return self._batch(request, space, rest, command.get("batchSize", 101), "nextBatch")

    def _batch(self, request: Request, space: str, documents: list[Document], size: int, name: str) -> bool:
        rest = documents[size:]
        cursor = len(self.said) if rest else 0
        if rest:
            self._cursors[cursor] = space, rest
        return bool(request.ok({"cursor": {"id": cursor, "ns": space, name: documents[:size]}}))

    def _authenticate(self, request: Request, payload: str) -> bool:
        """SCRAM-SHA-256, RFC 7677. `_half_way` keeps the server's first message and what is to be signed."""
        if "saslStart" in request.doc:
            bare = payload.partition(",,")[2]
            nonce = attributes(bare)["r"] + b64encode(os.urandom(18)).decode()
            salt = b64encode(hashlib.sha256(self.user.encode()).digest()[:16]).decode()
            first = f"r={nonce},s={salt},i={ITERATIONS}"
            self._half_way[request.client_port] = attributes(bare)["n"], f"{bare},{first},"
            return sasl(request, first, done=False)
        user, signed = self._half_way.pop(request.client_port)
        signed += payload.rpartition(",p=")[0]
        salted = hashlib.pbkdf2_hmac("sha256", self.password.encode(), b64decode(attributes(signed)["s"]), ITERATIONS)
        client_key = digest(salted, b"Client Key")
        signature = digest(hashlib.sha256(client_key).digest(), signed.encode())
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        if user != self.user or b64encode(proof).decode() != attributes(payload)["p"]:
            return refused(request, AUTHENTICATION_FAILED, "Authentication failed.")
        self._let_in.add(request.client_port)
        return sasl(
            request, f"v={b64encode(digest(digest(salted, b'Server Key'), signed.encode())).decode()}", done=True
        )


def refused(request: Request, code: int, words: str) -> bool:
    return bool(request.reply({"ok": 0, "code": code, "errmsg": words}))


def sasl(request: Request, payload: str, done: bool) -> bool:
    return bool(request.ok({"conversationId": 1, "payload": payload.encode(), "done": done}))


def attributes(message: str) -> dict[str, str]:
    return {part[0]: part[2:] for part in message.split(",") if part[1:2] == "="}


def digest(key: bytes, words: bytes) -> bytes:
    return hmac.digest(key, words, "sha256")


def fits(document: Document, condition: Document) -> bool:
    return all(meets(value_at(document, path), wanted) for path, wanted in condition.items())


def meets(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping) and wanted and all(name.startswith("$") for name in wanted):
        return all(COMPARISONS[name](value, bound) for name, bound in wanted.items())
    return bool(value == wanted)


def value_at(document: Any, path: str) -> Any:
    for key in path.split("."):
        document = document.get(key) if isinstance(document, Mapping) else None
    return document


def projected(document: Document, projection: Mapping[str, int] | None) -> Document:
    """Only the asked-for fields, in the document's order; `_id` unless it is declined."""
    if not projection:
        return document
    wanted = {path for path, shown in projection.items() if shown} | ({"_id"} if projection.get("_id", 1) else set())
    return {key: kept for key, value in document.items() if (kept := pruned(key, value, wanted)) is not None}


def pruned(path: str, value: Any, wanted: set[str]) -> Any:
    if path in wanted:
        return value
    if not isinstance(value, Mapping) or not any(name.startswith(f"{path}.") for name in wanted):
        return None
    return {key: kept for key, inner in value.items() if (kept := pruned(f"{path}.{key}", inner, wanted)) is not None}


@contextmanager
def mongo_server(
    collections: dict[str, list[Document]], user: str = "", password: str = "", **manners: Any
) -> Iterator[MongoServer]:
    server = MongoServer(collections, user, password, **manners)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def main() -> None:
    clients = [{"client_id": f"M{n:05}", "age": 20 + n % 60, "address": {"city": "Москва"}} for n in range(1000)]
    with mongo_server({"bank.clients": clients}) as server:
        print(f"{server.uri}/bank  collection: clients")
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main()
