"""The room of the data dictionary: what a client field means and what a prompt may say of it."""

from flask import Flask


def init_app(app: Flask) -> None:
    from . import bringing_views  # noqa: F401 it adds its routes to the blueprint
    from .views import bp

    app.register_blueprint(bp)
