"""Which language a page speaks, and how it writes numbers and times."""

from datetime import timedelta

from flask import Flask, request, session
from flask_babel import Babel, format_date, format_decimal, format_timedelta, get_locale
from flask_login import current_user

from ..models import LANGUAGES
from .zones import choose_zone, moment

babel = Babel()


def choose_language() -> str:
    """The person's own choice, else this visit's, else what the browser prefers; Russian when it does not say."""
    if current_user and current_user.is_authenticated:
        return str(current_user.language)
    if session.get("language") in LANGUAGES:
        return str(session["language"])
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def duration(seconds: float) -> str:
    """Some seconds in the largest unit that fits, at least one second."""
    return format_timedelta(timedelta(seconds=max(1, round(seconds))), threshold=1.5)


def init_app(app: Flask) -> None:
    babel.init_app(
        app,
        locale_selector=choose_language,
        timezone_selector=choose_zone,
        default_translation_directories="translations",
    )
    app.jinja_env.globals["get_locale"] = get_locale
    app.jinja_env.filters["number"] = format_decimal
    app.jinja_env.filters["duration"] = duration
    app.jinja_env.filters["day"] = lambda at: format_date(at, "short")
    app.jinja_env.filters["moment"] = moment
