"""The room of the language model: which one runs, how it does, what may be done with its file."""

from typing import Any

from flask import Flask

from ..llm.registry import model
from .wording import model_failure, refusal


def init_app(app: Flask) -> None:
    from .views import bp

    app.register_blueprint(bp)
    app.jinja_env.filters["refusal"] = refusal
    app.context_processor(model_on_every_page)


def model_on_every_page() -> dict[str, Any]:
    """The navigation shows the state of the model wherever one is."""
    return {"model_state": lambda: model.state, "model_failure": lambda: model_failure(model.reason)}
