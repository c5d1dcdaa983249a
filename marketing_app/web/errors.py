"""Every failure a user can meet, as a page that says what happened and what to do next."""

import structlog
from flask import Flask, Response, g, make_response, render_template
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from werkzeug.exceptions import Conflict, HTTPException

from ..database import db
from .fragments import is_htmx

log = structlog.get_logger()


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


def database_away(error: Exception) -> Response:
    log.error("database_away", kind=type(error).__name__)
    db.session.remove()
    # Who asks cannot be looked up now: without this the page itself would ask the database for their language.
    g._login_user = AnonymousUserMixin()
    response = make_response(
        render_template(
            "errors/plain.html",
            status=503,
            title=_("The database does not answer"),
            advice=_(
                "Nothing was lost that had been saved. Try again in a minute; if it lasts, call your administrator."
            ),
        ),
        503,
    )
    response.headers["Retry-After"] = "10"
    return response


def somebody_was_faster(error: IntegrityError) -> Response:
    """Two people did the same at one moment and the database let one of them pass: the other may look and go on."""
    log.warning("integrity_error", kind=type(error.orig).__name__)
    db.session.rollback()
    return http_error(Conflict())


def unforeseen(error: Exception) -> Response:
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
    app.register_error_handler(OperationalError, database_away)
    app.register_error_handler(InterfaceError, database_away)
    app.register_error_handler(IntegrityError, somebody_was_faster)
    app.register_error_handler(Exception, unforeseen)
