"""Clients out of a PostgreSQL database: one SELECT, read with a server-side cursor in a read-only transaction.

The driver is psycopg 3, as it sends a cursor's query by the extended protocol: the server itself then refuses a
second statement. psycopg2 would run `SELECT 1; COMMIT; DROP TABLE clients` to its end.

What remains: a SELECT may call any function that its user may call. The server refuses those that write to the
database; it does not refuse those that reach elsewhere (dblink; for superusers pg_read_file and its like) or that end
other sessions. The remedy is a user who may read what is to be loaded and nothing else.

Long rows stay on the server: it measures each and sends only its size. What calls itself a PostgreSQL and is none may
still send one value of a gigabyte, which the driver takes whole before anybody sees it.
"""

import json
import math
import os
import re
import socket
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from itertools import chain
from threading import Timer
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import psycopg
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader
from psycopg.types.string import TextLoader

from .addresses import AddressRules, OwnServer, PostgresAddress, check, is_named, is_own
from .errors import (
    ConnectionLost,
    EmptySource,
    ForbiddenHost,
    NoRows,
    NotASelect,
    QueryRefused,
    QueryTooSlow,
    SourceError,
    UnknownDatabase,
    UnknownHost,
    WrongCredentials,
)
from .fetching import FetchLimits, Patience, Withheld, within, without
from .header import names_of
from .postgres_query import measured, one_select
from .source import Row

T = TypeVar("T")
Piece = list[tuple[int, list[object]]]
"""Rows with their bytes."""

CONNECT_SECONDS = 10
LOCK_SECONDS = 5
FIRST_BATCH = 10
LARGEST_BATCH = 2_000
BATCH_BYTES = 4 * 2**20
ROWS_AT_ONCE = 10
"""That the driver takes from the server before it gives us the first of them."""
PLAIN = frozenset({type(None), bool, int, str, date, datetime})

LOCKED_UP = {
    "application_name": "marketing-studio",
    "client_encoding": "UTF8",
    "connect_timeout": CONNECT_SECONDS,
    # Nothing of what the application itself may know on this machine goes to somebody's server.
    "passfile": f"{os.devnull}/none",
    "options": "",
    "gssencmode": "disable",
    "sslcertmode": "disable",
    "require_auth": "password,md5,scram-sha-256,none",
}

CURSOR = "clients"
DECLARE = f'DECLARE "{CURSOR}" CURSOR FOR '
WRITES = re.compile(r"(insert|update|delete|merge|truncate|copy|create|drop|alter|call|do)\b", re.IGNORECASE)
WRITING_STATES = {"25001", "25006"}
NOT_A_CURSORS = {"exec_parse_message", "transformSelectStmt", "transformDeclareCursorStmt"}
"""Functions of PostgreSQL that refuse a second statement, SELECT INTO, and a WITH that writes: an error carries the
name, whereas its sentence is in the server's language."""

# A failed connection has nothing but its sentence, which is in the server's language, too.
WRONG_CREDENTIALS = re.compile(
    r'password authentication failed|no password supplied|role ".*" does not exist|'
    r'не прошёл проверку подлинности|роль ".*" не существует'
)
UNKNOWN_DATABASE = re.compile(r'database ".*" does not exist|база данных ".*" не существует')
UNREACHABLE = re.compile(
    r"Connection refused|timeout expired|No route to host|unreachable|No such file|Permission denied"
)
CUT = re.compile(r"server closed the connection|Connection reset|terminating connection|shutting down|starting up")
SEVERITY = re.compile(r"(?:FATAL|ERROR|ВАЖНО|ОШИБКА): +(.*)")


def connect(
    address: PostgresAddress, password: str, query: str, rules: AddressRules, limits: FetchLimits
) -> "PostgresSource":
    """Run a query and hold its first rows. Raises the SourceError that says why not."""
    query = one_select(query)
    if "\0" in address.user + password:
        raise WrongCredentials  # the driver would cut them off there
    if "\0" in address.database:
        raise UnknownDatabase
    checked = check(address.host, address.port, rules)
    ours = is_own(address.host, checked, address.port, rules)
    if ours and rules.own and address.user in (rules.own.user, ""):
        raise ForbiddenHost(address.host)
    connection = _open_first(address, password, checked)

    def guard() -> None:
        if rules.own and (ours or _is_started_with(connection, rules.own)):
            if not ours and not is_named(address.host, checked, address.port, rules):
                raise ForbiddenHost(address.host)
            _refuse_the_mighty(connection, address, rules.own)

    return PostgresSource(connection, password, query, limits, guard)


