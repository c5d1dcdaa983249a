"""The room of offers: choose a client and a channel, watch the draft being written, ask for another."""

from flask import Flask


def init_app(app: Flask) -> None:
    from .views import bp

    app.register_blueprint(bp)
