"""The room of accounts: who signs in, and how long that lasts."""

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_login import LoginManager

from ..database import db
from ..models import User

login_manager = LoginManager()
login_manager.login_view = "accounts.sign_in"
login_manager.login_message = _l("Sign in to go on.")
login_manager.login_message_category = "info"


@login_manager.user_loader
def load_user(session_id: str) -> User | None:
    """The person of a session; nobody when the account is closed, was closed since, or has another password."""
    number, _dot, stamp = session_id.partition(".")
    user = db.session.get(User, int(number)) if number.isdigit() else None
    return user if user and user.is_active and user.session_stamp == stamp else None


def init_app(app: Flask) -> None:
    from .views import bp

    login_manager.init_app(app)
    app.register_blueprint(bp)
