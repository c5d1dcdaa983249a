"""The access log: one line for each request, with who asked and from where."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import request
from gunicorn.glogging import Logger

from ..models import User

PERSON = "studio.person_id"
"""In a request's environment: the account of who is signed in."""


def note_person(user: User) -> None:
    """This request is that person's."""
    request.environ[PERSON] = user.id


class AccessLog(Logger):
    """gunicorn's log; requests are told in a form of our own.

    Method and path only: a query string may hold a client's data that somebody searched for. As JSON, a path with line
    breaks in it makes no line of its own.
    """

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        line = {
            "event": "request",
            "method": environ.get("REQUEST_METHOD"),
            "path": environ.get("PATH_INFO"),
            "status": int(str(resp.status).split()[0]),
            "bytes": resp.sent,
            "ms": request_time // timedelta(milliseconds=1),
            "person": environ.get(PERSON),
            "address": environ.get("REMOTE_ADDR"),
            "timestamp": datetime.now(UTC).isoformat(),
        }
        self.access_log.info("%s", json.dumps(line))
