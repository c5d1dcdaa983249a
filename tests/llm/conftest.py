"""The packaged model, loaded once."""

from collections.abc import Iterator

import pytest

from marketing_app.llm.files import default_model_path
from marketing_app.llm.local import LocalEngine


@pytest.fixture(scope="session")
def engine() -> Iterator[LocalEngine]:
    engine = LocalEngine(default_model_path(), context=4096, sequences=6)
    yield engine
    engine.close()
