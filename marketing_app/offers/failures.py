"""Why an offer or a draft has no text, as the code that is stored; the rooms' wordings say it to people."""

from sqlalchemy.exc import SQLAlchemyError

from ..llm.chat_templates import TemplateRefused
from ..llm.engine import (
    AccessRefused,
    DeadlinePassed,
    ModelBroken,
    ModelMissing,
    ModelNotStored,
    PromptTooLong,
    QueueFull,
    ServerAway,
)
from .finishing import NothingFits

CODES: dict[type[Exception], str] = {
    PromptTooLong: "prompt_too_long",
    TemplateRefused: "template_refused",
    DeadlinePassed: "too_slow",
    QueueFull: "queue_full",
    ModelMissing: "model_missing",
    ModelNotStored: "model_missing",
    ModelBroken: "model_broken",
    AccessRefused: "access_refused",
    ServerAway: "server_away",
    NothingFits: "nothing_fits",
}
"""What is none of these is `model`: it failed while writing."""


def failure_code(error: Exception) -> str:
    return "database" if isinstance(error, SQLAlchemyError) else CODES.get(type(error), "model")
