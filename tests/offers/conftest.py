"""A model that is not there."""

from collections.abc import Iterator

import pytest

from marketing_app.llm.registry import Registry


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
