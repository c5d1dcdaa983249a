"""The room of the catalogue: pictures of products and channels. The rest of it is changed in the admin console."""

from flask import Flask


def init_app(app: Flask) -> None:
    from .views import bp

    app.register_blueprint(bp)
