"""The query of a PostgreSQL source: as somebody wrote it, and as its server is asked."""

import re
from collections.abc import Sequence

import psycopg

from .errors import NotASelect
from .fetching import LONGEST_ROW

NO_MEANING = re.compile(r"(?:\s|\(|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
SELECT = re.compile(r"(select|with)\b", re.IGNORECASE)
OF_TEXTS = frozenset("'\"$")
"""What PostgreSQL writes around texts and names."""
AFTER_THE_END = "; \t\r\n"


def one_select(query: str) -> str:
    """The query without a semicolon at its end, and without comments there. Raises NotASelect for what is clearly none;
    the server judges the rest."""
    start = NO_MEANING.match(query)
    if "\0" in query or not SELECT.match(query, start.end() if start else 0):
        raise NotASelect
    query = query.rstrip(AFTER_THE_END)
    while comment := _comment_at_end(query):
        query = query.removesuffix(comment).rstrip(AFTER_THE_END)
    return query


def _comment_at_end(query: str) -> str:
    """The comment that a query ends with, if any. One with a quotation mark may as well be the end of a text."""
    block = "".join(query.rpartition("/*")[1:]) if query.endswith("*/") and "/*" in query else ""
    found = block or "".join(query.rpartition("\n")[2].partition("--")[1:])
    return found if OF_TEXTS.isdisjoint(found) else ""


def measured(query: str, columns: Sequence[psycopg.Column]) -> str:
    """The query with one column more, which is NULL but in a row of more than LONGEST_ROW bytes: there it has the bytes
    of each value, and the values themselves are NULL."""
    names = [f"c{number}" for number in range(len(columns))]
    sizes, kept = [], []
    for name, column in zip(names, columns, strict=True):
        is_short = column.internal_size is not None
        sizes.append("0" if is_short else f"coalesce(octet_length({name}::text), 0)")
        kept.append(name if is_short else f"CASE WHEN bytes <= {LONGEST_ROW} THEN {name} END")
    return (
        f"SELECT {', '.join(kept)}, CASE WHEN bytes > {LONGEST_ROW} THEN ARRAY[{', '.join(sizes)}] END"  # noqa: S608
        f" FROM (SELECT *, {' + '.join(f'{size}::bigint' for size in sizes)} AS bytes"
        f" FROM (\n{query}\n) AS given ({', '.join(names)}) OFFSET 0) AS measured"
    )
