"""The room of accounts: who signs in, and how long that lasts."""

from flask import Flask, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import LoginManager
from flask_login.utils import login_url

from ..database import db
from ..models import User, UserSession
from ..web.access_log import note_person
from ..web.fragments import is_htmx

login_manager = LoginManager()
login_manager.login_view = "accounts.sign_in"
login_manager.login_message = _l("Sign in to go on.")
login_manager.login_message_category = "info"


@login_manager.user_loader
def load_user(session_key: str) -> User | None:
    """The person of a session, in one statement; nobody once it has ended."""
    user = db.session.scalar(db.select(User).join(UserSession).where(UserSession.is_open(session_key)))
    if user:
        user.session_key = session_key
        note_person(user)
    return user


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
