"""Where a MongoDB is: its address, in one line or in parts, and what is read there.

Forms need this; the driver, which takes long to import, is needed by whoever asks a server.
"""

import re
from dataclasses import dataclass

from .errors import BadAddress, UnknownHost

DEFAULT_PORT = 27017
CONNECT_SECONDS = 10

MECHANISMS = frozenset({"DEFAULT", "SCRAM-SHA-1", "SCRAM-SHA-256"})
"""Others would show a server what this machine knows of itself, such as its cloud's keys."""
OPTIONS = frozenset({"authsource", "authmechanism", "tls", "ssl", "replicaset"})
"""The driver sees no others: some make it open files of this machine, some hold secrets."""
HOST = r"(?:\[[^]@/?]+]|[^]:,@/?[]+)(?::\d{1,5})?"
WELL_FORMED = re.compile(
    rf"""(?P<scheme>mongodb(?:\+srv)?://)
    (?:(?P<user>(?:(?!%3a)[^:@/?])+)(?P<password>:[^:@/?]*)?@)?
    (?P<hosts>{HOST}(?:,{HOST})*)
    (?P<database>/[^@/?]*)?
    (?:\?(?P<options>[^@]*))?""",
    re.VERBOSE | re.IGNORECASE,
)
"""Stricter than the driver, which takes a part of a password with / or ? in it for a host or a database."""
SCHEME = re.compile(r"[a-z+]+://", re.IGNORECASE)
NO_PORT = re.compile(r":(?!\d{1,5}(?:[,/]|$))")


@dataclass(frozen=True)
class MongoAddress:
    """Servers that hold the same data, of which the first that answers is read, and the user to enter as. The password
    is no part of it, so that it may be kept. A user is looked up in `auth_database`, "admin" unless named."""

    hosts: tuple[tuple[str, int], ...]
    database: str
    user: str = ""
    auth_database: str = ""
    mechanism: str = "DEFAULT"
    tls: bool = False


@dataclass(frozen=True)
class MongoQuery:
    """What is read: the filter is JSON, also extended; no fields are all of them."""

    collection: str
    filter: str = ""
    fields: tuple[str, ...] = ()


def read_uri(uri: str) -> tuple[MongoAddress, str]:
    """An address and its password. The driver does not see the options that we have no use for.

    A mongodb+srv address is looked up here; its hosts are then checked like any others. Raises BadAddress or
    UnknownHost.
    """
    from pymongo.errors import ConfigurationError, InvalidURI
    from pymongo.uri_parser import parse_uri

    found = WELL_FORMED.fullmatch(uri.strip())
    if found is None:
        raise BadAddress
    try:
        parsed = parse_uri(_written(found, found["password"] or ""), DEFAULT_PORT, connect_timeout=CONNECT_SECONDS)
        options = parsed["options"]
        mechanism = options.get("authMechanism", "DEFAULT")
        address = MongoAddress(
            hosts=tuple((host, port or DEFAULT_PORT) for host, port in parsed["nodelist"]),
            database=parsed["database"] or "",
            user=parsed["username"] or "",
            auth_database=options.get("authSource") or parsed["database"] or "",
            mechanism=mechanism,
            tls=bool(options.get("tls", False)),
        )
    except (ConfigurationError, OSError) as error:
        is_lookup = "+" in found["scheme"] and not isinstance(error, InvalidURI)
        refusal = UnknownHost(found["hosts"]) if is_lookup else BadAddress()
    except (ValueError, TypeError):
        refusal = BadAddress()
    else:
        if mechanism in MECHANISMS:
            return address, parsed["password"] or ""
        refusal = BadAddress()
    raise refusal  # outside of `except`: the driver's error may hold the password


def without_secrets(uri: str) -> str:
    """An address as it may be kept and shown again. Of one that cannot be read little is left: whatever stands before
    the last @, after a ? or in the place of a port may be a part of the password."""
    written = uri.strip()
    found = WELL_FORMED.fullmatch(written)
    if found:
        return _written(found)
    scheme = SCHEME.match(written)
    before, _at, after = written[scheme.end() if scheme else 0 :].rpartition("@")
    where = "" if "?" in before else NO_PORT.split(after.partition("?")[0])[0]
    return (scheme[0] if scheme else "") + where


def _written(found: re.Match[str], password: str = "") -> str:
    """An address of its parts, of its options those that we have a use for."""
    who = f"{found['user']}{password}@" if found["user"] else ""
    options = [each for each in re.split("[&;]", found["options"] or "") if each.partition("=")[0].lower() in OPTIONS]
    asked = f"?{'&'.join(options)}" if options else ""
    return f"{found['scheme'].lower()}{who}{found['hosts']}{found['database'] or ''}{asked}"
