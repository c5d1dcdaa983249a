"""The packaged model, loaded once."""

from collections.abc import Iterator

import pytest

from marketing_app.llm.local import LocalEngine, default_model_path


@pytest.fixture(scope="session")
def engine() -> Iterator[LocalEngine]:
    engine = LocalEngine(default_model_path(), context_size=1024)
    yield engine
    engine.close()
