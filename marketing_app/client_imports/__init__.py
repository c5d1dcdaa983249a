"""The room where clients come in: sources, the wizard, loads."""

from flask import Flask


def init_app(app: Flask) -> None:
    from . import import_views  # noqa: F401 adds its views to the blueprint
    from .views import bp

    app.register_blueprint(bp)
