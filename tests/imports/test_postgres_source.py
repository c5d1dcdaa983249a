"""Clients are read out of a real PostgreSQL, which nothing may be written to and which may be hostile."""

import logging
import socket
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest

from marketing_app.imports import fetching, postgres
from marketing_app.imports.addresses import AddressRules, OwnServer, PostgresAddress, own_server, parse_allowed
from marketing_app.imports.errors import (
    ConnectionLost,
    DuplicateColumns,
    EmptySource,
    ForbiddenHost,
    NoRows,
    NotASelect,
    QueryRefused,
    QueryTooSlow,
    RowTooLong,
    SourceError,
    TooManyBytes,
    TooManyColumns,
    TooManyRows,
    UnknownDatabase,
    UnknownHost,
    ValueTooLong,
    WrongCredentials,
)
from marketing_app.imports.fetching import FetchLimits
from marketing_app.imports.postgres import PostgresSource, connect
from tests.imports.database_servers import Relay, listening
from tests.imports.tables import little_memory

PASSWORD = "s3cret-Пароль"
LIMITS = FetchLimits(rows=100_000, bytes=50 * 2**20, seconds=20)
OWN = OwnServer((("/nowhere", 5432),), "studio", datetime(2000, 1, 1, tzinfo=UTC))
RULES = AddressRules(own=OWN)


