"""The real model, loaded once for all tests that write."""

from collections.abc import Iterator

import pytest

from marketing_app.llm.files import default_model_path
from marketing_app.llm.local import LocalEngine
from marketing_app.llm.registry import Registry, model


@pytest.fixture(scope="session")
def loaded_model() -> Registry:
    model.start(lambda: LocalEngine(default_model_path(), context=4096, sequences=6))
    assert model.wait(120)
    return model


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A registry that was never started: what a visitor meets in the first seconds."""
    fresh = Registry()
    put_in_place(fresh, monkeypatch)
    yield fresh


def put_in_place(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the room of offers write with this one instead of the process's own."""
    for module in ("writing", "services", "prompting"):
        monkeypatch.setattr(f"marketing_app.offers.{module}.model", registry)
