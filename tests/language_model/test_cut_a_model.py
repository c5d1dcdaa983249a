"""The packaged model gets a smaller vocabulary on first use; another one on request."""

import resource
import signal
from pathlib import Path
from subprocess import PIPE, Popen
from sys import executable

import pytest

from marketing_app.language_model.services import load_engine, packaged_model
from marketing_app.llm.engine import ModelNotStored
from marketing_app.llm.files import cut_model_path, default_model_path
from marketing_app.settings import Settings
from tests.language_model.conftest import Command
from tests.llm.published import published_model
from tests.llm.small_models import write_model


@pytest.fixture
def of_an_instance(settings: Settings, tmp_path: Path) -> Settings:
    return settings.model_copy(update={"instance_path": tmp_path})


@pytest.mark.xdist_group("model")
def test_the_first_start_cuts_the_packaged_model_and_later_ones_find_it(of_an_instance: Settings, models: Path) -> None:
    made, why_whole = packaged_model(of_an_instance)
    assert made == cut_model_path(models) and made.stat().st_size < published_model().stat().st_size / 2
    assert why_whole == ""
    before = made.stat().st_mtime_ns
    assert packaged_model(of_an_instance) == (made, "") and made.stat().st_mtime_ns == before


@pytest.mark.xdist_group("model")
def test_what_another_source_became_goes(of_an_instance: Settings, models: Path) -> None:
    models.mkdir()
    earlier = models / f"{published_model().stem}-cut-6000-000000000000.gguf"
    pulled = models / "another-cut-6000-000000000000.gguf"
    for file in (earlier, pulled):
        file.write_bytes(b"GGUF")
    packaged_model(of_an_instance)
    assert not earlier.exists() and pulled.exists()


def test_whole_switches_it_off(of_an_instance: Settings, models: Path) -> None:
    whole = of_an_instance.model_copy(update={"model_vocabulary": "whole"})
    assert packaged_model(whole) == (models / published_model().name, "")
    assert [file.name for file in models.iterdir()] == [published_model().name]


@pytest.mark.xdist_group("model")
def test_where_no_further_file_can_be_written_the_whole_model_is_used_and_says_why(
    of_an_instance: Settings, models: Path
) -> None:
    default_model_path(models)
    (models / ".cut.lock").mkdir()  # a folder where the file should be, as root may write anywhere
    engine = load_engine(of_an_instance.model_copy(update={"model_context": 512, "model_sequences": 3}))
    card = engine.card
    engine.close()
    assert card.source == published_model().name and card.vocabulary_tokens == 262_144
    assert "cannot be written to" in card.why_whole


HOLDING = """
import sys, time
from fasteners import InterProcessLock
with InterProcessLock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_process_that_hangs_while_it_cuts_keeps_no_other_from_its_model(
    of_an_instance: Settings, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketing_app.llm.cutting.LONGEST_CUT_SECONDS", 0.3)
    models.mkdir()
    with Popen([executable, "-c", HOLDING, str(models / ".cut.lock")], stdout=PIPE) as holder:
        assert holder.stdout and holder.stdout.readline()
        path, why_whole = packaged_model(of_an_instance)
        holder.kill()
    assert path.name == published_model().name and "another process" in why_whole


def test_where_no_file_can_be_written_at_all_one_learns_which_folder_to_look_at(
    flask_model: Command, models: Path
) -> None:
    models.write_text("a file where the folder should be")
    said = flask_model("check")
    assert said.exit_code == 1 and "INSTANCE_PATH" in said.output


def test_a_disk_that_fills_up_leaves_no_half_file(models: Path) -> None:
    """A limit on the size of files fails a write as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, before[1]))
    try:
        with pytest.raises(ModelNotStored):
            default_model_path(models)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(models.iterdir()) == []


@pytest.mark.xdist_group("model")
def test_a_model_is_cut_on_request(flask_model: Command, models: Path) -> None:
    said = flask_model("cut", str(published_model()), model_context=2048, model_sequences=3)
    assert said.exit_code == 0, said.output
    rows = dict(row.split(maxsplit=1) for row in said.output.splitlines() if "export" not in row)
    assert rows["Tokens"].startswith("262,144 before") and rows["Head"].startswith("72%")
    assert rows["Size"].startswith("241 MiB before") and "tokens per second" in rows["Now"]
    assert f"export MODEL_PATH={cut_model_path(models)}" in said.output


def test_a_request_for_what_cannot_be_cut_says_why(flask_model: Command, tmp_path: Path, models: Path) -> None:
    other = write_model(tmp_path / "other.gguf", ["one two"], merges=False, without=("scores",))
    said = flask_model("cut", str(other))
    assert said.exit_code == 1 and "lists no scores" in said.output
    gone = flask_model("cut", str(tmp_path / "gone.gguf"))
    assert gone.exit_code == 1 and "no model at" in gone.output and not list(models.glob("*.gguf"))
