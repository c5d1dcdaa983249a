"""What the documents tell people to run."""

from pathlib import Path

import pytest

from marketing_app.llm.files import default_model_path
from tests.documentation.shallow_model import write_shallow_model


@pytest.fixture(scope="session")
def shallow_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "shallow.gguf"
    write_shallow_model(default_model_path(), path)
    return path
