"""The room of review: a person reads each text, and decides whether it may be sent."""

from flask import Flask

from .wording import REVIEW_COLOURS, REVIEWS, VERDICT_COLOURS, VERDICTS


def init_app(app: Flask) -> None:
    from .bulk_views import bp as of_many
    from .views import bp

    app.register_blueprint(bp)
    app.register_blueprint(of_many)
    app.jinja_env.globals["verdicts"] = VERDICTS
    app.jinja_env.globals["verdict_colours"] = VERDICT_COLOURS
    app.jinja_env.globals["reviews"] = REVIEWS
    app.jinja_env.globals["review_colours"] = REVIEW_COLOURS
