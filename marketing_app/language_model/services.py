"""The language model that the settings name: loading it, and which others there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

from ..llm.engine import Engine, ModelBroken, ModelMissing
from ..llm.files import default_model_path
from ..llm.parts import is_further_part
from ..llm.registry import model
from ..settings import Settings
from . import queries

if TYPE_CHECKING:
    from ..llm.inspection import ModelFile


def start_model(app: Flask) -> None:
    """Load the model in the background; `llm.registry.model` tells how that goes."""
    settings: Settings = app.config["STUDIO"]
    model.start(lambda: load_engine(settings))


def load_engine(settings: Settings) -> Engine:
    """The model of these settings: a server's, else one loaded here. Raises ModelMissing or ModelBroken."""
    if settings.llm_url and settings.llm_model:
        from ..llm.remote import RemoteEngine

        return RemoteEngine(
            settings.llm_url,
            settings.llm_model,
            key=settings.llm_api_key.get_secret_value() if settings.llm_api_key else None,
            is_chat=settings.llm_api == "chat",
            concurrency=settings.llm_concurrency,
        )
    from ..llm.local import LocalEngine

    path = settings.model_path or default_model_path()
    return LocalEngine(
        path, context=settings.model_context, sequences=settings.model_sequences, threads=settings.model_threads
    )


@dataclass(frozen=True)
class KnownModel:
    """A model file of this machine. `file` is None when it cannot be read, `fault` then says why."""

    path: Path
    file: "ModelFile | None"
    fault: str = ""
    is_chosen: bool = False


def throughput() -> list[queries.Throughput]:
    """What each model wrote within the last hour, wherever it runs."""
    return queries.throughput()


def models_directory(settings: Settings) -> Path:
    """Where `flask model pull` puts models, one directory for each repository."""
    return settings.instance_path.resolve() / "models"


def known_models(settings: Settings) -> Iterator[KnownModel]:
    """The packaged model, those that were pulled, and the one of MODEL_PATH wherever it is."""
    chosen = None if settings.llm_url else _path_of(settings)
    found = [path for path in sorted(models_directory(settings).rglob("*.gguf")) if not is_further_part(path.name)]
    for path in dict.fromkeys(path.resolve() for path in (_packaged(), chosen, *found) if path):
        yield _known(path, is_chosen=chosen is not None and path == chosen.resolve())


def _known(path: Path, *, is_chosen: bool) -> KnownModel:
    from ..llm.inspection import inspect

    try:
        return KnownModel(path, inspect(path), is_chosen=is_chosen)
    except ModelMissing:
        return KnownModel(path, None, "there is no such file", is_chosen)
    except ModelBroken as error:
        return KnownModel(path, None, f"damaged: {error.reason}", is_chosen)


def _path_of(settings: Settings) -> Path | None:
    return settings.model_path or _packaged()


def _packaged() -> Path | None:
    try:
        return default_model_path()
    except ModelMissing:
        return None
