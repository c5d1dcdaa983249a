"""Every failure a user can meet, as a page that says what happened and what to do next."""

from logging import ERROR, WARNING
from traceback import format_tb

import structlog
from flask import Flask, Response, g, make_response, render_template
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import Conflict, HTTPException

from ..database import db
from ..database_errors import Trouble, cause_of, trouble_of
from ..disk import is_disk_full
from .database_words import advice_on
from .fragments import is_htmx

log = structlog.get_logger()

LEVELS = {Trouble.TAKEN: WARNING, Trouble.LOCKED: WARNING, Trouble.BAD_VALUE: WARNING}
"""Everyday troubles; of the others an administrator must hear."""


def error_page(status: int, title: str, advice: str) -> Response:
    template = "errors/_error.html" if is_htmx() else "errors/error.html"
    return make_response(render_template(template, status=status, title=title, advice=advice), status)


def wrong_token(error: CSRFError) -> Response:
    return error_page(
        400,
        _("This form is out of date"),
        _("Nothing was changed. Go back, reload the page and send the form again."),
    )


def http_error(error: HTTPException) -> Response:
    known = {
        400: (_("The request could not be understood"), _("Go back, reload the page and try again.")),
        404: (
            _("There is nothing here"),
            _("The page does not exist, or it belongs to a project of which you are not a member."),
        ),
        405: (_("This address does not take that action"), _("Go back and use the page's own controls.")),
        409: (_("Somebody was faster"), _("Reload the page to see the newest state, then try again.")),
        413: (
            _("The file or text is too large"),
            _("Nothing was stored. Send a smaller file, or split it into several."),
        ),
        429: (_("Too many attempts"), _("Wait a few minutes, then try again.")),
    }
    code = error.code or 500
    if error.response is not None and code < 400:
        return error.response  # type: ignore[return-value]
    title, advice = known.get(code, (error.name, _("Go back and try again.")))
    response = error_page(code, title, advice)
    for name, value in error.get_headers():
        if name.lower() in ("retry-after", "allow"):
            response.headers[name] = value
    return response


def database_error(error: SQLAlchemyError) -> Response:
    """By what happened in the database: the person's numbers, somebody else's change, the server itself, or we."""
    trouble = trouble_of(error)
    if trouble is Trouble.REFUSED:
        return unforeseen(error)
    log.log(LEVELS.get(trouble, ERROR), "database_error", **cause_of(error))
    db.session.rollback()
    if trouble is Trouble.TAKEN:
        return http_error(Conflict())
    if trouble is Trouble.BAD_VALUE:
        return error_page(400, *advice_on(trouble))
    if trouble in (Trouble.AWAY, Trouble.NO_CONNECTION):
        # Who asks cannot be looked up now: the page itself would ask the database for their language.
        g._login_user = AnonymousUserMixin()
    return out_of_service(*advice_on(trouble))


def file_error(error: OSError) -> Response:
    if not is_disk_full(error):
        return unforeseen(error)
    log.error("disk_full", kind=type(error).__name__, errno=error.errno)
    db.session.rollback()
    return out_of_service(
        _("The studio’s disk is full"),
        _(
            "Nothing of this was stored, and nothing was lost that had been saved."
            " Ask your administrator to free space on the disk of INSTANCE_PATH, then try again."
        ),
    )


def out_of_service(title: str, advice: str) -> Response:
    """For a while. The page is short, so that it asks the database for nothing but the person's language."""
    template = "errors/_error.html" if is_htmx() else "errors/plain.html"
    response = make_response(render_template(template, status=503, title=title, advice=advice), 503)
    response.headers["Retry-After"] = "10"
    return response


def unforeseen(error: Exception) -> Response:
    if isinstance(error, SQLAlchemyError):  # its text may hold the values of rows
        log.error("unforeseen_error", **cause_of(error), where=format_tb(error.__traceback__))
    else:
        log.exception("unforeseen_error", kind=type(error).__name__)
    db.session.rollback()
    return make_response(
        render_template(
            "errors/plain.html",
            status=500,
            title=_("Something went wrong on our side"),
            advice=_("It has been written to the log. Go back and try again; what you had saved is safe."),
        ),
        500,
    )


def init_app(app: Flask) -> None:
    app.register_error_handler(CSRFError, wrong_token)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(SQLAlchemyError, database_error)
    app.register_error_handler(OSError, file_error)
    app.register_error_handler(Exception, unforeseen)
