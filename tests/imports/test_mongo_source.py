"""Clients are read out of a MongoDB by the real driver, over the real protocol."""

import json
import logging
import socket
import socketserver
import time
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from threading import Thread
from typing import Any

import dns.message
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest
from bson import Code, Decimal128, Int64, ObjectId, Regex
from bson.binary import Binary
from bson.datetime_ms import DatetimeMS
from pymongo.errors import PyMongoError

from marketing_app.imports.addresses import AddressRules, parse_allowed
from marketing_app.imports.errors import (
    BadAddress,
    BadFilter,
    ConnectionLost,
    DuplicateColumns,
    ForbiddenHost,
    NoRows,
    QueryRefused,
    QueryTooSlow,
    RowTooLong,
    SourceError,
    TooManyBytes,
    TooManyColumns,
    TooManyRows,
    UnknownDatabase,
    UnknownHost,
    UnnamedColumns,
    UnsafeFilter,
    ValueTooLong,
    WrongCredentials,
)
from marketing_app.imports.fetching import FetchLimits
from marketing_app.imports.mongo import MongoSource, connect, read_filter
from marketing_app.imports.mongo_address import MongoAddress, MongoQuery, read_uri
from tests.imports.database_servers import listening
from tests.imports.mongo_server import MongoServer, mongo_server

USER, PASSWORD = "reader", "s3cret-Пароль"
LIMITS = FetchLimits(rows=100_000, bytes=50 * 2**20, seconds=20)
RULES = AddressRules()
CLIENTS = [{"_id": n, "name": f"Клиент {n}", "age": 20 + n % 60} for n in range(2500)]


@pytest.fixture(scope="module")
def bank() -> Iterator[MongoServer]:
    with mongo_server({"bank.clients": CLIENTS}, USER, PASSWORD) as server:
        yield server


@pytest.fixture(scope="module")
def open_bank() -> Iterator[MongoServer]:
    """One that lets everybody in; what it holds is up to each test."""
    with mongo_server({}) as server:
        yield server


def address_of(server: MongoServer, **change: Any) -> MongoAddress:
    found = MongoAddress((("127.0.0.1", server.port),), "bank", server.user)
    return replace(found, **change)


def ask(server: MongoServer, limits: FetchLimits = LIMITS, **query: Any) -> MongoSource:
    return connect(address_of(server), server.password, MongoQuery("clients", **query), RULES, limits)


def rows_of(
    open_bank: MongoServer, documents: list[dict[str, Any]], **query: Any
) -> tuple[list[str], list[list[object]]]:
    """What comes of a collection that holds these."""
    open_bank.collections["bank.clients"] = documents
    with ask(open_bank, **query) as source:
        return list(source.columns), [list(row) for _, row in source.rows()]


def test_a_collection_is_read_in_its_order(bank: MongoServer) -> None:
    with ask(bank) as source:
        assert list(source.columns) == ["_id", "name", "age"]
        assert (source.row_count, source.share_read) == (None, 0.0)
        rows = list(source.rows())
        assert source.share_read == 1.0
    assert rows == [(n + 1, [n, f"Клиент {n}", 20 + n % 60]) for n in range(2500)]


def test_a_filter_and_fields(bank: MongoServer) -> None:
    with ask(bank, filter='{"age": {"$gte": 30, "$lt": 32}, "_id": {"$lt": 100}}', fields=("age", "name")) as source:
        assert list(source.columns) == ["age", "name"]
        assert [list(row) for _, row in source.rows()] == [
            [30, "Клиент 10"],
            [31, "Клиент 11"],
            [30, "Клиент 70"],
            [31, "Клиент 71"],
        ]


