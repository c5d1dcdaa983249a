"""The room of the client's rights: opt-outs, erasure, how long data is kept."""

from flask import Flask


def init_app(app: Flask) -> None:
    from .views import bp

    app.register_blueprint(bp)
