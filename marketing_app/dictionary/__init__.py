"""The room of the data dictionary: what a client field means and what a prompt may say of it."""

from flask import Flask


def init_app(app: Flask) -> None:
    from .views import bp

    app.register_blueprint(bp)
