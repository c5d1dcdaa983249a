"""`flask model` as an administrator types it, with an instance directory of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from pydantic import SecretStr

from marketing_app.settings import Settings
from tests.language_model.hub import ModelHub, serving

Command = Callable[..., Result]


@pytest.fixture
def hub() -> Iterator[ModelHub]:
    with serving(ModelHub()) as hub:
        yield hub


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Where pulled models go."""
    return tmp_path / "models"


@pytest.fixture
def flask_model(app: Flask, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs `flask model WORDS` under the given settings."""

    def run(*words: str, **chosen: Any) -> Result:
        if "hf_token" in chosen:
            chosen["hf_token"] = SecretStr(chosen["hf_token"])
        changed = settings.model_copy(update={"instance_path": tmp_path, **chosen})
        monkeypatch.setitem(app.config, "STUDIO", changed)
        return app.test_cli_runner().invoke(args=["model", *words])

    return run
