"""What a load balancer and an operator ask."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from marketing_app.llm.local import LocalEngine
from marketing_app.llm.registry import Registry


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    registry = Registry()
    monkeypatch.setattr("marketing_app.health.model", registry)
    monkeypatch.setattr("marketing_app.language_model.model", registry)
    return registry


def test_it_lives_before_it_is_ready(client: FlaskClient, registry: Registry) -> None:
    assert client.get("/health/live").status_code == 200
    answer = client.get("/health/ready")
    assert answer.status_code == 503 and answer.json == {"database": "ready", "model": "loading"}


@pytest.mark.parametrize(
    ("content", "said"), [(None, "does not exist"), (b"nonsense", "not a GGUF"), (b"GGUF" + b"\0" * 99, "damaged")]
)
def test_a_model_that_failed_says_why_without_a_path(
    client: FlaskClient, registry: Registry, tmp_path: Path, content: bytes | None, said: str
) -> None:
    file = tmp_path / "model.gguf"
    if content is not None:
        file.write_bytes(content)
    registry.start(lambda: LocalEngine(file))
    registry.wait(60)
    answer = client.get("/health/ready", headers={"Accept-Language": "en"})
    assert answer.status_code == 503 and answer.json
    assert answer.json["model"] == "failed" and said in answer.json["reason"]
    assert str(tmp_path) not in answer.json["reason"]
