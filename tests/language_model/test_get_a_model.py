"""An administrator gets a model file from a hub, however bad the line is."""

import shutil
from pathlib import Path

import pytest

from tests.language_model.conftest import Command
from tests.language_model.hub import COMMIT, ModelHub
from tests.llm.published import published_model

REPOSITORY = "bank/model-GGUF"
NAME = "model-q4.gguf"
CHUNK = 10 * 2**20
"""What huggingface_hub takes at a time: a connection that breaks loses less than that."""
CONTENT = b"GGUF" + bytes(range(256)) * 120_000
BREAK = 2 * CHUNK + 12_345
TOKEN = "hf_aVerySecretKey"


@pytest.fixture
def pulled(models: Path) -> Path:
    return models / REPOSITORY / NAME


@pytest.fixture(autouse=True)
def file_on_the_hub(hub: ModelHub) -> None:
    hub.files[NAME] = CONTENT


def test_a_model_comes_whole_and_one_is_told_how_to_use_it(flask_model: Command, hub: ModelHub, pulled: Path) -> None:
    said = flask_model("pull", REPOSITORY, NAME, hf_endpoint=hub.address)
    assert said.exit_code == 0, said.output
    assert pulled.read_bytes() == CONTENT
    assert f"export MODEL_PATH={pulled}" in said.output and COMMIT in said.output


def test_a_connection_that_breaks_goes_on_where_it_was(flask_model: Command, hub: ModelHub, pulled: Path) -> None:
    hub.breaks_at = [BREAK]
    assert flask_model("pull", REPOSITORY, NAME, hf_endpoint=hub.address).exit_code == 0
    assert pulled.read_bytes() == CONTENT
    assert hub.ranges() == [None, f"bytes={2 * CHUNK}-"]


def test_pulling_again_goes_on_where_the_last_time_ended(flask_model: Command, hub: ModelHub, pulled: Path) -> None:
    hub.breaks_at, hub.store_answers = [BREAK], [200, 503]
    first = flask_model("pull", REPOSITORY, NAME, hf_endpoint=hub.address)
    assert first.exit_code == 1 and "503" in first.output and not pulled.exists()
    hub.asked.clear()
    second = flask_model("pull", REPOSITORY, NAME, hf_endpoint=hub.address)
    assert second.exit_code == 0 and "are here" in second.output
    assert hub.ranges() == [f"bytes={2 * CHUNK}-"] and pulled.read_bytes() == CONTENT
    assert [path.name for path in pulled.parent.iterdir()] == [NAME]


def test_what_is_here_already_does_not_come_again(flask_model: Command, hub: ModelHub, pulled: Path) -> None:
    flask_model("pull", REPOSITORY, NAME, hf_endpoint=hub.address)
    hub.asked.clear()
    assert flask_model("pull", REPOSITORY, NAME, hf_endpoint=hub.address).exit_code == 0
    assert hub.asked == []


def test_a_split_model_comes_with_all_its_parts(flask_model: Command, hub: ModelHub, models: Path) -> None:
    names = ["big-00001-of-00002.gguf", "big-00002-of-00002.gguf"]
    hub.files |= dict.fromkeys(names, CONTENT)
    said = flask_model("pull", REPOSITORY, names[0], hf_endpoint=hub.address)
    assert sorted(path.name for path in (models / REPOSITORY).iterdir()) == names
    assert f"export MODEL_PATH={models / REPOSITORY / names[0]}" in said.output


def test_a_file_that_was_damaged_on_its_way_is_removed(flask_model: Command, hub: ModelHub, pulled: Path) -> None:
    hub.claimed_sha256 = "0" * 64
    said = flask_model("pull", REPOSITORY, NAME, hf_endpoint=hub.address)
    assert said.exit_code == 1 and "SHA-256" in said.output
    assert list(pulled.parent.iterdir()) == []


def test_a_file_that_is_no_model_is_removed(flask_model: Command, hub: ModelHub, pulled: Path) -> None:
    hub.files[NAME] = b"<html>Sign in to the bank's proxy</html>"
    said = flask_model("pull", REPOSITORY, NAME, hf_endpoint=hub.address)
    assert said.exit_code == 1 and "not a GGUF file" in said.output
    assert list(pulled.parent.iterdir()) == []


def test_a_disk_without_room_is_told_before_anything_comes(flask_model: Command, hub: ModelHub) -> None:
    hub.claimed_size = 10**15
    said = flask_model("pull", REPOSITORY, NAME, hf_endpoint=hub.address)
    assert said.exit_code == 1 and "Not enough space" in said.output
    assert hub.asked == []


@pytest.mark.parametrize(
    ("repository", "name", "options", "told"),
    [
        ("bank/other", NAME, (), "No repository bank/other"),
        ("too/many/slashes", NAME, (), "owner/model"),
        (REPOSITORY, "other.gguf", (), f"Its GGUF files: {NAME}"),
        (REPOSITORY, "model.safetensors", (), "not a GGUF file"),
        (REPOSITORY, "../../escaped.gguf", (), "not a GGUF file"),
        (REPOSITORY, NAME, ("--revision", "none"), "no revision none"),
    ],
)
def test_a_wrong_name_is_told(
    flask_model: Command, hub: ModelHub, repository: str, name: str, options: tuple[str, ...], told: str
) -> None:
    said = flask_model("pull", repository, name, *options, hf_endpoint=hub.address)
    assert said.exit_code == 1 and told in said.output


def test_a_gated_model_asks_for_a_key(flask_model: Command, hub: ModelHub) -> None:
    hub.is_gated = True
    said = flask_model("pull", REPOSITORY, NAME, hf_endpoint=hub.address)
    assert said.exit_code == 1 and "HF_TOKEN" in said.output and "licence" in said.output


def test_the_key_opens_the_hub_and_is_shown_to_nobody_else(flask_model: Command, hub: ModelHub, pulled: Path) -> None:
    hub.token = TOKEN
    said = flask_model("pull", REPOSITORY, NAME, hf_endpoint=hub.address, hf_token=TOKEN)
    assert said.exit_code == 0 and pulled.exists()
    assert hub.asked == [(None, None)] and TOKEN not in said.output


def test_a_wrong_key_is_told_and_not_repeated(flask_model: Command, hub: ModelHub) -> None:
    hub.token = "another"
    said = flask_model("pull", REPOSITORY, NAME, hf_endpoint=hub.address, hf_token=TOKEN)
    assert said.exit_code == 1 and "refuses the key" in said.output and TOKEN not in said.output


def test_without_a_network_one_learns_of_mirrors(flask_model: Command) -> None:
    said = flask_model("pull", REPOSITORY, NAME, hf_endpoint="http://somebody:hunter2@127.0.0.1:9")
    assert said.exit_code == 1 and "HF_ENDPOINT" in said.output and "hunter2" not in said.output


@pytest.mark.xdist_group("model")
def test_the_real_model_is_pulled_listed_and_writes(flask_model: Command, hub: ModelHub, pulled: Path) -> None:
    hub.files[NAME] = published_model().read_bytes()
    hub.breaks_at = [100_000_000]
    assert flask_model("pull", REPOSITORY, NAME, hf_endpoint=hub.address).exit_code == 0
    row = next(row for row in flask_model("list", model_path=pulled).output.splitlines() if NAME in row)
    assert row.startswith("*") and "Q4_K_M" in row and "gemma" in row and "241 MiB" in row
    said = flask_model("check", model_path=pulled, model_context=4096, model_sequences=6)
    assert said.exit_code == 0 and "tokens per second" in said.output and "Memory" in said.output
    shutil.rmtree(pulled.parent)