def test_only_find_and_its_batches_are_asked(bank: MongoServer) -> None:
    bank.said.clear()
    with ask(bank) as source:
        list(source.rows())
    assert {next(iter(command)) for command in bank.said} <= {
        *("hello", "ismaster", "saslStart", "saslContinue", "ping"),
        *("find", "getMore", "killCursors", "endSessions"),
    }
    (find,) = (command for command in bank.said if "find" in command)
    assert 0 < find["maxTimeMS"] <= 20_000
    assert find["limit"] == 100_001


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Int64(2**53 + 1), 2**53 + 1),
        (Decimal128("12.50"), Decimal("12.50")),
        (Decimal128("NaN"), None),
        (float("nan"), None),
        (0.5, 0.5),
        (True, True),
        (None, None),
        (ObjectId("65f0c0ffee65f0c0ffee65f0"), "65f0c0ffee65f0c0ffee65f0"),
        (datetime(2024, 2, 29, 10, 20, 30), datetime(2024, 2, 29, 10, 20, 30)),
        (Binary(b"\xde\xad"), "dead"),
        (Binary.from_uuid(uuid.UUID(int=5)), "00000000-0000-0000-0000-000000000005"),
        (["да", 1, Decimal128("1.5"), {"a": ObjectId("65f0c0ffee65f0c0ffee65f0")}],
         '["да", 1, "1.5", {"a": "65f0c0ffee65f0c0ffee65f0"}]'),
        ({}, "{}"),
        (Regex("^a"), str(Regex("^a"))),
        (Code("f()"), "f()"),
    ],
)  # fmt: skip
def test_values_come_as_plain_ones(open_bank: MongoServer, value: object, expected: object) -> None:
    _, rows = rows_of(open_bank, [{"x": "x", "value": value}])
    assert (rows, type(rows[0][1])) == ([["x", expected]], type(expected))


def test_a_moment_that_python_does_not_know(open_bank: MongoServer) -> None:
    _, ((value,),) = rows_of(open_bank, [{"value": DatetimeMS(2**60)}])
    assert isinstance(value, str)


def test_a_document_within_becomes_columns_and_what_is_deeper_json(open_bank: MongoServer) -> None:
    columns, rows = rows_of(
        open_bank,
        [
            {"id": 1, "address": {"city": "Пермь", "home": {"flat": 7}}, "tags": ["a", "б"]},
            {"id": 2, "address": {"street": "Мира"}},
            {"id": 3, "address": "нет"},
        ],
    )
    assert columns == ["id", "address.city", "address.home", "tags", "address.street", "address"]
    assert rows == [
        [1, "Пермь", '{"flat": 7}', '["a", "б"]', None, None],
        [2, None, None, None, "Мира", None],
        [3, None, None, None, None, "нет"],
    ]


def test_chosen_fields_may_lie_deep(open_bank: MongoServer) -> None:
    columns, rows = rows_of(
        open_bank,
        [{"_id": 1, "a": {"b": {"c": 5, "d": 6}}, "e": {"f": 1}}, {"_id": 2, "a": 3}],
        fields=("a.b.c", "e", "none", "_id"),
    )
    assert columns == ["a.b.c", "e", "none", "_id"]
    assert rows == [[5, '{"f": 1}', None, 1], [None, None, None, 2]]


def test_names_that_come_late_are_counted(open_bank: MongoServer) -> None:
    open_bank.collections["bank.clients"] = [{"a": n} | ({"late": n, "": 1} if n > 1500 else {}) for n in range(1600)]
    with ask(open_bank) as source:
        assert list(source.columns) == ["a"]
        assert len(list(source.rows())) == 1600
        assert source.late_columns == {"late": 99, "": 99}


@pytest.mark.parametrize(
    ("documents", "error"),
    [
        ([], NoRows),
        ([{"a": 1, "": 2}], UnnamedColumns),
        ([{"a": 1, " a": 2}], DuplicateColumns),
        ([{f"c{n}": n for n in range(501)}], TooManyColumns),
    ],
)
def test_a_collection_that_cannot_be_loaded(
    open_bank: MongoServer, documents: list[dict[str, Any]], error: type[SourceError]
) -> None:
    with pytest.raises(error):
        rows_of(open_bank, documents)


def test_more_rows_than_may_come(bank: MongoServer) -> None:
    with ask(bank, replace(LIMITS, rows=2499)) as source, pytest.raises(TooManyRows) as refused:
        list(source.rows())
    assert (refused.value.size, refused.value.limit) == (2500, 2499)
    with ask(bank, replace(LIMITS, rows=2500)) as source:
        assert len(list(source.rows())) == 2500


def test_more_bytes_than_may_come(bank: MongoServer) -> None:
    with ask(bank, replace(LIMITS, bytes=50_000)) as source, pytest.raises(TooManyBytes):
        list(source.rows())


