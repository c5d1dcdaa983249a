"""The room of projects."""

from flask import Flask


def init_app(app: Flask) -> None:
    from . import version_views  # noqa: F401 it adds its routes to the blueprint
    from .views import bp

    app.register_blueprint(bp)
