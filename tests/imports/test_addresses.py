"""A marketer names a server; only what may be asked is asked."""

import re
import socket
from pathlib import Path

import pytest

from marketing_app.imports.addresses import AddressRules, OwnServer, check, is_own, parse_allowed
from marketing_app.imports.errors import ForbiddenHost, UnknownHost

OWN = OwnServer((("127.0.0.1", 5432),), "studio")


def rules(allowed: str | None, own: OwnServer | None = OWN) -> AddressRules:
    return AddressRules(parse_allowed(allowed), own)


@pytest.mark.parametrize(
    ("allowed", "host", "port"),
    [
        (None, "192.0.2.7", 5432),
        (None, "127.0.0.1", 5433),
        (None, "localhost", 27017),
        (None, "[::1]", 5433),
        ("*", "192.0.2.7", 5432),
        ("192.0.2.7", "192.0.2.7", 1),
        ("192.0.2.7:5433", "192.0.2.7", 5433),
        ("192.0.2.0/24", "192.0.2.200", 5432),
        ("2001:db8::1, [2001:db8::2]:5432", "2001:db8::1", 1),
        ("2001:db8::1, [2001:db8::2]:5432", "[2001:db8::2]", 5432),
        ("LocalHost", "LOCALHOST", 5433),
        ("127.0.0.1:5432", "127.0.0.1", 5432),
        ("*,localhost", "localhost", 5432),
        ("169.254.10.0/24", "169.254.10.1", 5432),
        ("10.0.0.0/8,*", "192.0.2.7", 5432),
        ("192.0.2.0/24", "64:ff9b::192.0.2.7", 5432),
        ("192.0.2.0/24", "::ffff:192.0.2.7", 5432),
        ("192.0.2.0/24", "0xc0.0.2.7", 5432),
        ("2002::/16", "2002:c000:207::1", 5432),
    ],
)
def test_what_may_be_asked(allowed: str | None, host: str, port: int) -> None:
    assert check(host, port, rules(allowed))


@pytest.mark.parametrize(
    ("allowed", "host", "port"),
    [
        (None, "169.254.169.254", 80),
        (None, "::ffff:169.254.169.254", 80),
        (None, "64:ff9b::a9fe:a9fe", 80),
        (None, "2852039166", 80),  # 169.254.169.254 as one number
        (None, "fe80::1", 5432),
        (None, "0.0.0.0", 5432),
        (None, "::", 5432),
        (None, "224.0.0.1", 5432),
        (None, "127.0.0.1", 5432),
        (None, "localhost", 5432),
        (None, "127.0.0.2", 5432),
        (None, "::1", 5432),
        (None, "::ffff:127.0.0.1", 5432),
        ("*", "127.0.0.1", 5432),
        ("*", "169.254.169.254", 80),
        ("0.0.0.0/0", "169.254.169.254", 80),
        ("127.0.0.0/8", "127.0.0.1", 5432),
        ("127.0.0.1:5432", "127.0.0.1", 5433),
        ("192.0.2.7", "192.0.2.8", 5432),
        ("192.0.2.7:5433", "192.0.2.7", 5432),
        ("db.bank.example", "127.0.0.1", 5433),
        (None, "/tmp", 5432),
        ("*", "/tmp", 5432),
        ("*,/var/run", "/tmp", 5432),
    ],
)
def test_what_may_not(allowed: str | None, host: str, port: int) -> None:
    with pytest.raises(ForbiddenHost, match=re.escape(host)):
        check(host, port, rules(allowed))


