"""Which servers this application may ask for clients.

Whoever may load clients names a host; without rules that would be a way into the bank's network through us. A name is
resolved here, once, and the connection goes to the addresses that were checked, so that a name cannot point
elsewhere a moment later.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from os.path import realpath

from .errors import ForbiddenHost, UnknownHost

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

ANY = "*"
NAT64 = IPv6Network("64:ff9b::/96")
"""How a network without IPv4 writes an IPv4 address: a translator of the network goes there."""
CARRY_IPV4_AT_THE_END = tuple(map(IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48")))
"""IPv4-compatible, IPv4-translated, and translators of a network's own (RFC 4291, 2765, 8215)."""
TUNNELS = (*CARRY_IPV4_AT_THE_END, IPv6Network("2002::/16"), IPv6Network("2001::/32"))
"""The last two are 6to4 and Teredo. A router may take such an address to an IPv4 address that nobody checked, and no
database has one."""
METADATA = tuple(
    map(
        ipaddress.ip_network,
        (
            *("169.254.169.254/32", "169.254.170.2/32", "169.254.170.23/32", "100.100.100.200/32"),
            *("168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::/32", "fd20:ce::254/128"),
        ),
    )
)
"""Where clouds (AWS, Google, Azure, Yandex, Alibaba, Oracle) tell a machine its own keys. No database is there, so
that no list opens them."""
METADATA_NAMES = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "metadata.azure.internal", "metadata.tencentyun.com"}
    | {"instance-data", "instance-data.ec2.internal"}
)


@dataclass(frozen=True)
class PostgresAddress:
    """A database and the user to enter as. The password is no part of it, so that it may be kept."""

    host: str
    port: int
    database: str
    user: str
    sslmode: str = "prefer"


@dataclass(frozen=True)
class OwnServer:
    """Where the application's own database is (host names or socket directories with their ports), and the user as
    whom it goes there. `started_at` is when its server was started, by the server's own clock: nothing else tells it
    from another one that is reached by another way, as by a port where we go through a socket."""

    places: tuple[tuple[str, int], ...]
    user: str
    started_at: datetime | None = None


@dataclass(frozen=True)
class AddressRules:
    """What may be asked. `allowed` is what `parse_allowed` gave, and empty where nothing may be asked; None is any but
    the special addresses and our own database."""

    allowed: tuple[str, ...] | None = None
    own: OwnServer | None = None


def own_server(database_url: str) -> OwnServer:
    """Where an address as in DATABASE_URL leads."""
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(re.sub(r"^postgresql\+\w+:", "postgresql:", database_url))
    hosts = str(parts.get("host") or "localhost").split(",")
    ports = str(parts.get("port") or 5432).split(",")
    places = [(host, int(ports[number % len(ports)])) for number, host in enumerate(hosts)]
    return OwnServer(tuple(places), str(parts.get("user") or ""))


def parse_allowed(text: str | None) -> tuple[str, ...] | None:
    """The entries of IMPORT_ALLOWED_HOSTS: host, host:port, network, /socket/directory or *. None where it is unset.

    Raises ValueError with the entry that is none of these.
    """
    entries = tuple(entry.strip() for entry in (text or "").split(",") if entry.strip())
    for entry in entries:
        if not entry.startswith("/") and "/" in entry:
            ipaddress.ip_network(entry, strict=False)
        elif not entry.startswith("/"):
            host_and_port(entry)
    return entries or None


def check(host: str, port: int, rules: AddressRules) -> list[str]:
    """The addresses to connect to, or the socket directory. Raises UnknownHost or ForbiddenHost."""
    if is_socket(host):
        if not any(is_socket(entry) and realpath(entry) == realpath(host) for entry in rules.allowed or ()):
            raise ForbiddenHost(host)
        return [host]
    if _plain_name(host) in METADATA_NAMES.difference(name for name, _port in _named(rules)):
        raise ForbiddenHost(host)
    addresses = resolve(host, port)
    if not all(_is_allowed(host, address, port, rules) for address in addresses):
        raise ForbiddenHost(host)
    return [str(address) for address in addresses]


def is_own(host: str, addresses: list[str], port: int, rules: AddressRules) -> bool:
    """Whether what `check` gave for a host leads to the application's own database server."""
    if is_socket(host):
        places = rules.own.places if rules.own else ()
        return any(is_socket(own) and (realpath(own), own_port) == (realpath(host), port) for own, own_port in places)
    return any(_is_own_address(ipaddress.ip_address(address), port, rules) for address in addresses)


