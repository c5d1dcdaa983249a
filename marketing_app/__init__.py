"""Marketing Studio: offers for a bank's clients, written by a language model that runs in the house."""

from pathlib import Path

from flask import Flask

from . import cli, database, logs
from .models import LONGEST_SESSION
from .settings import Settings, load_settings, session_secret
from .web import language

ROOT = Path(__file__).parent.parent


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application. Raises SettingsError when the environment cannot be used."""
    settings = settings or load_settings()
    app = Flask(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(settings.instance_path.resolve()),
    )
    configure(app, settings)

    logs.configure(settings)
    database.init_app(app, ROOT / "migrations")
    language.init_app(app)
    cli.init_app(app)
    if not cli.is_looking_for_command():
        add_pages(app)
    return app


def add_pages(app: Flask) -> None:
    """All that answers requests. It is half of what there is to import, and no command of ours needs any of it."""
    from . import (
        access,
        accounts,
        admin,
        campaigns,
        catalogue,
        client_imports,
        clients,
        dictionary,
        health,
        language_model,
        offers,
        privacy,
        projects,
        review,
        statistics,
        text_bank,
    )
    from .web import bodies, concurrency, errors, limits, proxies, security

    proxies.init_app(app)
    access.init_app(app)
    bodies.init_app(app)
    concurrency.init_app(app)
    security.init_app(app)
    limits.init_app(app)
    errors.init_app(app)
    accounts.init_app(app)

    health.init_app(app)
    language_model.init_app(app)
    catalogue.init_app(app)
    projects.init_app(app)
    dictionary.init_app(app)
    client_imports.init_app(app)
    clients.init_app(app)
    privacy.init_app(app)
    offers.init_app(app)
    review.init_app(app)
    campaigns.init_app(app)
    text_bank.init_app(app)
    statistics.init_app(app)
    admin.init_app(app)


def configure(app: Flask, settings: Settings) -> None:
    """Turn our settings into Flask's."""
    app.config.update(
        STUDIO=settings,
        SECRET_KEY=session_secret(settings),
        SQLALCHEMY_DATABASE_URI=database.address(settings),
        # An error's text must not bring a statement's values, which are clients' data, into a log.
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": True, "pool_size": 10, "max_overflow": 20, "hide_parameters": True},
        MAX_FORM_MEMORY_SIZE=2**20,
        PERMANENT_SESSION_LIFETIME=LONGEST_SESSION,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        REMEMBER_COOKIE_SECURE=settings.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="ru",
        BABEL_DEFAULT_TIMEZONE=settings.time_zone,
    )
