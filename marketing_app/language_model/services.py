"""Loading the language model that the settings name."""

from flask import Flask

from ..llm.engine import Engine
from ..llm.files import default_model_path
from ..llm.local import LocalEngine
from ..llm.registry import model
from ..settings import Settings


def start_model(app: Flask) -> None:
    """Load the model in the background; `llm.registry.model` tells how that goes."""
    settings: Settings = app.config["STUDIO"]
    model.start(lambda: load_engine(settings))


def load_engine(settings: Settings) -> Engine:
    """The model of these settings, loaded. Raises ModelMissing or ModelBroken."""
    path = settings.model_path or default_model_path()
    return LocalEngine(
        path, context=settings.model_context, sequences=settings.model_sequences, threads=settings.model_threads
    )