@dataclass
class Warehouse:
    """A bank's database behind a TCP port, with a user `reader` who comes in by a password."""

    address: PostgresAddress
    socket_directory: str
    relay: Relay

    def ask(self, query: str, limits: FetchLimits = LIMITS, password: str = PASSWORD) -> PostgresSource:
        return connect(self.address, password, query, RULES, limits)

    def rows(self, query: str, limits: FetchLimits = LIMITS) -> list[tuple[int, list[object]]]:
        with self.ask(query, limits) as source:
            return [(number, list(row)) for number, row in source.rows()]

    def administer(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(host=self.socket_directory, user="postgres", autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def warehouse(database_url: str) -> Iterator[Warehouse]:
    directory = unquote(database_url.partition("host=")[2])
    relay = Relay(f"{directory}/.s.PGSQL.5432")
    access = Path(directory) / "pg_hba.conf"
    before = access.read_text()
    with listening(relay) as port:
        found = Warehouse(PostgresAddress("127.0.0.1", port, "postgres", "reader"), directory, relay)
        found.administer(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'")
        found.administer("DROP SCHEMA IF EXISTS warehouse CASCADE")  # other tests of the same run have one
        found.administer("CREATE SCHEMA warehouse CREATE TABLE clients (id int, name text)")
        found.administer("CREATE SEQUENCE warehouse.numbers")
        found.administer("INSERT INTO warehouse.clients SELECT n, 'Клиент ' || n FROM generate_series(1, 5000) n")
        found.administer("GRANT USAGE ON SCHEMA warehouse TO reader")
        found.administer("GRANT ALL ON ALL TABLES IN SCHEMA warehouse TO reader")
        found.administer("GRANT ALL ON warehouse.numbers TO reader")
        access.write_text("local all reader scram-sha-256\n" + before)
        found.administer("SELECT pg_reload_conf()")
        yield found
    access.write_text(before)
    found.administer("DROP SCHEMA warehouse CASCADE")
    found.administer("DROP ROLE reader")
    found.administer("SELECT pg_reload_conf()")


def test_a_table_is_read_in_its_order(warehouse: Warehouse) -> None:
    with warehouse.ask("SELECT id, name FROM warehouse.clients ORDER BY id;") as source:
        assert list(source.columns) == ["id", "name"]
        assert (source.row_count, source.share_read) == (None, 0.0)
        rows = list(source.rows())
        assert source.share_read == 1.0
    assert len(rows) == 5000
    assert (rows[0], rows[-1]) == ((1, [1, "Клиент 1"]), (5000, [5000, "Клиент 5000"]))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("42", 42),
        ("9007199254740993::bigint", 9007199254740993),
        ("'текст, с %s и {скобками}'", "текст, с %s и {скобками}"),
        ("true", True),
        ("12.50::numeric", Decimal("12.50")),
        ("0.5::float8", 0.5),
        ("date '2024-02-29'", date(2024, 2, 29)),
        ("date 'infinity'", "infinity"),
        ("date '12024-01-01'", "12024-01-01"),
        ("timestamp '2024-02-29 10:20:30'", datetime(2024, 2, 29, 10, 20, 30)),
        ("time '10:20'", "10:20:00"),
        ("interval '1 day 2 hours'", "1 day 02:00:00"),
        ("""'{"a": [1, 2.50]}'::json""", '{"a": [1, 2.50]}'),
        ("array[1, 2]", "[1, 2]"),
        ("array['да', null]", '["да", null]'),
        ("array[date 'infinity', date '2024-01-31']", '["infinity", "2024-01-31"]'),
        ("'\\xdeadbeef'::bytea", "deadbeef"),
        ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ("'10.0.0.1'::inet", "10.0.0.1"),
        ("'NaN'::float8", None),
        ("'NaN'::numeric", None),
    ],
)
def test_values_come_as_plain_ones(warehouse: Warehouse, expression: str, expected: object) -> None:
    ((number, row),) = warehouse.rows(f"SELECT 'x', {expression} AS value")
    assert (number, row[1], type(row[1])) == (1, expected, type(expected))


def test_a_moment_is_what_the_clock_of_the_server_shows(warehouse: Warehouse) -> None:
    warehouse.administer("ALTER ROLE reader SET timezone TO 'Asia/Vladivostok'")
    ((_, (moment,)),) = warehouse.rows("SELECT timestamptz '2024-02-29 10:20:30+00'")
    assert isinstance(moment, datetime)
    assert moment.isoformat() == "2024-02-29T20:20:30+10:00"


def test_blank_rows_are_left_out(warehouse: Warehouse) -> None:
    assert warehouse.rows("SELECT * FROM (VALUES (NULL, ''), ('a', NULL)) t") == [(1, ["a", None])]


@pytest.mark.parametrize(
    "query",
    [
        "WITH a AS (SELECT id FROM warehouse.clients) SELECT * FROM a",
        "/* все */ -- клиенты\n ( SELECT id FROM warehouse.clients ) ; ",
        "select id as \"a;b\", '; DROP TABLE' from warehouse.clients -- ; конец",
        "SELECT id FROM warehouse.clients WHERE name LIKE 'Клиент%'",
    ],
)
def test_a_select_may_be_written_in_many_ways(warehouse: Warehouse, query: str) -> None:
    assert len(warehouse.rows(query)) == 5000


@pytest.mark.parametrize(
    "query",
    [
        "",
        "DELETE FROM warehouse.clients",
        "INSERT INTO warehouse.clients SELECT 1",
        "EXPLAIN ANALYZE DELETE FROM warehouse.clients",
        "COPY warehouse.clients TO PROGRAM 'touch /tmp/written'",
        "SET TRANSACTION READ WRITE",
        "selected",
        "SELECT 1; DELETE FROM warehouse.clients",
        "SELECT 1; COMMIT; DELETE FROM warehouse.clients",
        "SELECT '1\\'; COMMIT; DELETE FROM warehouse.clients; --'",
        "SELECT E'\\'; COMMIT; '; COMMIT; DELETE FROM warehouse.clients",
        "SELECT $a$;$a$; COMMIT; DELETE FROM warehouse.clients",
        "SELECT * INTO warehouse.copy FROM warehouse.clients",
        "SELECT * FROM warehouse.clients FOR UPDATE",
        "WITH gone AS (DELETE FROM warehouse.clients RETURNING *) SELECT * FROM gone",
        "WITH a AS (SELECT 1) DELETE FROM warehouse.clients",
        "WITH a AS (SELECT 1 AS id) INSERT INTO warehouse.clients SELECT id FROM a",
        "SELECT nextval('warehouse.numbers')",
        "SELECT lo_create(0)",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT set_config('transaction_read_only', 'off', true), nextval('warehouse.numbers')",
        "SELECT 1\0",
    ],
)
def test_nothing_can_be_written(warehouse: Warehouse, query: str) -> None:
    with pytest.raises(NotASelect):
        warehouse.rows(query)
    assert warehouse.administer("SELECT count(*) FROM warehouse.clients") == [(5000,)]
    assert warehouse.administer("SELECT is_called FROM warehouse.numbers") == [(False,)]
    assert warehouse.administer("SELECT to_regclass('warehouse.copy')") == [(None,)]


@pytest.mark.parametrize("query", ["SELECT nextval('no')", "SELECT FROM WHERE", "SELECT * FROM nowhere", "SELECT 1/0"])
def test_the_server_says_what_is_wrong_with_a_query(warehouse: Warehouse, query: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        warehouse.rows(query)
    assert not isinstance(refused.value, NotASelect)
    with psycopg.connect(host=warehouse.socket_directory, user="postgres") as connection:
        with pytest.raises(psycopg.Error) as said:
            connection.execute(query)
        assert refused.value.detail == said.value.diag.message_primary


def test_a_query_that_fails_in_its_middle(warehouse: Warehouse) -> None:
    with pytest.raises(QueryRefused, match="division by zero"):
        warehouse.rows("SELECT 1 / (4000 - id) FROM warehouse.clients ORDER BY id")


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("SELECT * FROM warehouse.clients WHERE false", NoRows),
        ("SELECT", EmptySource),
        ("SELECT 1 AS a, 2 AS a", DuplicateColumns),
        ("SELECT 1, 2", DuplicateColumns),
        (f"SELECT {', '.join(f'1 AS c{n}' for n in range(501))}", TooManyColumns),
    ],
)
def test_a_table_that_cannot_be_loaded(warehouse: Warehouse, query: str, error: type[SourceError]) -> None:
    with pytest.raises(error):
        warehouse.ask(query)


