"""Why there is no model, or why it does not write, in words: what happened and what to do."""

from flask_babel import gettext as _

from ..llm.engine import ModelBroken, ModelMissing, PromptTooLong, QueueFull
from ..llm.registry import ModelNotReady, State


def model_failure(reason: Exception | None) -> str:
    """Why there is no model, without paths of the server: those are in its log."""
    if isinstance(reason, ModelMissing):
        return _("the file named by MODEL_PATH does not exist.")
    if isinstance(reason, ModelBroken):
        return _("the model file is damaged or is not a GGUF file. Download it again.")
    return _("see the server's log.")


def refusal(error: Exception) -> str:
    """Why a generation did not start."""
    if isinstance(error, PromptTooLong):
        return _(
            "The prompt has %(tokens)s tokens and only %(limit)s fit. Shorten the prompt or the conversation.",
            tokens=error.tokens,
            limit=error.limit,
        )
    if isinstance(error, QueueFull):
        return _("Too many offers are being written right now. Try again in a minute.")
    if isinstance(error, ModelNotReady) and error.state is State.LOADING:
        return _("The model is still loading. Try again in a few seconds.")
    return _("The language model did not start: %(reason)s", reason=model_failure(error))
