"""The real model and the real queue for tests that write, and what the database is asked."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import event

from marketing_app.database import db
from marketing_app.llm.registry import Registry
from marketing_app.llm.remote import RemoteEngine
from tests.llm.model_servers import Answer, ScriptedServer

Says = Callable[..., ScriptedServer]


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """Every statement that the database got so far."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield asked
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def model_says(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Says]:
    """Let the model of campaigns say these texts."""
    servers, registries = list[ScriptedServer](), list[Registry]()

    def serve(*said: Answer) -> ScriptedServer:
        server, registry = ScriptedServer(*said).__enter__(), Registry()
        registry.start(lambda: RemoteEngine(server.url, "gemma"))
        assert registry.wait(30)
        use(registry, monkeypatch)
        servers.append(server)
        registries.append(registry)
        return server

    yield serve
    for registry in registries:
        registry.close()
    for server in servers:
        server.__exit__(None, None, None)


def use(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("campaigns.writing", "campaigns.services", "offers.services", "offers.prompting"):
        monkeypatch.setattr(f"marketing_app.{module}.model", registry)
