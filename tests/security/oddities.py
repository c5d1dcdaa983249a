"""Requests as the pages make them, each with something odd in one place. The same seed gives the same requests."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from urllib.parse import quote

from tests.access.test_every_route import address_of
from tests.security.asking import Asked, Route, Value
from tests.security.filled_project import FilledProject
from tests.security.pages import PAYLOAD

LONG = 10_000
"""Characters."""
VALUES: tuple[Value, ...] = (
    "",
    " ",
    "0",
    "-1",
    "1.5",
    "1e400",
    "NaN",
    "Infinity",
    "2147483648",
    "-2147483649",
    "9223372036854775808",
    "9" * 40,
    "9" * 5_000,  # more digits than int() reads
    "0x1F",
    "1_000",
    "\N{ARABIC-INDIC DIGIT ONE}\N{ARABIC-INDIC DIGIT TWO}",
    "\N{SUPERSCRIPT TWO}",  # str.isdigit() takes it, int() does not
    "\N{VULGAR FRACTION ONE HALF}",
    "null",
    "true",
    "[]",
    '{"a": [1]}',
    "\0",
    "a\0b",
    "a\r\nSet-Cookie: a=b",
    "\n" * LONG,
    "x" * LONG,
    "я" * LONG,
    "\N{GRINNING FACE}" * (LONG // 4),
    "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}" * 500,  # longer in lower case
    "\N{RIGHT-TO-LEFT OVERRIDE}\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}",
    b"\xff\xfe",
    b"\xed\xa0\x80",  # half of a surrogate pair
    "../../../etc/passwd",
    "%s%n%(name)s%",
    "{0.__class__}",
    "' OR 1=1 --",
    "\\",
    "(" * 200,
    "=1+1",
    "javascript:alert(1)",
    "//elsewhere.example/",
    "https://elsewhere.example/",
    PAYLOAD,
)
FILES: tuple[bytes, ...] = (
    b"",
    b"\0" * 1_000,
    b"\xff\xfe" + "id,age\nA1,30\n".encode("utf-16-le"),
    b"PK\x03\x04" + b"\0" * 100,
    b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    b"a," * 1_000,
    b'"' * 1_001,
    b"id\n" * LONG,
    f"id,{PAYLOAD}\n{PAYLOAD},1\n".encode(),
)
HEADERS = ("Accept-Language", "Referer", "Range", "If-None-Match", "Content-Type", "HX-Target", "X-Forwarded-Prefix")
METHODS = ("PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
REPEATED = 300


@dataclass(frozen=True)
class Known:
    """A request for a route, with the names of fields that its view asks for though no page sends them."""

    route: Route
    asked: Asked
    names: list[str]
    filled: FilledProject


Oddity = Callable[[Known, Random], Asked]


def oddly(known: list[Known], seed: int) -> Iterator[Asked]:
    """Without end; each route comes before any comes again."""
    chance = Random(seed)
    while True:
        for each in known:
            oddity = chance.choice(oddities_of(each))
            yield replace(oddity(each, chance), is_by_htmx=chance.random() < 0.3)


def oddities_of(known: Known) -> list[Oddity]:
    """Where there are fields, they are what is most often odd."""
    found: list[Oddity] = [odd_header, odd_method, odd_body]
    if known.route.parameters:
        found += [odd_parameter] * 3
    if known.asked.files:
        found += [odd_file] * 6
    if known.asked.query or known.asked.form:
        found += [odd_field] * 12 + [missing_field, repeated_field, strange_name]
    if known.names:
        found += [unsent_name] * 6
    return found


def odd_value(chance: Random) -> Value:
    if chance.random() < 0.8:
        return chance.choice(VALUES)
    points = (chance.choice((0x7F, 0x4FF, 0xD7FF, 0x10FFFF)) for _ in range(chance.choice((1, 10, 1_000))))
    return "".join(map(chr, (chance.randrange(most) for most in points))).encode("utf-8", "replace")


def odd_parameter(known: Known, chance: Random) -> Asked:
    odd = {chance.choice(known.route.parameters): quote(odd_value(chance) or " ", safe="")}
    return replace(known.asked, path=address_of(known.route.pattern, known.filled.numbers | odd))


def odd_field(known: Known, chance: Random) -> Asked:
    part, place = a_field_of(known.asked, chance)
    fields = getattr(known.asked, part)
    changed = (*fields[:place], (fields[place][0], odd_value(chance)), *fields[place + 1 :])
    return replace(known.asked, **{part: changed})


def missing_field(known: Known, chance: Random) -> Asked:
    part, place = a_field_of(known.asked, chance)
    fields = getattr(known.asked, part)
    return replace(known.asked, **{part: (*fields[:place], *fields[place + 1 :])})


def repeated_field(known: Known, chance: Random) -> Asked:
    part, place = a_field_of(known.asked, chance)
    fields = getattr(known.asked, part)
    name, value = fields[place]
    more = tuple((name, value if chance.random() < 0.5 else str(number)) for number in range(REPEATED))
    return replace(known.asked, **{part: (*fields, *more)})


def strange_name(known: Known, chance: Random) -> Asked:
    """A field that there is not, or as other frameworks write lists and objects."""
    part, place = a_field_of(known.asked, chance)
    fields = getattr(known.asked, part)
    name, value = fields[place]
    strange = chance.choice(
        (f"{name}[]", f"{name}[a]", f"{name}-0", f"how.{name}", f"{name}.{name}", name.upper(), "[")
    )
    return replace(known.asked, **{part: (*fields, (strange, value))})


def unsent_name(known: Known, chance: Random) -> Asked:
    part = "query" if known.asked.method == "GET" else "form"
    fields = getattr(known.asked, part)
    return replace(known.asked, **{part: (*fields, (chance.choice(known.names), odd_value(chance)))})


def odd_file(known: Known, chance: Random) -> Asked:
    name = chance.choice(("", "a.csv", "a.xlsx", "a.ods", "a.png", "../a.csv", "a" * 300 + ".csv", f"{PAYLOAD}.csv"))
    return replace(known.asked, files=((known.asked.files[0][0], name, chance.choice(FILES)),))


def odd_header(known: Known, chance: Random) -> Asked:
    value = odd_value(chance)
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    sendable = "".join(character for character in text if " " <= character < "\x7f")
    return replace(known.asked, headers=((chance.choice(HEADERS), sendable[:4_000]),))


def odd_method(known: Known, chance: Random) -> Asked:
    return replace(known.asked, method=chance.choice(METHODS))


def odd_body(known: Known, chance: Random) -> Asked:
    """What is no form, or is said to be another kind of one than it is."""
    kind = chance.choice(
        ("application/json", "multipart/form-data", "multipart/form-data; boundary=a", "text/plain", "")
    )
    body = chance.choice(
        (b"{", b"[" * 1_000, b"--a\r\nContent-Disposition: form-data\r\n\r\n", b"\0\xff", b"a=%zz&&=&=a")
    )
    return replace(known.asked, body=body, headers=(("Content-Type", kind),))


def a_field_of(asked: Asked, chance: Random) -> tuple[str, int]:
    places = [(part, place) for part in ("query", "form") for place in range(len(getattr(asked, part)))]
    return chance.choice(places)