class PostgresSource:
    """The rows of a query, read once. `guard` may ask the server something first, and raise what it has against it."""

    row_count = None
    late_columns: tuple[str, ...] = ()

    def __init__(
        self,
        connection: psycopg.Connection[tuple[Any, ...]],
        password: str,
        query: str,
        limits: FetchLimits,
        guard: Callable[[], None],
    ) -> None:
        self.share_read = 0.0
        self._limits = limits
        self._query = query
        self._password = password
        self._is_late = False
        self._connection = connection
        self._cursor = connection.cursor(CURSOR)
        self._reader = connection.cursor()
        self._pieces = self._read()
        self._patience = Patience(limits)
        self._answered_in = 0.0
        try:
            self._asked(guard)
            self._asked(self._declare)
            self.columns: Sequence[str] = self._describe()
            self._asked(self._declare_measured)
            self._first: Piece = next(self._pieces, [])
            if not self._first:
                raise NoRows
        except BaseException:
            self.close()
            raise

    def rows(self) -> Iterator[Row]:
        """The rows, numbered from 1. Raises SourceError."""
        first, self._first = self._first, []
        sized = chain(first, chain.from_iterable(self._pieces))
        yield from within(self._limits, self.columns, sized)
        self.share_read = 1.0

    def close(self) -> None:
        """The connection first: a cursor that has none closes without asking the server, which may not answer."""
        self._connection.close()
        self._pieces.close()
        self._cursor.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _declare(self) -> None:
        """The transaction cannot be made to write after its first query, which is ours."""
        settings = {
            "default_transaction_read_only": "on",
            "statement_timeout": f"{self._limits.seconds}s",
            "lock_timeout": f"{LOCK_SECONDS}s",
            "cursor_tuple_fraction": "1",  # all rows will be read
            "DateStyle": "ISO",
        }
        with self._connection.cursor() as cursor:
            calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
            cursor.execute(f"SELECT {calls}", list(chain.from_iterable(settings.items())))
        self._cursor.execute(self._query)

    def _describe(self) -> list[str]:
        names = [column.name for column in self._cursor.description or ()]
        if not names:
            raise EmptySource
        return names_of(names, len(names), self._limits.columns)

    def _declare_measured(self) -> None:
        """In the place of the query alone, which the server has found to be one SELECT."""
        self._cursor.execute(measured(self._query, self._cursor.description or ()))

    def _read(self) -> Generator[Piece, None, None]:
        """The rows, a batch at a time; one of long rows comes in pieces, so that it is never in memory whole."""
        count = FIRST_BATCH
        while count:
            sizes: list[int] = []
            self._answered_in = 0.0
            answer = self._reader.stream(f'FETCH {count} FROM "{CURSOR}"', size=ROWS_AT_ONCE)
            while piece := self._asked(partial(_piece, answer)):
                sizes += [size for size, _row in piece]
                yield piece
            count = self._next_size(sizes) if sizes else 0

    def _next_size(self, sizes: list[int]) -> int:
        """How many rows to ask for after rows of these bytes: a batch is in memory whole, and its answer is timed."""
        by_bytes = BATCH_BYTES * len(sizes) // sum(sizes)
        by_time = len(sizes) * self._limits.seconds / 4 / self._answered_in
        return max(1, int(min(LARGEST_BATCH, by_bytes, by_time)))

    def _cut(self) -> None:
        """End a query whose server does not end it itself: it set the timeout aside, or it is no PostgreSQL at all."""
        self._is_late = True
        with suppress(psycopg.Error, OSError):
            self._connection.cancel_safe(timeout=1)
        with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)

    def _asked(self, ask: Callable[[], T]) -> T:
        self._patience.must_last()
        timer = Timer(self._limits.seconds + 1, self._cut)
        timer.daemon = True
        timer.start()
        asked_at = time.monotonic()
        try:
            return ask()
        except psycopg.Error as error:
            refusal = self._refusal(error)
        finally:
            timer.cancel()
            self._answered_in += time.monotonic() - asked_at
        raise refusal  # outside of `except`: the driver's error would hang on it, with all that it knows

    def _refusal(self, error: psycopg.Error) -> SourceError:
        detail = without(self._password, error.diag.message_primary or "")
        if self._is_late or error.sqlstate == "57014":
            return QueryTooSlow(self._limits.seconds)
        if error.sqlstate in WRITING_STATES or error.diag.source_function in NOT_A_CURSORS or self._writes_at(error):
            return NotASelect(detail)
        if self._connection.closed or (error.sqlstate or "").startswith(("57P", "08")):
            return ConnectionLost()
        return QueryRefused(detail or without(self._password, str(error)))

    def _writes_at(self, error: psycopg.Error) -> bool:
        """Whether the word that the server stumbled over is one of writing: `WITH a AS (...) DELETE ...`."""
        position = error.diag.statement_position
        return position is not None and WRITES.match(self._query, max(0, int(position) - 1 - len(DECLARE))) is not None


