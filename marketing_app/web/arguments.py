"""What a request names in its address or its form, numbers of rows and words of ours, read in one way."""

from collections.abc import Callable
from typing import TypeVar, overload

from flask import abort, request

T = TypeVar("T")


@overload
def asked(name: str, kind: Callable[[str], T]) -> T | None: ...


@overload
def asked(name: str, kind: Callable[[str], T], usual: T) -> T: ...


def asked(name: str, kind: Callable[[str], T], usual: T | None = None) -> T | None:
    """What the request says under a name; `usual` when it says nothing.

    What is no `kind` is refused, and nothing else is meant instead: a list would show, and an order concern, more than
    was asked for.
    """
    said = request.values.get(name, "").strip()
    return _read(said, kind) if said else usual


def asked_all(name: str, kind: Callable[[str], T]) -> list[T]:
    """Everything that the request says under a name."""
    return [_read(said, kind) for said in request.values.getlist(name)]


def _read(said: str, kind: Callable[[str], T]) -> T:
    try:
        return kind(said)
    except ValueError:
        abort(400)
