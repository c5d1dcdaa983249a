"""The room of the text bank: sentences and whole texts of the bank's own, for offers without a good draft."""

from flask import Flask


def init_app(app: Flask) -> None:
    from . import file_views, offer_views  # noqa: F401 they add their routes to the blueprint
    from .views import bp

    app.register_blueprint(bp)
