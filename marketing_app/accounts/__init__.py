"""The room of accounts: who signs in, and how long that lasts."""

from time import time

from flask import Flask, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import LoginManager
from flask_login.utils import login_url

from ..database import db
from ..models import User
from ..web.fragments import is_htmx

SIGNED_IN_AT = "signed_in_at"
"""The key in a session of when it began, in seconds. PERMANENT_SESSION_LIFETIME counts from there: Flask signs the
cookie anew with each visit, so that a copy that is used would open the account for ever."""

login_manager = LoginManager()
login_manager.login_view = "accounts.sign_in"
login_manager.login_message = _l("Sign in to go on.")
login_manager.login_message_category = "info"


@login_manager.user_loader
def load_user(session_id: str) -> User | None:
    """The person of a session; nobody when it is too old, and when the account is closed, was closed since, or has
    another password."""
    if time() - session.get(SIGNED_IN_AT, 0) > current_app.permanent_session_lifetime.total_seconds():
        return None
    number, _dot, stamp = session_id.partition(".")
    user = db.session.get(User, int(number)) if number.isdigit() else None
    return user if user and user.is_active and user.session_stamp == stamp else None


@login_manager.unauthorized_handler
def ask_to_sign_in() -> ResponseReturnValue:
    """A script gets the form to sign in again, for the page that stays as it is; a browser is sent to the sign-in page,
    and from there to the page that was asked for or that sent the form."""
    from .views import sign_in_again

    if is_htmx():
        return sign_in_again(), 401
    flash(str(login_manager.login_message), login_manager.login_message_category)
    wanted = request.url if request.method == "GET" else request.referrer or url_for("projects.index")
    return redirect(login_url(login_manager.login_view, next_url=wanted))


def init_app(app: Flask) -> None:
    from .views import bp

    login_manager.init_app(app)
    app.register_blueprint(bp)
