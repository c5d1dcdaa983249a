"""What a load balancer and an operator ask."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from marketing_app.llm.engine import Options, PassingError, Prompt
from marketing_app.llm.local import LocalEngine
from marketing_app.llm.native import Context, DecodeFailed
from marketing_app.llm.registry import Registry
from tests.llm.small_models import write_model


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    registry = Registry()
    monkeypatch.setattr("marketing_app.health.model", registry)
    monkeypatch.setattr("marketing_app.language_model.model", registry)
    return registry


def test_it_lives_before_it_is_ready(client: FlaskClient, registry: Registry) -> None:
    assert client.get("/health/live").status_code == 200
    answer = client.get("/health/ready")
    assert answer.status_code == 503 and answer.json == {"database": "ready", "files": "ready", "model": "loading"}


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


def test_a_model_whose_thread_has_ended_makes_the_studio_not_ready(
    client: FlaskClient, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_model(tmp_path / "small.gguf", ["Оформите карту"], merges=False)
    registry.start(lambda: LocalEngine(path, context=512, sequences=3, threads=1))
    registry.wait(60)
    assert client.get("/health/ready").status_code == 200
    engine = registry.engine()
    for broken in ("decode", "clear"):
        monkeypatch.setattr(Context, broken, refuse)
    with pytest.raises(PassingError):
        engine.submit(Prompt("", "Оформите"), Options(max_tokens=2)).result()
    answer = client.get("/health/ready", headers={"Accept-Language": "en"})
    assert answer.status_code == 503 and answer.json
    assert answer.json["model"] == "failed" and "stopped working" in answer.json["reason"]
    assert client.get("/health/live").status_code == 200
    registry.close()


def refuse(*_arguments: object) -> None:
    raise DecodeFailed("llama_decode answered -3")