@pytest.mark.parametrize(
    ("value", "column"),
    [
        ("ы" * (2**19 + 1), "a"),
        (Binary(bytes(2**19 + 1)), "a"),
        (["x" * 2**10] * 2**10, "a"),
        ({"b": 1, "c": "x" * (2**20 + 1)}, "a.c"),
        ({"b": {"c": "x" * 2**20}}, "a.b"),
    ],
    ids=["text", "bytes", "list", "document", "deeper document"],
)
def test_a_value_that_nobody_writes_of_a_client(open_bank: MongoServer, value: object, column: str) -> None:
    documents = [{"_id": 1, "a": "x" * 2**20}, {"_id": 2, "a": value}, {"_id": 3, "a": 5}]
    with pytest.raises(ValueTooLong) as refused:
        rows_of(open_bank, documents)
    assert (refused.value.row, refused.value.column, refused.value.limit) == (2, column, 2**20)
    assert refused.value.size > 2**20
    columns, rows = rows_of(open_bank, documents, fields=("_id",))
    assert (columns, rows) == (["_id"], [[1], [2], [3]])


def test_values_that_are_too_long_together(open_bank: MongoServer) -> None:
    with pytest.raises(RowTooLong) as refused:
        rows_of(open_bank, [{"_id": 1} | {f"c{n}": "x" * 2**20 for n in range(3)}])
    assert (refused.value.row, refused.value.limit) == (1, 2**21)


def test_a_document_that_mongodb_does_not_have_is_not_decoded(
    open_bank: MongoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bson.decode", lambda *_asked: pytest.fail("it was decoded"))
    with pytest.raises(RowTooLong) as refused:
        rows_of(open_bank, [{"_id": 1, "a": "x" * 2**24}])
    assert (refused.value.row, refused.value.limit) == (1, 2**24)


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        ('{"$where": "sleep(1000)"}', "$where"),
        ('{"$or": [{"a": 1}, {"$and": [{"$where": "1"}]}]}', "$where"),
        ('{"\\u0024where": "1"}', "$where"),
        ('{"$expr": {"$function": {"body": "f", "args": [], "lang": "js"}}}', "$function"),
        ('{"$expr": {"$gt": [{"$add": [1, {"$function": {}}]}, 1]}}', "$function"),
        ('{"a": {"$elemMatch": {"b": {"$accumulator": {}}}}}', "$accumulator"),
        ('{"a": {"$code": "function() {}"}}', "$code"),
        ('{"a": ' * 90 + '{"$where": 1}' + "}" * 90, "$where"),
    ],
)
def test_a_filter_that_brings_code_is_refused_before_anybody_is_asked(text: str, operator: str) -> None:
    nobody = MongoAddress((("no-such-host.invalid", 27017),), "bank")
    with pytest.raises(UnsafeFilter) as refused:
        connect(nobody, "", MongoQuery("clients", text), RULES, LIMITS)
    assert refused.value.operator == operator


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{age: 5}", "1:2"),
        ('{"a": 1,\n "b": }', "2:7"),
        ("[]", "1:1"),
        ("5", "1:1"),
        ('{"_id": {"$oid": "short"}}', ""),
        ('{"d": {"$date": "yesterday"}}', ""),
        ('{"a": ' * 100_000, ""),
        ('{"sum": {"$numberDecimal": "much"}}', ""),
        ('{"sum": {"$numberDecimal": "1e99999"}}', ""),
    ],
)
def test_a_filter_that_is_no_object(text: str, place: str) -> None:
    with pytest.raises(BadFilter) as refused:
        read_filter(text)
    assert refused.value.detail == place


def test_a_filter_may_be_extended_json() -> None:
    assert read_filter(
        '{"_id": {"$oid": "65f0c0ffee65f0c0ffee65f0"}, "d": {"$gte": {"$date": "2024-01-31T00:00:00Z"}}}'
    ) == {
        "_id": ObjectId("65f0c0ffee65f0c0ffee65f0"),
        "d": {"$gte": datetime(2024, 1, 31)},
    }
    assert read_filter(" \n") == {}


def test_a_query_that_is_slow() -> None:
    limits = replace(LIMITS, seconds=1)
    with mongo_server({"bank.clients": CLIENTS}, thinks_seconds=30) as server, pytest.raises(QueryTooSlow) as refused:
        ask(server, limits)
    assert refused.value.seconds == 1


