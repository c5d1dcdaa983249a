"""The room of offers: choose a client and a channel, watch the draft being written, ask for another."""

from flask import Flask

from .wording import OFFER_COLOURS, OFFER_STATES


def init_app(app: Flask) -> None:
    from .views import bp

    app.register_blueprint(bp)
    app.jinja_env.globals["offer_states"] = OFFER_STATES
    app.jinja_env.globals["offer_colours"] = OFFER_COLOURS
