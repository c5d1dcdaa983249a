"""How large a request's body may be, and that it is a form. Checked after access.guard and before anything reads it.

Without this every visitor could make each of the threads keep a file of the largest size.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request
from flask_login import current_user

V = TypeVar("V", bound=Callable[..., Any])

MEGABYTE = 2**20
ANONYMOUS_BYTES = 2**16
"""Enough for the forms of people who are not signed in."""
FORM_BYTES = MEGABYTE
CONSOLE_BYTES = 4 * MEGABYTE
"""The console's forms take a picture of at most two megabytes."""

WITH_BODIES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", ""})
"""Kinds of bodies, and none."""
TAKES_FILE = "takes_file"


def takes_file(view: V) -> V:
    """The view takes a file of the largest size that the settings allow; others take only forms."""
    setattr(view, TAKES_FILE, True)
    return view


def limit_body() -> None:
    """Allow more than an anonymous visitor may send, to whoever has passed the view's access rule.

    Nobody is looked up in the database for a picture or a style sheet. A visitor says how long the body is: what comes
    in chunks cannot be collected before a thread reads it (see connections).
    """
    if request.method in WITH_BODIES and request.endpoint and current_user.is_authenticated:
        request.max_content_length = _largest_body(request.endpoint)
    elif "Transfer-Encoding" in request.headers:
        abort(411)


def refuse_what_is_no_form() -> None:
    """Flask-WTF reads JSON as a form, and fails at a list."""
    if request.method in WITH_BODIES and request.mimetype not in FORMS:
        abort(400)


def _largest_body(endpoint: str) -> int:
    if getattr(current_app.view_functions[endpoint], TAKES_FILE, False):
        return int(current_app.config["STUDIO"].max_upload_mb) * MEGABYTE + FORM_BYTES
    return CONSOLE_BYTES if request.blueprint in current_app.extensions["admin_blueprints"] else FORM_BYTES


def init_app(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = ANONYMOUS_BYTES
    app.before_request(limit_body)
    app.before_request(refuse_what_is_no_form)
