"""The room of offers: choose a client and a channel, watch the draft being written, ask for another."""

from flask import Flask

from ..checks.marking import pieces
from .as_sent import as_sent
from .checking import findings_of
from .wording import FINDING_COLOURS, OFFER_COLOURS, OFFER_STATES, SEVERITIES, finding_words


def init_app(app: Flask) -> None:
    from . import edit_views  # noqa: F401 it adds its routes to the blueprint
    from .views import bp

    app.register_blueprint(bp)
    app.jinja_env.globals["offer_states"] = OFFER_STATES
    app.jinja_env.globals["offer_colours"] = OFFER_COLOURS
    app.jinja_env.globals["finding_colours"] = FINDING_COLOURS
    app.jinja_env.globals["severities"] = SEVERITIES
    app.jinja_env.globals["as_sent"] = as_sent
    app.jinja_env.globals["findings_of"] = findings_of
    app.jinja_env.globals["marked_pieces"] = pieces
    app.jinja_env.filters["finding"] = finding_words
