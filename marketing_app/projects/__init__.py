"""The room of projects."""

from flask import Flask


def init_app(app: Flask) -> None:
    from . import example_views, member_views, version_views  # noqa: F401 they add their routes to the blueprint
    from .views import bp

    app.register_blueprint(bp)
