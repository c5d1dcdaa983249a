"""What the documents tell people to run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from marketing_app.llm.files import default_model_path
from tests.documentation.shallow_model import write_shallow_model


@pytest.fixture(scope="session")
def shallow_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("model") / "shallow.gguf"
    write_shallow_model(default_model_path(), path)
    yield path
    path.unlink()  # pytest keeps the directories of three runs, and this is 190 MB