def test_a_server_that_heeds_no_limit() -> None:
    before = time.monotonic()
    with mongo_server({"bank.clients": CLIENTS}, hangs=True) as server, pytest.raises(QueryTooSlow):
        ask(server, replace(LIMITS, seconds=1))
    assert time.monotonic() - before < 15


def test_a_server_that_goes_away() -> None:
    with mongo_server({"bank.clients": CLIENTS}) as server, ask(server) as source:
        rows = source.rows()
        next(rows)
        server.stop()
        with pytest.raises(ConnectionLost):
            list(rows)


@pytest.mark.parametrize(
    ("change", "password"),
    [({}, PASSWORD + "x"), ({}, ""), ({"user": "nobody"}, PASSWORD), ({"user": ""}, "")],
)
def test_a_wrong_user_or_password(
    bank: MongoServer, change: dict[str, Any], password: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(WrongCredentials) as refused:
        connect(address_of(bank, **change), password, MongoQuery("clients"), RULES, LIMITS)
    assert_silent(refused.value)
    assert PASSWORD not in caplog.text


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"hosts": (("no-such-host.invalid", 27017),)}, UnknownHost),
        ({"hosts": (("169.254.169.254", 80),)}, ForbiddenHost),
        ({"hosts": (("/tmp", 27017),)}, ForbiddenHost),
        ({"database": ""}, UnknownDatabase),
        ({"database": "a b$c"}, UnknownDatabase),
        ({"database": "elsewhere"}, NoRows),
    ],
)
def test_a_database_that_does_not_let_us_in(
    bank: MongoServer, change: dict[str, Any], error: type[SourceError]
) -> None:
    with pytest.raises(error) as refused:
        connect(address_of(bank, **change), PASSWORD, MongoQuery("clients"), RULES, LIMITS)
    assert_silent(refused.value)


@pytest.mark.parametrize("collection", ["", "a$b", "..", "a\0"])
def test_a_collection_that_cannot_be(bank: MongoServer, collection: str) -> None:
    with pytest.raises(QueryRefused):
        connect(address_of(bank), PASSWORD, MongoQuery(collection), RULES, LIMITS)


@pytest.mark.parametrize("text", ['{"a": 1000000000000000000000}', '{"a\\u0000": 1}', '{"a": "\\ud800"}'])
def test_a_filter_that_cannot_be_sent(bank: MongoServer, text: str) -> None:
    with pytest.raises(QueryRefused):
        ask(bank, filter=text)


def test_a_closed_port_is_no_server_and_the_next_host_is_asked(
    bank: MongoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = ("127.0.0.1", listener.getsockname()[1])
    monkeypatch.setattr("marketing_app.imports.mongo.CONNECT_SECONDS", 1)
    with pytest.raises(UnknownHost):
        connect(address_of(bank, hosts=(closed,)), PASSWORD, MongoQuery("clients"), RULES, LIMITS)
    both = address_of(bank, hosts=(closed, ("127.0.0.1", bank.port)))
    with connect(both, PASSWORD, MongoQuery("clients"), RULES, LIMITS) as source:
        assert len(list(source.rows())) == 2500


def test_one_forbidden_host_forbids_them_all(bank: MongoServer) -> None:
    hosts = (("127.0.0.1", bank.port), ("192.0.2.1", 27017))
    bank.said.clear()
    with pytest.raises(ForbiddenHost, match=r"192\.0\.2\.1"):
        connect(
            address_of(bank, hosts=hosts),
            PASSWORD,
            MongoQuery("clients"),
            AddressRules(parse_allowed("127.0.0.1")),
            LIMITS,
        )
    assert bank.said == []


def test_no_server_sends_us_to_another_one() -> None:
    asked: list[int] = []
    with listening(lambda connection: asked.append(connection.fileno())) as elsewhere:
        others = {"hosts": [f"127.0.0.1:{elsewhere}"], "primary": f"127.0.0.1:{elsewhere}", "setName": "bank"}
        secondary = {"isWritablePrimary": False, "ismaster": False, "secondary": True}
        with mongo_server({"bank.clients": CLIENTS}, greeting=others | secondary) as server, ask(server) as source:
            assert len(list(source.rows())) == 2500
    assert asked == []


def test_a_looked_up_host_is_checked_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    records = {"SRV": "0 0 27018 db1.bank.example.", "TXT": '"authSource=users"'}
    with name_server(records) as resolver:
        monkeypatch.setattr("dns.resolver.default_resolver", resolver)
        address, _password = read_uri("mongodb+srv://clients.bank.example/bank")
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 27018))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_asked, **_more: here)
    for allowed in (None, "clients.bank.example", "db1.bank.example"):
        with pytest.raises(ForbiddenHost, match="db1"):
            connect(address, "", MongoQuery("clients"), AddressRules(parse_allowed(allowed)), LIMITS)


