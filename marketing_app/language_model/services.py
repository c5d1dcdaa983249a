"""The language model that the settings name: loading it, and which others there are."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from flask import Flask

from ..llm.engine import Engine, ModelBroken, ModelMissing, ModelNotStored
from ..llm.files import cut_model_path, default_model_path, packaged_sha256
from ..llm.parts import is_further_part
from ..llm.registry import model
from ..llm.vocabulary import VocabularyNotCut
from ..settings import Settings
from . import queries

if TYPE_CHECKING:
    from ..llm.inspection import ModelFile

log = structlog.get_logger()


def start_model(app: Flask) -> None:
    """Load the model in the background; `llm.registry.model` tells how that goes."""
    settings: Settings = app.config["STUDIO"]
    model.start(lambda: load_engine(settings))


def load_engine(settings: Settings) -> Engine:
    """The model of these settings: a server's, else one loaded here.

    Raises ModelMissing, ModelNotStored or ModelBroken.
    """
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

    path, why_whole = (settings.model_path, "") if settings.model_path else packaged_model(settings)
    return LocalEngine(
        path,
        context=settings.model_context,
        sequences=settings.model_sequences,
        threads=settings.model_threads,
        why_whole=why_whole,
    )


def packaged_model(settings: Settings) -> tuple[Path, str]:
    """The packaged model, with its vocabulary cut on the first call, which takes a few seconds.

    Where MODEL_VOCABULARY is `whole`, or the vocabulary cannot be cut, it is the file as published, with the reason of
    the latter. Raises ModelMissing or ModelNotStored.
    """
    cut = _cut_model(settings)
    if cut is not None and cut.exists():
        return cut, ""
    source = default_model_path(models_directory(settings))
    if cut is None:
        return source, ""
    from ..llm.cutting import cut_vocabulary

    log.info("cutting_vocabulary", model=source.name, note="once, a few seconds; texts are written faster then")
    try:
        made = cut_vocabulary(source, cut, packaged_sha256())
    except VocabularyNotCut as error:
        log.warning("vocabulary_not_cut", reason=str(error))
        return source, str(error)
    log.info("vocabulary_cut", tokens=made.tokens, of_tokens=made.tokens_before)
    _remove_earlier(cut)
    return cut, ""


def _cut_model(settings: Settings) -> Path | None:
    return cut_model_path(models_directory(settings)) if settings.model_vocabulary == "cut" else None


def _remove_earlier(cut: Path) -> None:
    """Those that another version of the program made of the packaged model, or of the one that was packaged before."""
    with suppress(OSError):  # it costs some room on the disk
        for earlier in cut.parent.glob(f"{cut.name.partition('-cut-')[0]}-cut-*.gguf"):
            if earlier != cut:
                earlier.unlink(missing_ok=True)


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
    """Where the packaged model is joined and cut, and where `flask model pull` puts others, one directory for each
    repository."""
    return settings.instance_path.resolve() / "models"


def known_models(settings: Settings) -> Iterator[KnownModel]:
    """The packaged model, those that were pulled, and the one of MODEL_PATH wherever it is."""
    chosen = None if settings.llm_url else _path_of(settings)
    found = [path for path in sorted(models_directory(settings).rglob("*.gguf")) if not is_further_part(path.name)]
    for path in dict.fromkeys(path.resolve() for path in (_packaged(settings), chosen, *found) if path):
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
    cut = _cut_model(settings)
    return settings.model_path or (cut if cut and cut.exists() else _packaged(settings))


def _packaged(settings: Settings) -> Path | None:
    try:
        return default_model_path(models_directory(settings))
    except (ModelMissing, ModelNotStored):
        return None