@pytest.mark.parametrize(
    "host",
    [
        *("169.254.169.254", "2852039166", "0xa9fea9fe", "0xa9.254.169.254", "025177524776", "0251.0376.0251.0376"),
        *("169.254.43518", "①⑥⑨.254.169.254", "169。254。169。254"),
        *("::ffff:169.254.169.254", "[::ffff:a9fe:a9fe]", "::169.254.169.254", "::a9fe:a9fe", "::ffff:0:a9fe:a9fe"),
        *("64:ff9b::169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe"),
        *("2002:a9fe:a9fe::", "2002:a9fe:a9fe::1", "2001:0:a9fe:a9fe::", "2001:0:0:0:0:0:5601:5601"),
        *("100.100.100.200", "168.63.129.16", "192.0.0.192", "169.254.170.2", "fd00:ec2::254", "fd20:ce::254"),
    ],
)
@pytest.mark.parametrize("allowed", [None, "*", "169.254.0.0/16,100.64.0.0/10,2000::/3,::/0,fd00::/8", "clients.bank"])
def test_where_a_cloud_tells_its_keys_nobody_asks_however_it_is_written(
    monkeypatch: pytest.MonkeyPatch, host: str, allowed: str | None
) -> None:
    with pytest.raises(ForbiddenHost):
        check(host, 80, rules(allowed))
    addresses = socket.getaddrinfo(host.strip("[]"), 80, type=socket.SOCK_STREAM)
    monkeypatch.setattr("socket.getaddrinfo", lambda *_asked, **_more: addresses)
    with pytest.raises(ForbiddenHost):  # also where a name that is allowed leads there
        check("clients.bank", 80, rules(allowed))


@pytest.mark.parametrize("host", ["metadata.google.internal", "Metadata.Google.Internal.", "metadata", "instance-data"])
def test_names_of_those_places_are_not_even_looked_up(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_asked, **_more: pytest.fail("it was looked up"))
    for allowed in (None, "*", "10.0.0.0/8"):
        with pytest.raises(ForbiddenHost):
            check(host, 80, rules(allowed))


@pytest.mark.parametrize(
    "host",
    [
        *("::7f00:1", "::127.0.0.1", "::ffff:0:127.0.0.1", "2002:7f00:1::", "2001:0:7f00:1::", "64:ff9b:1::7f00:1"),
        *("::c000:207", "2002:c000:207::1", "2001:0:c000:207::1", "64:ff9b:1::c000:207"),
    ],
)
def test_tunnels_through_ipv6_are_closed(host: str) -> None:
    for allowed in (None, "*", "127.0.0.0/8,192.0.2.0/24", "::/0"):
        with pytest.raises(ForbiddenHost):
            check(host, 5433, rules(allowed))


@pytest.mark.parametrize("host", ["::ffff:127.0.0.1", "::127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1"])
def test_the_own_database_is_known_through_every_writing(host: str) -> None:
    listed = rules(f"[{host}]")
    assert is_own(host, [host], 5432, listed)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "192.0.2.7", "no-such-host.invalid"])
def test_where_nothing_is_listed_nothing_is_asked(host: str) -> None:
    with pytest.raises((ForbiddenHost, UnknownHost)):
        check(host, 5433, AddressRules((), OWN))


@pytest.mark.parametrize("host", ["no-such-host.invalid", "", "a b", "a,b", "x" * 300, "@abstract"])
def test_a_host_that_is_none(host: str) -> None:
    with pytest.raises(UnknownHost):
        check(host, 5432, rules(None))


def test_the_port_belongs_to_the_own_server() -> None:
    assert is_own("127.0.0.1", check("127.0.0.1", 5433, rules(None)), 5433, rules(None)) is False
    assert is_own("127.0.0.1", ["127.0.0.1"], 5432, rules(None))


def test_a_socket_directory_is_known_under_every_path(tmp_path: Path) -> None:
    directory = tmp_path / "sockets"
    directory.mkdir()
    other_path = tmp_path / "link"
    other_path.symlink_to(directory)
    with_own = rules(f"*,{directory}", OwnServer(((str(directory), 5432),), "studio"))
    assert check(str(other_path), 5432, with_own) == [str(other_path)]
    assert is_own(str(other_path), [str(other_path)], 5432, with_own)
    assert not is_own(str(other_path), [str(other_path)], 5433, with_own)


@pytest.mark.parametrize("text", ["10.0.0.0/99", "db.example:port", "::zz", "[::1]:x", "no/network"])
def test_a_setting_that_is_no_list_of_hosts(text: str) -> None:
    with pytest.raises(ValueError):
        parse_allowed(text)


@pytest.mark.parametrize("text", [None, "", " , "])
def test_an_empty_setting_is_an_unset_one(text: str | None) -> None:
    assert parse_allowed(text) is None
