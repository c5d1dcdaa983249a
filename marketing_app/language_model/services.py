"""Loading the language model that the settings name."""

from flask import Flask

from ..llm.engine import Engine
from ..llm.files import default_model_path
from ..llm.local import LocalEngine
from ..llm.registry import model
from ..llm.remote import RemoteEngine
from ..settings import Settings


def start_model(app: Flask) -> None:
    """Load the model in the background; `llm.registry.model` tells how that goes."""
    settings: Settings = app.config["STUDIO"]
    model.start(lambda: load_engine(settings))


def load_engine(settings: Settings) -> Engine:
    """The model of these settings: a server's, else one loaded here. Raises ModelMissing or ModelBroken."""
    if settings.llm_url and settings.llm_model:
        return RemoteEngine(
            settings.llm_url,
            settings.llm_model,
            key=settings.llm_api_key.get_secret_value() if settings.llm_api_key else None,
            is_chat=settings.llm_api == "chat",
            concurrency=settings.llm_concurrency,
        )
    path = settings.model_path or default_model_path()
    return LocalEngine(
        path, context=settings.model_context, sequences=settings.model_sequences, threads=settings.model_threads
    )
