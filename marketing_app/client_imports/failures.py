"""Errors of sources as they are kept with a source or a load, until a page words them."""

from typing import Any

from ..database_errors import Trouble
from ..imports import errors


class NotStored(errors.SourceError):
    """The source was read, but our database could not take it: `trouble` is a Trouble's value."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble.value


def failure_of(error: errors.SourceError) -> tuple[str, dict[str, Any]]:
    """The error's name and its numbers and names, to be stored as JSON."""
    return type(error).__name__, dict(vars(error))


def error_of(code: str, detail: dict[str, Any]) -> errors.SourceError:
    """The error that was stored; a SourceError where the name is none of today's."""
    kind = NotStored if code == NotStored.__name__ else getattr(errors, code, errors.SourceError)
    error: errors.SourceError = kind.__new__(kind)
    vars(error).update(detail)
    return error