def test_more_rows_than_may_come(warehouse: Warehouse) -> None:
    limits = replace(LIMITS, rows=4999)
    with pytest.raises(TooManyRows) as refused:
        warehouse.rows("SELECT * FROM warehouse.clients", limits)
    assert (refused.value.size, refused.value.limit) == (5000, 4999)
    assert len(warehouse.rows("SELECT * FROM warehouse.clients", replace(LIMITS, rows=5000))) == 5000


def test_more_bytes_than_may_come(warehouse: Warehouse) -> None:
    with pytest.raises(TooManyBytes):
        warehouse.rows("SELECT repeat('ы', 1000) FROM generate_series(1, 600)", replace(LIMITS, bytes=2**20))


@pytest.mark.parametrize(
    ("expression", "megabytes"),
    [
        ("repeat(repeat('x', 1024), 200 * 1024)", 200),
        ("repeat(repeat('ы', 1024), 10 * 1024)", 20),
        ("array_fill('x'::text, array[1024 * 1024])", 2),
        ("json_build_array(repeat(repeat('x', 1024), 20 * 1024))", 20),
        ("jsonb_build_array(repeat(repeat('x', 1024), 20 * 1024))", 20),
        ("convert_to(repeat(repeat('x', 1024), 20 * 1024), 'UTF8')", 40),
        ("ROW(1, repeat(repeat('x', 1024), 20 * 1024))", 20),
    ],
)
def test_a_value_that_nobody_writes_of_a_client_stays_on_its_server(
    warehouse: Warehouse, expression: str, megabytes: int
) -> None:
    query = f"SELECT n AS id, CASE WHEN n = 3 THEN {expression} END AS photo FROM generate_series(1, 20) n ORDER BY n"
    with little_memory(64 * 2**20), pytest.raises(ValueTooLong) as refused:
        warehouse.rows(query, replace(LIMITS, bytes=2**30))
    assert (refused.value.row, refused.value.column, refused.value.limit) == (3, "photo", 2**20)
    assert megabytes <= refused.value.size / 2**20 < megabytes + 1
    assert len(warehouse.rows(f"SELECT id FROM ({query}) AS clients")) == 20


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("1 AS id, repeat('ы', 524288)", None),
        ("1 AS id, repeat('ы', 524288) || 'x'", ValueTooLong),
        ("1 AS id, convert_to(repeat('x', 524289), 'UTF8')", ValueTooLong),
        ("repeat('x', 1000000) AS a, repeat('x', 1000000) AS b", None),
        ("repeat('x', 1000000) AS a, repeat('x', 1000000) AS b, repeat('x', 1000000) AS c", RowTooLong),
    ],
)
def test_how_long_a_value_and_a_row_may_be(
    warehouse: Warehouse, expression: str, error: type[SourceError] | None
) -> None:
    if error is None:
        assert len(warehouse.rows(f"SELECT {expression}")) == 1
        return
    with pytest.raises(error) as refused:
        warehouse.rows(f"SELECT {expression}")
    assert type(refused.value) is error