def _open_first(address: PostgresAddress, password: str, checked: Sequence[str]) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection to the first of the addresses that answers."""
    refusal: SourceError = UnknownHost(address.host)
    for place in checked:
        try:
            return _open(address, password, place)
        except (psycopg.Error, ValueError) as error:
            refusal = _refused_connection(error, address, password)
        if not isinstance(refusal, UnknownHost):
            break
    raise refusal


def _open(address: PostgresAddress, password: str, place: str) -> psycopg.Connection[tuple[Any, ...]]:
    where = {"host": place} if place == address.host else {"host": address.host.strip("[]"), "hostaddr": place}
    connection = psycopg.connect(
        **cast(dict[str, Any], where | LOCKED_UP),
        port=address.port,
        dbname=address.database,
        user=address.user,
        password=password,
        sslmode=address.sslmode,
        prepare_threshold=None,
    )
    connection.read_only = True
    for name in ("json", "jsonb", "interval"):
        connection.adapters.register_loader(name, TextLoader)
    for loader in (_Date, _Timestamp, _Timestamptz):
        connection.adapters.register_loader(loader.type_name, loader)
    return connection


def _refused_connection(error: Exception, address: PostgresAddress, password: str) -> SourceError:
    words = without(password, str(error))
    if WRONG_CREDENTIALS.search(words):
        return WrongCredentials()
    if UNKNOWN_DATABASE.search(words):
        return UnknownDatabase()
    said = SEVERITY.search(words)
    if CUT.search(words):
        return ConnectionLost()
    if said is None and (isinstance(error, psycopg.errors.ConnectionTimeout) or UNREACHABLE.search(words)):
        return UnknownHost(address.host)
    return QueryRefused(said[1] if said else words.rpartition("failed: ")[2].partition("\n")[0])


def _is_started_with(connection: psycopg.Connection[tuple[Any, ...]], own: OwnServer) -> bool:
    """Whether another way led to our own server."""
    try:
        found = connection.execute("SELECT pg_postmaster_start_time()").fetchone()
    except (psycopg.errors.UndefinedFunction, psycopg.errors.InsufficientPrivilege):
        found = None  # what only speaks the protocol, or lets nobody ask; ours does neither
    connection.rollback()
    return found is not None and found[0] == own.started_at


def _refuse_the_mighty(
    connection: psycopg.Connection[tuple[Any, ...]], address: PostgresAddress, own: OwnServer
) -> None:
    """On our own server nobody comes in as one who could read our tables. Raises ForbiddenHost."""
    mighty = (
        "SELECT rolsuper OR EXISTS (SELECT FROM pg_roles WHERE rolname = %s"
        " AND pg_has_role(session_user, oid, 'MEMBER')) FROM pg_roles WHERE rolname = session_user"
    )
    found = connection.execute(mighty, [own.user]).fetchone()
    connection.rollback()
    if found is None or found[0]:
        raise ForbiddenHost(address.host)


def _tolerant(load: Callable[[Any, Any], object]) -> Callable[[Any, Any], object]:
    """PostgreSQL knows dates that Python does not: infinity, and years before 1 and after 9999. They stay text."""

    def loaded(self: Any, data: Any) -> object:
        try:
            return load(self, data)
        except psycopg.DataError:
            return bytes(data).decode()

    return loaded


class _Date(DateLoader):
    type_name = "date"
    load = _tolerant(DateLoader.load)  # type: ignore[assignment]


class _Timestamp(TimestampLoader):
    type_name = "timestamp"
    load = _tolerant(TimestampLoader.load)  # type: ignore[assignment]


class _Timestamptz(TimestamptzLoader):
    type_name = "timestamptz"
    load = _tolerant(TimestamptzLoader.load)  # type: ignore[assignment]


def _plain(value: object) -> object:
    """What is not PLAIN, as every source gives it: lists become JSON, bytes hexadecimal, and all else its text."""
    match value:
        case float() | Decimal():
            return None if math.isnan(value) else value
        case bytes():
            return value.hex()
        case list() | tuple() | dict():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return str(value)


def _piece(answer: Iterator[Sequence[Any]]) -> Piece:
    """The rows that come, up to BATCH_BYTES of them."""
    piece: Piece = []
    room = BATCH_BYTES
    for row in answer:
        values, sizes = row[:-1], row[-1]
        if sizes is None:
            plain = [value if type(value) in PLAIN else _plain(value) for value in values]
            piece.append((_size(plain), plain))
        else:
            piece.append((sum(sizes), [Withheld(size) for size in sizes]))
        room -= piece[-1][0]
        if room <= 0:
            break
    return piece


def _size(row: Sequence[object]) -> int:
    """In bytes; at least 1."""
    return 1 + sum(len(value.encode()) if isinstance(value, str) else 8 for value in row)
