"""Why there is no model, or why it does not write, in words: what happened and what to do."""

from flask_babel import gettext as _

from ..llm.chat_templates import TemplateRefused
from ..llm.engine import (
    AccessRefused,
    DeadlinePassed,
    EngineStopped,
    GenerationFailed,
    ModelBroken,
    ModelMissing,
    ModelNotStored,
    PromptTooLong,
    QueueFull,
    ServerAway,
)
from ..llm.registry import ModelNotReady, State


def model_failure(reason: Exception | None) -> str:
    """Why there is no model, without paths of the server: those are in its log."""
    if isinstance(reason, ModelMissing) and isinstance(reason.path, str):
        return _("the model server has no model of the name in LLM_MODEL.")
    if isinstance(reason, ModelMissing):
        return _("the file named by MODEL_PATH does not exist.")
    if isinstance(reason, ModelNotStored):
        return _("the model's file cannot be stored: INSTANCE_PATH may not be written to, or its disk is full.")
    if isinstance(reason, ModelBroken):
        return _("the model file is damaged or is not a GGUF file. Download it again.")
    if isinstance(reason, EngineStopped):
        return _("the model stopped working. Restart the program; its log says why.")
    if isinstance(reason, AccessRefused):
        return _("the model server does not accept the key. Check LLM_API_KEY.")
    if isinstance(reason, ServerAway):
        return _("the model server does not answer. Check LLM_URL, and whether it runs.")
    return _("see the server's log.")


def refusal(error: Exception) -> str:
    """Why a generation did not start, or did not end."""
    if isinstance(error, PromptTooLong):
        return _(
            "The prompt has %(tokens)s tokens and only %(limit)s fit. Shorten the prompt or the conversation.",
            tokens=error.tokens,
            limit=error.limit,
        )
    if isinstance(error, QueueFull):
        return _("Too many offers are being written right now. Try again in a minute.")
    if isinstance(error, DeadlinePassed):
        return _("The text was not finished in time. Choose a smaller model, or a faster machine.")
    if isinstance(error, TemplateRefused):
        return _("The model's chat template does not take this conversation. Choose another model in the settings.")
    if isinstance(error, EngineStopped):
        return _("The language model stopped working. Restart the program; if it lasts, call your administrator.")
    if isinstance(error, GenerationFailed):
        return _("The model failed while writing. Ask again; if it lasts, call your administrator.")
    if isinstance(error, ModelNotReady) and error.state is State.LOADING:
        return _("The model is still loading. Try again in a few seconds.")
    return _("The language model did not start: %(reason)s", reason=model_failure(error))
