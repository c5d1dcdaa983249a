"""Clients out of a MongoDB collection: one find, which cannot write, over a connection to the one server that was
checked.

A document's fields are columns; those of a document inside it are, too, as `address.city`; what lies deeper, and every
list, is JSON text. Where fields are chosen, they are the columns, and a document among them is JSON text as well.

A server is asked directly: the driver would otherwise go to whatever other hosts it is told of. Without TLS the
connection goes to the address that was checked; with TLS to the name, as the certificate is for the name, and whoever
would turn the name elsewhere has no such certificate.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from types import TracebackType
from typing import Any, Self, TypeVar

import bson
import pymongo
from bson import Decimal128, json_util
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument
from pymongo.errors import (
    ConnectionFailure,
    InvalidName,
    OperationFailure,
    PyMongoError,
)

from .addresses import AddressRules, check
from .errors import (
    BadFilter,
    ConnectionLost,
    NoRows,
    QueryRefused,
    QueryTooSlow,
    RowTooLong,
    SourceError,
    UnknownDatabase,
    UnknownHost,
    UnsafeFilter,
    WrongCredentials,
)
from .fetching import FetchLimits, Patience, within, without
from .header import names_of
from .mongo_address import CONNECT_SECONDS, MongoAddress, MongoQuery
from .source import Row

T = TypeVar("T")
Document = Mapping[str, Any]

LARGEST_DOCUMENT = 16 * 2**20
"""Bytes. MongoDB keeps no larger one. What sends one is no MongoDB, and decoding it would hold the process."""
DESCRIBED_DOCUMENTS = 1_000
DESCRIBED_BYTES = 16 * 2**20
BATCH_DOCUMENTS = 1_000
BATCH_BYTES = 4 * 2**20
MOST_LATE_NAMES = 100

RUNS_CODE = frozenset({"$where", "$function", "$accumulator", "$code"})
TLS_TROUBLE = re.compile(r"\[SSL[^\]]*\][^(,]*")
WRONG_PASSWORD, NOT_PERMITTED, TOOK_TOO_LONG = 18, 13, 50
READING: CodecOptions[dict[str, Any]] = CodecOptions(
    unicode_decode_error_handler="replace",
    uuid_representation=UuidRepresentation.STANDARD,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)


def connect(
    address: MongoAddress, password: str, query: MongoQuery, rules: AddressRules, limits: FetchLimits
) -> "MongoSource":
    """Ask a collection and hold its first documents. Raises the SourceError that says why not."""
    condition = read_filter(query.filter)
    if address.user and not password:
        raise WrongCredentials
    places = [(host, place, port) for host, port in address.hosts for place in check(host, port, rules)]
    refusal = UnknownHost(address.hosts[0][0])
    for host, place, port in places:
        try:
            return MongoSource(
                _client(address, password, host, place, port), password, address, query, condition, limits
            )
        except UnknownHost as error:
            refusal = error
    raise refusal


def read_filter(text: str) -> dict[str, Any]:
    """A filter out of its JSON. Raises BadFilter, or UnsafeFilter for one that brings code, however deep."""
    if not text.strip():
        return {}
    try:
        _refuse_code(json.loads(text))
        found = json_util.loads(text, json_options=json_util.JSONOptions(tz_aware=False))
    except json.JSONDecodeError as error:
        raise BadFilter(f"{error.lineno}:{error.colno}") from None
    except (ValueError, TypeError, KeyError, ArithmeticError, BSONError, RecursionError):
        raise BadFilter from None
    if not isinstance(found, dict):
        raise BadFilter("1:1")
    return found


class MongoSource:
    """The documents of a find as rows, read once. Whoever connects closes it.

    The columns are those of the first thousand documents. Names that come later are counted in `late_columns` and
    their values left out.
    """

    row_count = None

    def __init__(
        self,
        client: "pymongo.MongoClient[RawBSONDocument]",
        password: str,
        address: MongoAddress,
        query: MongoQuery,
        condition: dict[str, Any],
        limits: FetchLimits,
    ) -> None:
        self.share_read = 0.0
        self.late_columns: Counter[str] = Counter()
        self._client = client
        self._password = password
        self._address = address
        self._fields = query.fields
        self._limits = limits
        self._read_count = 0
        self._patience = Patience(limits)
        try:
            self._enter()
            self._cursor = self._asked(lambda: self._find(query, condition))
            self._first = self._first_documents()
            self._keys = list(query.fields) or list(dict.fromkeys(chain.from_iterable(d for _, d in self._first)))
            self.columns: Sequence[str] = names_of(self._keys, len(self._keys), limits.columns)
        except BaseException:
            self.close()
            raise

    def rows(self) -> Iterator[Row]:
        """The rows, numbered from 1. Raises SourceError."""
        first, self._first = self._first, []
        documents = chain(first, chain.from_iterable(iter(self._batch, [])))
        yield from within(self._limits, self.columns, ((size, self._row(document)) for size, document in documents))
        self.share_read = 1.0

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _enter(self) -> None:
        """Raises UnknownHost, WrongCredentials or QueryRefused."""
        try:
            with pymongo.timeout(min(CONNECT_SECONDS, self._limits.seconds)):
                self._client.admin.command("ping")
            return
        except ConnectionFailure as error:
            tls = TLS_TROUBLE.search(str(error))
            refusal: SourceError = QueryRefused(tls[0].strip()) if tls else UnknownHost(self._address.hosts[0][0])
        except (PyMongoError, ValueError) as error:
            refusal = self._refusal(error)
        raise refusal

    def _find(self, query: MongoQuery, condition: dict[str, Any]) -> "pymongo.cursor.Cursor[RawBSONDocument]":
        projection = dict.fromkeys(query.fields, 1) if query.fields else None
        if projection and "_id" not in projection:
            projection["_id"] = 0
        collection = self._client.get_database(self._address.database).get_collection(query.collection)
        return collection.find(condition, projection, limit=self._limits.rows + 1, batch_size=BATCH_DOCUMENTS)

    def _first_documents(self) -> list[tuple[int, Document]]:
        found: list[tuple[int, Document]] = []
        while len(found) < DESCRIBED_DOCUMENTS and sum(size for size, _ in found) < DESCRIBED_BYTES:
            batch = self._batch()
            found += batch
            if not batch:
                break
        if not found:
            raise NoRows
        return found

    def _batch(self) -> list[tuple[int, Document]]:
        """Some documents with their bytes; none at the end."""
        if not self._client.nodes:  # the driver has noticed, and would wait for it as long as there is time
            raise ConnectionLost
        return self._asked(self._next_documents)

    def _next_documents(self) -> list[tuple[int, Document]]:
        found: list[tuple[int, Document]] = []
        total = 0
        while len(found) < BATCH_DOCUMENTS and total < BATCH_BYTES:
            raw = next(self._cursor, None)
            if raw is None:
                break
            self._read_count += 1
            if len(raw.raw) > LARGEST_DOCUMENT:
                raise RowTooLong(len(raw.raw), LARGEST_DOCUMENT, self._read_count)
            total += len(raw.raw)
            document = bson.decode(raw.raw, READING)
            found.append((len(raw.raw), document if self._fields else dict(_flat(document))))
        return found

    def _row(self, document: Document) -> list[object]:
        if self._fields:
            return [_plain(_at(document, field)) for field in self._fields]
        for name in document.keys() - set(self._keys):
            if name in self.late_columns or len(self.late_columns) < MOST_LATE_NAMES:
                self.late_columns[name] += 1
        return [_plain(document.get(key)) for key in self._keys]

    def _asked(self, ask: Callable[[], T]) -> T:
        """What the server answers in time: the driver sends it its limit, and hangs up a little later."""
        self._patience.must_last()
        try:
            with pymongo.timeout(self._limits.seconds):
                return ask()
        except (PyMongoError, BSONError, ValueError, OverflowError, RecursionError) as error:
            refusal = self._refusal(error)
        raise refusal  # outside of `except`: the driver's error would hang on it, with all that it knows

    def _refusal(self, error: Exception) -> SourceError:
        if isinstance(error, PyMongoError) and error.timeout:
            return QueryTooSlow(self._limits.seconds)
        if isinstance(error, OperationFailure):
            if error.code == WRONG_PASSWORD or (error.code == NOT_PERMITTED and not self._address.user):
                return WrongCredentials()
            if error.code == TOOK_TOO_LONG:
                return QueryTooSlow(self._limits.seconds)
            return QueryRefused(without(self._password, str((error.details or {}).get("errmsg", ""))))
        if isinstance(error, ConnectionFailure):
            return ConnectionLost()
        if isinstance(error, InvalidName) and str(error).startswith("database"):
            return UnknownDatabase()
        return QueryRefused(without(self._password, str(error)))


def _client(
    address: MongoAddress, password: str, host: str, place: str, port: int
) -> "pymongo.MongoClient[RawBSONDocument]":
    target = host if address.tls else place
    who: dict[str, Any] = {
        "username": address.user,
        "password": password,
        "authSource": address.auth_database or "admin",
    }
    if address.mechanism != "DEFAULT":
        who["authMechanism"] = address.mechanism
    return pymongo.MongoClient(
        f"[{target}]" if ":" in target and not target.startswith("[") else target,
        port,
        document_class=RawBSONDocument,
        directConnection=True,
        tls=address.tls,
        appname="marketing-studio",
        serverSelectionTimeoutMS=CONNECT_SECONDS * 1000,
        connectTimeoutMS=CONNECT_SECONDS * 1000,
        retryReads=False,
        **(who if address.user else {}),
    )


def _refuse_code(condition: object) -> None:
    waiting = [condition]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            if named := RUNS_CODE & found.keys():
                raise UnsafeFilter(min(named))
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found


def _flat(document: Document) -> Iterable[tuple[str, object]]:
    for key, value in document.items():
        if isinstance(value, dict) and value:
            yield from ((f"{key}.{inner}", deeper) for inner, deeper in value.items())
        else:
            yield key, value


def _at(document: Document, field: str) -> object:
    """The value of a dotted field; a list on the way to it is what the server has left of the list."""
    found: object = document
    for key in field.split("."):
        if not isinstance(found, dict):
            return found
        found = found.get(key)
    return found


def _plain(value: object) -> object:
    """A value as every source gives it."""
    match value:
        case None | bool() | datetime():
            return value
        case int():
            return int(value)
        case float():
            return None if math.isnan(value) else value
        case Decimal128():
            exact = value.to_decimal()
            return None if exact.is_nan() else exact
        case bytes():
            return value.hex()
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=lambda inner: str(_plain(inner)))
        case _:
            return str(value)
