"""What an error of the database means: for the page, for work that may be tried again, and for the log."""

from collections.abc import Iterator
from enum import StrEnum

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class Trouble(StrEnum):
    """What happened; for people, web.database_words says it."""

    AWAY = "away"
    NO_CONNECTION = "no_connection"
    DISK_FULL = "disk_full"
    OVERLOADED = "overloaded"
    LOCKED = "locked"
    TOO_SLOW = "too_slow"
    READ_ONLY = "read_only"
    BAD_VALUE = "bad_value"
    TAKEN = "taken"
    REFUSED = "refused"


PASSING = frozenset(Trouble) - {Trouble.BAD_VALUE, Trouble.TAKEN, Trouble.REFUSED}
"""Not the work's own fault: the same may succeed later."""

BY_STATE = {
    "08": Trouble.AWAY,
    "22": Trouble.BAD_VALUE,
    "23": Trouble.TAKEN,
    "25006": Trouble.READ_ONLY,
    "40": Trouble.LOCKED,
    "53": Trouble.OVERLOADED,
    "53100": Trouble.DISK_FULL,
    "53300": Trouble.NO_CONNECTION,
    "55P03": Trouble.LOCKED,
    "57014": Trouble.TOO_SLOW,
    "57P": Trouble.AWAY,
    "58": Trouble.AWAY,
}
"""By SQLSTATE or its beginning (PostgreSQL's manual, appendix A); the longest that fits counts."""
STATE_LENGTHS = (5, 3, 2)
OF_CONNECTION = {"OperationalError", "InterfaceError"}

REFUSED_CONNECTION = (
    "too many clients",
    "too many connections",
    "connection slots are reserved",
    "слишком много клиентов",
    "слишком много подключений",
    "слоты подключений зарезервированы",
)
"""libpq tells no SQLSTATE of a connection that the server refused: only its words, in the server's language."""


def trouble_of(error: BaseException) -> Trouble:
    """What happened, for an error of SQLAlchemy, of a driver, or one that was caused by such an error."""
    if isinstance(error, PoolTimeout):
        return Trouble.NO_CONNECTION
    state = sqlstate_of(error)
    if state:
        return next((BY_STATE[state[:n]] for n in STATE_LENGTHS if state[:n] in BY_STATE), Trouble.REFUSED)
    if any(words in str(cause) for cause in _causes(error) for words in REFUSED_CONNECTION):
        return Trouble.NO_CONNECTION
    is_cut = isinstance(error, DBAPIError) and error.connection_invalidated
    return Trouble.AWAY if is_cut or any(_is_of_connection(cause) for cause in _causes(error)) else Trouble.REFUSED


def is_passing(error: BaseException) -> bool:
    """Whether the database could not do the work now, so that the same work may succeed later."""
    return isinstance(error, SQLAlchemyError) and trouble_of(error) in PASSING


def sqlstate_of(error: BaseException) -> str | None:
    """PostgreSQL's code of the error; None when the server was not reached or refused the connection."""
    states = (getattr(cause, "pgcode", None) or getattr(cause, "sqlstate", None) for cause in _causes(error))
    return next((state for state in states if state), None)


def cause_of(error: BaseException) -> dict[str, str | None]:
    """What the log may say of the error. Never its text: PostgreSQL puts the values of rows into it."""
    *_outer, innermost = _causes(error)
    kind, state, trouble = type(innermost).__name__, sqlstate_of(error), trouble_of(error)
    is_of_database = isinstance(error, SQLAlchemyError) or state or trouble is not Trouble.REFUSED
    return {"trouble": trouble.value, "sqlstate": state, "kind": kind} if is_of_database else {"kind": kind}


def _is_of_connection(error: BaseException) -> bool:
    """Whether it is an error without a SQLSTATE that says so: both our drivers and SQLAlchemy use PEP 249's names."""
    return not OF_CONNECTION.isdisjoint(kind.__name__ for kind in type(error).__mro__)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and what raised it: the driver's error is the `orig` of SQLAlchemy's."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = getattr(cause, "orig", None) or cause.__cause__