def test_long_rows_come_one_after_the_other(warehouse: Warehouse) -> None:
    """Short ones before them have made us ask for many at once."""
    query = (
        "SELECT n, CASE WHEN n > 500 THEN repeat(repeat('x', 1000), 1000) END AS note FROM generate_series(1, 600) n"
    )
    with little_memory(48 * 2**20), warehouse.ask(query, replace(LIMITS, bytes=2**30)) as source:
        assert [number for number, _row in source.rows()] == list(range(1, 601))


@pytest.mark.parametrize("end", ["; -- done", " -- done; and done", ";\n/* all\nof them */ ;", "-- don't", " /* ; */"])
def test_a_query_may_end_in_a_comment(warehouse: Warehouse, end: str) -> None:
    assert len(warehouse.rows(f"SELECT id FROM warehouse.clients{end}")) == 5000


@pytest.mark.parametrize(
    "query",
    [
        "SELECT pg_sleep(60)",
        "SELECT count(*) FROM generate_series(1, 10000000000)",
        # Its own timeout set aside, and the rows after the hundredth never come.
        "SELECT CASE WHEN n = 1 THEN set_config('statement_timeout', '0', false) WHEN n > 100 THEN pg_sleep(60)::text"
        " END FROM generate_series(1, 200) n",
    ],
)
def test_a_query_that_never_ends_is_ended(warehouse: Warehouse, query: str) -> None:
    with pytest.raises(QueryTooSlow) as refused:
        warehouse.rows(query, replace(LIMITS, seconds=1))
    assert refused.value.seconds == 1
    deadline = time.monotonic() + 10
    running = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'"
    while warehouse.administer(running) != [(0,)]:
        assert time.monotonic() < deadline, "the query still runs on the server"
        time.sleep(0.05)


def test_a_table_may_take_longer_than_one_answer(warehouse: Warehouse) -> None:
    before = time.monotonic()
    slowly = "SELECT n, pg_sleep(0.012)::text FROM generate_series(1, 220) n"
    assert len(warehouse.rows(slowly, replace(LIMITS, seconds=2))) == 220
    assert time.monotonic() - before > 2


def test_answers_that_are_too_slow_together(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "ANSWERS", 0.5)
    slowly = "SELECT n, pg_sleep(0.012)::text FROM generate_series(1, 220) n"
    with warehouse.ask(slowly, replace(LIMITS, seconds=2)) as source, pytest.raises(QueryTooSlow) as refused:
        list(source.rows())
    assert refused.value.seconds == 1


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"user": "nobody"}, WrongCredentials),
        ({"database": "nowhere"}, UnknownDatabase),
        ({"host": "no-such-host.invalid"}, UnknownHost),
        ({"host": "169.254.169.254"}, ForbiddenHost),
        ({"host": "/tmp"}, ForbiddenHost),
        ({"sslmode": "verify-full"}, QueryRefused),
        ({"sslmode": "no such mode"}, QueryRefused),
        ({"user": "reader\0x"}, WrongCredentials),
        ({"database": "postgres\0x"}, UnknownDatabase),
        ({"database": "host=127.0.0.9 dbname=postgres"}, UnknownDatabase),
        ({"host": "127.0.0.1\0x"}, UnknownHost),
    ],
)
def test_a_database_that_does_not_let_us_in(
    warehouse: Warehouse, change: dict[str, str], error: type[SourceError]
) -> None:
    with pytest.raises(error) as refused:
        connect(replace(warehouse.address, **change), PASSWORD, "SELECT 1", RULES, LIMITS)  # type: ignore[arg-type]
    assert_silent(refused.value)