@pytest.mark.parametrize(("tls", "error"), [(False, UnknownHost), (True, QueryRefused)])
def test_a_server_that_is_something_else(tls: bool, error: type[SourceError], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketing_app.imports.mongo.CONNECT_SECONDS", 1)

    def speak_http(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10)

    with listening(speak_http) as port, pytest.raises(error, match=r"127\.0\.0\.1|WRONG_VERSION"):
        connect(MongoAddress((("127.0.0.1", port),), "bank", tls=tls), "", MongoQuery("clients"), RULES, LIMITS)


def test_an_address_is_read_without_what_it_may_not_say() -> None:
    uri = "mongodb://reader:p%40ss@db1,db2:27018/bank?authSource=users&tls=true&w=majority&tlsCAFile=/etc/passwd"
    address, password = read_uri(uri)
    assert password == "p@ss"
    assert address == MongoAddress((("db1", 27017), ("db2", 27018)), "bank", "reader", "users", tls=True)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "postgresql://a/b",
        "mongodb://",
        f"mongodb://reader:{PASSWORD}@x@db/bank",
        f"mongodb://reader:{PASSWORD}@db:port/bank",
        f"mongodb://reader:{PASSWORD}@db/bank?tls=perhaps",
        f"mongodb://reader:{PASSWORD}@db/bank?authMechanism=MONGODB-OIDC",
        "mongodb://db/bank?authMechanism=MONGODB-AWS",
    ],
)
def test_an_address_that_cannot_be_read(uri: str) -> None:
    with pytest.raises(BadAddress) as refused:
        read_uri(uri)
    assert_silent(refused.value)


@pytest.mark.parametrize("record", ["tlsCAFile=/nonexistent", "tlsCAFile=/etc/passwd"])
def test_a_looked_up_address_cannot_ask_which_files_there_are(monkeypatch: pytest.MonkeyPatch, record: str) -> None:
    with name_server({"SRV": "0 0 27018 db1.bank.example.", "TXT": f'"{record}"'}) as resolver:
        monkeypatch.setattr("dns.resolver.default_resolver", resolver)
        with pytest.raises(UnknownHost):
            read_uri("mongodb+srv://clients.bank.example/bank")


def test_an_address_that_is_to_be_looked_up() -> None:
    with pytest.raises(UnknownHost) as refused:
        read_uri(f"mongodb+srv://reader:{PASSWORD}@no-such-host.invalid/bank?w=1")
    assert refused.value.host == "no-such-host.invalid"
    assert_silent(refused.value)


def test_a_looked_up_address_names_its_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    with name_server({"SRV": "0 0 27018 db1.bank.example.", "TXT": '"authSource=users"'}) as resolver:
        monkeypatch.setattr("dns.resolver.default_resolver", resolver)
        address, password = read_uri("mongodb+srv://reader:secret@clients.bank.example/bank")
    assert address == MongoAddress((("db1.bank.example", 27018),), "bank", "reader", "users", tls=True)
    assert password == "secret"


@contextmanager
def name_server(records: dict[str, str]) -> Iterator[dns.resolver.Resolver]:
    """A resolver that asks a server which knows one record of each kind."""

    class Answer(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            query = dns.message.from_wire(self.request[0])
            (question,) = query.question
            answer = dns.message.make_response(query)
            kind = dns.rdatatype.to_text(question.rdtype)
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, records[kind]))
            self.request[1].sendto(answer.to_wire(), self.client_address)

    with socketserver.UDPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.server_address[1]
        yield resolver
        server.shutdown()


def assert_silent(error: BaseException) -> None:
    """Neither the error nor anything that hangs on it holds the password."""
    assert not isinstance(error.__context__, PyMongoError | ValueError), "the driver's error may know the password"
    assert PASSWORD not in "".join(traceback.format_exception(error)) + repr(error) + json.dumps(vars(error))