def is_named(host: str, addresses: list[str], port: int, rules: AddressRules) -> bool:
    """Whether the rules name this very place; a socket that `check` let through is named."""
    return is_socket(host) or all(
        any(_names(name, host, address) and named_port in (None, port) for name, named_port in _named(rules))
        for address in map(ipaddress.ip_address, addresses)
    )


def is_socket(host: str) -> bool:
    return host.startswith("/")


def resolve(host: str, port: int) -> list[Address]:
    """Every address of a name, each once. Raises UnknownHost."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, ValueError, OverflowError):
        raise UnknownHost(host) from None
    return [ipaddress.ip_address(text) for text in dict.fromkeys(str(entry[4][0]) for entry in found)]


def host_and_port(entry: str) -> tuple[str, int | None]:
    """`host`, `host:port`, `::1` or `[::1]:port`. Raises ValueError."""
    if entry.count(":") > 1 and not entry.startswith("["):
        return str(ipaddress.ip_address(entry)), None
    host, bracket, rest = entry.rpartition("]") if entry.startswith("[") else (entry, "", "")
    name, colon, port = rest.partition(":") if bracket else host.partition(":")
    if colon and not port.isdecimal():
        raise ValueError(f"{entry}: the port is no number")
    name = host[1:] if bracket else name
    return name.rstrip(".").lower(), int(port) if colon else None


def _is_allowed(host: str, address: Address, port: int, rules: AddressRules) -> bool:
    entries = (ANY,) if rules.allowed is None else rules.allowed
    if any(place in network for place in _meanings(address) for network in METADATA):
        return False
    if is_named(host, [str(address)], port, rules):
        return True
    if _is_own_address(address, port, rules):
        return False
    address = _unwrapped(address)
    is_special = _is_special(ipaddress.ip_network(address))
    networks = [ipaddress.ip_network(entry, strict=False) for entry in entries if "/" in entry and entry[0] != "/"]
    if any(address in network and is_special == _is_special(network) for network in networks):
        return True
    return ANY in entries and not is_special


def _named(rules: AddressRules) -> list[tuple[str, int | None]]:
    """The hosts that the rules list by their names or addresses, each with its port."""
    return [host_and_port(entry) for entry in rules.allowed or () if "/" not in entry and entry != ANY]


def _names(listed: str, host: str, address: Address) -> bool:
    """Whether a listed host is what was typed, or is the very address."""
    return listed == _plain_name(host) or listed == str(_unwrapped(address))


def _plain_name(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


def _is_special(network: Network) -> bool:
    """Addresses of a machine's neighbours on its cable, of no one machine, or behind a tunnel. A network counts when
    all of it is such: 0.0.0.0/0 does not open them."""
    if network.is_link_local or network.is_unspecified or network.is_multicast:
        return True
    if isinstance(network, IPv4Network) or network.is_loopback:
        return False
    return any(map(network.subnet_of, TUNNELS))


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address is another way of writing, if it is."""
    if isinstance(address, IPv4Address):
        return address
    return _last_bits(address) if address in NAT64 else address.ipv4_mapped or address


def _meanings(address: Address) -> list[Address]:
    """Where an address may lead: there, and to the IPv4 addresses that it carries."""
    address = _unwrapped(address)
    if isinstance(address, IPv4Address):
        return [address]
    carried = [address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in CARRY_IPV4_AT_THE_END):
        carried.append(_last_bits(address))
    return [address, *filter(None, carried)]


def _last_bits(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)


def _is_own_address(address: Address, port: int, rules: AddressRules) -> bool:
    """Our own server has every address of its machine: 127.0.0.2 leads where 127.0.0.1 does."""
    for host, own_port in rules.own.places if rules.own else ():
        if is_socket(host) or own_port != port:
            continue
        try:
            own_addresses = [_unwrapped(own) for own in resolve(host, own_port)]
        except UnknownHost:
            continue
        for place in _meanings(address):
            if place in own_addresses or (_is_here(place) and any(map(_is_here, own_addresses))):
                return True
    return False


def _is_here(address: Address) -> bool:
    """Whether it is an address of this machine: only such a one can be bound to."""
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True
