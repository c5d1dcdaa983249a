"""A model that is not there, and one that says what a test wants."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from marketing_app.llm.registry import Registry
from marketing_app.llm.remote import RemoteEngine
from tests.llm.model_servers import Answer, ScriptedServer

Answers = Callable[..., ScriptedServer]


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


@pytest.fixture
def answers(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    """Let the model say these texts, or fail, one after another."""
    servers, registries = list[ScriptedServer](), list[Registry]()

    def serve(*said: Answer) -> ScriptedServer:
        server, registry = ScriptedServer(*said).__enter__(), Registry()
        registry.start(lambda: RemoteEngine(server.url, "gemma"))
        assert registry.wait(30)
        put_in_place(registry, monkeypatch)
        servers.append(server)
        registries.append(registry)
        return server

    yield serve
    for registry in registries:
        registry.close()
    for server in servers:
        server.__exit__(None, None, None)