def test_a_wrong_password(warehouse: Warehouse, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(WrongCredentials) as refused:
        warehouse.ask("SELECT 1", password=PASSWORD + "x")
    assert_silent(refused.value)
    assert PASSWORD not in caplog.text


def test_no_password_at_all_is_not_found_elsewhere(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with pytest.raises(WrongCredentials):
        warehouse.ask("SELECT 1", password="")


def test_a_closed_port_is_no_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(UnknownHost):
        connect(PostgresAddress("127.0.0.1", port, "postgres", "reader"), PASSWORD, "SELECT 1", RULES, LIMITS)


def test_a_server_that_goes_away(warehouse: Warehouse) -> None:
    with warehouse.ask("SELECT * FROM warehouse.clients") as source:
        rows = source.rows()
        next(rows)
        warehouse.relay.hang_up()
        with pytest.raises(ConnectionLost) as lost:
            list(rows)
    assert_silent(lost.value)


def test_a_session_that_is_ended_by_its_server(warehouse: Warehouse) -> None:
    with warehouse.ask("SELECT * FROM warehouse.clients") as source:
        warehouse.administer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'")
        with pytest.raises(ConnectionLost):
            list(source.rows())


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ('пользователь "reader" не прошёл проверку подлинности (по паролю)', WrongCredentials),
        ('роль "reader" не существует', WrongCredentials),
        ('база данных "postgres" не существует', UnknownDatabase),
        ("система баз данных запускается", QueryRefused),
        (f"what kind of password is {PASSWORD}?", QueryRefused),
    ],
)
def test_what_a_server_says_in_its_own_language(said: str, error: type[SourceError]) -> None:
    def refuse(connection: socket.socket) -> None:
        if connection.recv(8).endswith((80877103).to_bytes(4, "big")):
            connection.sendall(b"N")  # no TLS here
            connection.recv(8)
        connection.recv(1000)
        fields = b"S" + "ВАЖНО".encode() + b"\0C28P01\0M" + said.encode() + b"\0\0"
        connection.sendall(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)

    with listening(refuse) as port, pytest.raises(error) as refused:
        connect(PostgresAddress("127.0.0.1", port, "postgres", "reader"), PASSWORD, "SELECT 1", RULES, LIMITS)
    assert_silent(refused.value)
    if isinstance(refused.value, QueryRefused):
        assert refused.value.detail == said.replace(PASSWORD, "***")


def test_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(postgres.LOCKED_UP, "connect_timeout", 2)

    def listen(connection: socket.socket) -> None:
        while connection.recv(1000):
            pass

    with listening(listen) as port, pytest.raises(UnknownHost):
        connect(PostgresAddress("127.0.0.1", port, "postgres", "reader"), PASSWORD, "SELECT 1", RULES, LIMITS)


def lets_in(connection: socket.socket) -> None:
    """A server without TLS that believes everybody and is ready for a query."""
    if connection.recv(8).endswith((80877103).to_bytes(4, "big")):
        connection.sendall(b"N")
        connection.recv(8)
    connection.recv(1000)
    connection.sendall(b"R\0\0\0\x08\0\0\0\0" + b"Z\0\0\0\x05I")


def test_a_server_that_lets_in_and_says_nothing_more() -> None:
    def fall_silent(connection: socket.socket) -> None:
        lets_in(connection)
        while connection.recv(1000):
            pass

    with listening(fall_silent) as port, pytest.raises(QueryTooSlow):
        address = PostgresAddress("127.0.0.1", port, "postgres", "reader")
        connect(address, PASSWORD, "SELECT 1", RULES, replace(LIMITS, seconds=1))


def test_a_server_that_lets_in_and_hangs_up() -> None:
    def hang_up(connection: socket.socket) -> None:
        lets_in(connection)
        connection.recv(1000)

    with listening(hang_up) as port, pytest.raises(ConnectionLost):
        connect(PostgresAddress("127.0.0.1", port, "postgres", "reader"), PASSWORD, "SELECT 1", RULES, LIMITS)


def test_a_server_that_lets_nobody_ask_when_it_started(warehouse: Warehouse) -> None:
    function = "FUNCTION pg_postmaster_start_time()"
    warehouse.administer(f"REVOKE EXECUTE ON {function} FROM PUBLIC")
    try:
        assert warehouse.rows("SELECT 1") == [(1, [1])]
    finally:
        warehouse.administer(f"GRANT EXECUTE ON {function} TO PUBLIC")


