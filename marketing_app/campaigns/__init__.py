"""The room of campaigns: one prompt of one channel, written for many clients."""

from typing import Any

from flask import Flask
from flask_babel import format_percent
from flask_login import current_user

from . import queries, wording


def init_app(app: Flask) -> None:
    from .views import bp

    app.register_blueprint(bp)
    app.context_processor(campaigns_on_every_page)
    app.jinja_env.filters.update(
        stage=wording.STAGES.__getitem__,
        stage_colour=wording.STAGE_COLOURS.__getitem__,
        time_left=wording.time_left,
        failures=wording.failures,
        offer_failure=wording.offer_failure,
        chosen_clients=wording.chosen_clients,
        share=lambda percent: format_percent(percent / 100),
    )


def campaigns_on_every_page() -> dict[str, Any]:
    """The navigation shows what runs for the person; a project's overview what runs in it."""
    return {
        "running_campaigns": lambda: queries.running_campaigns(current_user),
        "campaigns_of": lambda project: queries.projects_views([project.id])[project.id],
    }
