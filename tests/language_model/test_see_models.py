"""An administrator looks which models are on the machine, and whether the chosen one works."""

from pathlib import Path
from subprocess import run
from sys import executable

import pytest
from flask import Flask
from flask_babel import force_locale

from marketing_app.language_model.wording import refusal
from marketing_app.llm.engine import (
    AccessRefused,
    DeadlinePassed,
    EngineError,
    GenerationFailed,
    ModelMissing,
    ServerAway,
)
from tests.language_model.conftest import Command
from tests.llm.published import published_model


def test_the_packaged_model_is_the_chosen_one_and_one_learns_how_to_get_others(
    flask_model: Command, models: Path
) -> None:
    rows = flask_model("list").output.splitlines()
    assert (
        rows[0].startswith("*") and "gemma3 270M Q4_K_M" in rows[0] and str(models / published_model().name) in rows[0]
    )
    assert any("model pull" in row for row in rows[1:])


def test_a_damaged_file_says_so(flask_model: Command, models: Path) -> None:
    models.mkdir()
    with published_model().open("rb") as whole:
        (models / "cut.gguf").write_bytes(whole.read(20_000_000))
    (models / "page.gguf").write_bytes(b"<html>")
    rows = {Path(row).name: row for row in flask_model("list").output.splitlines()}
    assert "damaged" in rows["cut.gguf"] and "damaged" in rows["page.gguf"]


def test_a_model_path_to_nothing_is_marked(flask_model: Command, tmp_path: Path) -> None:
    row = next(
        row for row in flask_model("list", model_path=tmp_path / "gone.gguf").output.splitlines() if "gone" in row
    )
    assert row.startswith("*") and "no such file" in row


def test_a_server_is_shown_without_its_password(flask_model: Command) -> None:
    shown = flask_model("list", llm_url="http://user:hunter2@models.bank.example/v1", llm_model="qwen2.5-7b").output
    assert "* qwen2.5-7b" in shown and "http://models.bank.example/v1" in shown and "hunter2" not in shown
    assert shown.count("*") == 1


@pytest.mark.xdist_group("model")
def test_the_packaged_model_writes_an_offer(flask_model: Command) -> None:
    said = flask_model("check", model_context=4096, model_sequences=6)
    assert said.exit_code == 0, said.output
    rows = dict(row.split(maxsplit=1) for row in said.output.splitlines())
    assert len(rows["Text"]) > 20 and "8 drafts" in rows["Written"] and "tokens per second" in rows["Written"]
    assert "MiB" in rows["Memory"] and "the first word after" in rows["Prompt"]


def test_a_check_of_nothing_fails_with_what_to_do(flask_model: Command, tmp_path: Path) -> None:
    said = flask_model("check", model_path=tmp_path / "gone.gguf")
    assert said.exit_code == 1 and "MODEL_PATH does not exist" in said.output


def test_a_check_of_a_page_instead_of_a_model_fails(flask_model: Command, tmp_path: Path) -> None:
    (tmp_path / "page.gguf").write_bytes(b"<html>")
    said = flask_model("check", model_path=tmp_path / "page.gguf")
    assert said.exit_code == 1 and "Download it again" in said.output


def test_an_image_without_the_packaged_model_says_how_to_get_one(
    flask_model: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketing_app.llm.files.packaged", None)
    assert "model pull" in flask_model("list").output
    assert flask_model("check").exit_code == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (AccessRefused("http://models.bank.example answers 401"), "LLM_API_KEY"),
        (ServerAway("http://models.bank.example: ConnectError"), "LLM_URL"),
        (ModelMissing("http://models.bank.example: qwen"), "LLM_MODEL"),
        (DeadlinePassed("the time for this text has passed"), "smaller model"),
        (GenerationFailed("llama_decode answered 1"), "failed while writing"),
    ],
)
def test_every_failure_of_a_server_names_the_setting_to_look_at(app: Flask, error: EngineError, told: str) -> None:
    with force_locale("en"):
        assert told in refusal(error) and "models.bank.example" not in refusal(error)


def test_pages_do_not_wait_for_the_library_of_the_hub(root: Path) -> None:
    question = "import sys, marketing_app.cli; sys.exit('huggingface_hub' in sys.modules)"
    assert run([executable, "-c", question], cwd=root, timeout=60).returncode == 0
