"""The room of offers: choose a client and a channel, watch the draft being written, ask for another."""

from flask import Flask

from ..checks.channel import characters
from ..checks.marking import pieces
from .as_sent import as_sent
from .checking import findings_of
from .conversation import goes_on_from, has_text
from .wording import (
    FINDING_COLOURS,
    OFFER_COLOURS,
    OFFER_STATES,
    SEVERITIES,
    finding_words,
    text_name,
)
from .writing import progress_of


def init_app(app: Flask) -> None:
    from . import conversation_views, edit_views  # noqa: F401 they add their routes to the blueprint
    from .views import bp

    app.register_blueprint(bp)
    app.jinja_env.globals["offer_states"] = OFFER_STATES
    app.jinja_env.globals["offer_colours"] = OFFER_COLOURS
    app.jinja_env.globals["finding_colours"] = FINDING_COLOURS
    app.jinja_env.globals["severities"] = SEVERITIES
    app.jinja_env.globals["as_sent"] = as_sent
    app.jinja_env.globals["goes_on_from"], app.jinja_env.globals["has_text"] = goes_on_from, has_text
    app.jinja_env.globals["text_name"] = text_name
    app.jinja_env.globals["progress_of"] = progress_of
    app.jinja_env.globals["findings_of"] = findings_of
    app.jinja_env.globals["marked_pieces"] = pieces
    app.jinja_env.filters["finding"] = finding_words
    app.jinja_env.filters["characters"] = characters