def test_the_own_database_is_for_those_who_cannot_read_our_tables(warehouse: Warehouse, database_url: str) -> None:
    rules = AddressRules(parse_allowed(f"*,{warehouse.socket_directory}"), own_server(database_url))
    address = replace(warehouse.address, host=warehouse.socket_directory, port=5432)
    with connect(address, PASSWORD, "SELECT id FROM warehouse.clients", rules, LIMITS) as source:
        assert len(list(source.rows())) == 5000
    assert (rules.own and rules.own.user) == "postgres"
    with pytest.raises(ForbiddenHost):
        connect(replace(address, user="postgres"), "", "SELECT 1", rules, LIMITS)
    warehouse.administer("ALTER ROLE reader SUPERUSER")
    with pytest.raises(ForbiddenHost):
        connect(address, PASSWORD, "SELECT 1", rules, LIMITS)
    warehouse.administer("ALTER ROLE reader NOSUPERUSER")
    warehouse.administer("CREATE ROLE studio_owner; GRANT studio_owner TO reader")
    as_studio = AddressRules(rules.allowed, replace(own_server(database_url), user="studio_owner"))
    try:
        with pytest.raises(ForbiddenHost):
            connect(address, PASSWORD, "SELECT 1", as_studio, LIMITS)
    finally:
        warehouse.administer("DROP ROLE studio_owner")


def test_the_own_database_behind_a_port(warehouse: Warehouse) -> None:
    own = OwnServer((("localhost", warehouse.address.port),), "studio")
    listed = AddressRules(parse_allowed(f"127.0.0.1:{warehouse.address.port}"), own)
    with connect(warehouse.address, PASSWORD, "SELECT 1", listed, LIMITS) as source:
        assert list(source.rows()) == [(1, [1])]
    with pytest.raises(ForbiddenHost):
        connect(replace(warehouse.address, user="studio"), PASSWORD, "SELECT 1", listed, LIMITS)
    with pytest.raises(ForbiddenHost):
        connect(warehouse.address, PASSWORD, "SELECT 1", AddressRules(None, own), LIMITS)


def test_the_own_database_by_another_way(warehouse: Warehouse, database_url: str) -> None:
    [[started_at]] = warehouse.administer("SELECT pg_postmaster_start_time()")
    own = replace(own_server(database_url), started_at=started_at)
    port = warehouse.address.port
    for allowed in (None, "*", "127.0.0.0/8", f"127.0.0.1:{port + 1}"):
        with pytest.raises(ForbiddenHost):
            connect(warehouse.address, PASSWORD, "SELECT 1", AddressRules(parse_allowed(allowed), own), LIMITS)
    named = AddressRules(parse_allowed(f"127.0.0.1:{port}"), own)
    with connect(warehouse.address, PASSWORD, "SELECT 1", named, LIMITS) as source:
        assert list(source.rows()) == [(1, [1])]
    with pytest.raises(ForbiddenHost):
        connect(replace(warehouse.address, user="postgres"), "", "SELECT 1", named, LIMITS)


@pytest.mark.parametrize(
    ("url", "places", "user"),
    [
        ("postgresql+psycopg2://studio:x@db/studio", (("db", 5432),), "studio"),
        ("postgresql://studio@10.0.0.1:5433/studio", (("10.0.0.1", 5433),), "studio"),
        ("postgresql+psycopg2://postgres:@/postgres?host=%2Ftmp%2Fdata", (("/tmp/data", 5432),), "postgres"),
        ("postgresql://studio@a:1,b:2/studio", (("a", 1), ("b", 2)), "studio"),
    ],
)
def test_where_our_own_database_is(url: str, places: tuple[tuple[str, int], ...], user: str) -> None:
    own = own_server(url)
    assert (own.places, own.user) == (places, user)


def assert_silent(error: BaseException) -> None:
    """Neither the error nor anything that hangs on it holds the password."""
    assert not isinstance(error.__context__, psycopg.Error), "the driver's error knows the password"
    assert PASSWORD not in "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
