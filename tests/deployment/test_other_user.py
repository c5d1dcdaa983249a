"""The program as an administrator installs it: owned by root, run by an account that has no home and may write nowhere
but to INSTANCE_PATH and the temporary directory."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deployment.test_start import Program
from tests.language_model.hub import ModelHub, serving
from tests.llm.model_servers import ScriptedServer, silent
from tests.llm.published import published_model

ROOT = Path(__file__).parents[2]
NOBODY = 65534
"""An account that every system has. PostgreSQL wants one; its home does not exist."""
UNKNOWN = 54321
"""A number without an account, as some container platforms give."""
NOT_INSTALLED = ("tests", "docs", "benchmarks", "instance", "node_modules", "__pycache__", ".*")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program's own files, which nobody may change."""
    program = tmp_path_factory.mktemp("installed") / "program"
    open_to_all(program.parent)
    shutil.copytree(ROOT, program, ignore=shutil.ignore_patterns(*NOT_INSTALLED))
    for path in [program, *program.rglob("*")]:
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    return program


def instance_of(user: int, directory: Path) -> Path:
    instance = directory / "instance"
    instance.mkdir()
    if os.geteuid() == 0:
        os.chown(instance, user, user)
    open_to_all(directory)
    return instance


def open_to_all(directory: Path) -> None:
    """Let everybody through to it, up to the run's own directory, which is open."""
    for path in (directory, directory.parent):
        path.chmod(path.stat().st_mode | stat.S_IXOTH)


def as_user(number: int) -> list[str]:
    """Run what follows as that user. It may read everything, since Python itself may be in somebody's home, and write
    only what is its own. Who is not root stays what they are, and has no rights on the installed files either."""
    if os.geteuid() != 0:
        return ["env", "-u", "HOME"]
    identity = [f"--reuid={number}", f"--regid={number}", "--clear-groups"]
    reading = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return ["env", "-u", "HOME", "setpriv", *identity, *reading]


def files_in(directory: Path) -> set[Path]:
    return set(directory.rglob("*"))


def run_command(installed: Path, instance: Path, *words: str, **settings: str) -> str:
    """What `flask model WORDS` says to an account that nobody made. It may leave nothing beside the program."""
    before = files_in(installed)
    settings |= {"INSTANCE_PATH": str(instance), "DATABASE_URL": "postgresql://unused@127.0.0.1:1/unused"}
    settings |= {"MODEL_CONTEXT": "2048", "MODEL_SEQUENCES": "3", "MODEL_THREADS": "1"}
    command = [*as_user(UNKNOWN), sys.executable, "-m", "flask", "--app", "marketing_app", "model", *words]
    said = subprocess.run(
        command, cwd=installed, env=os.environ | settings, capture_output=True, text=True, timeout=300
    )
    assert said.returncode == 0, said.stdout + said.stderr
    assert files_in(installed) == before
    return said.stdout


@pytest.mark.xdist_group("model")
def test_the_packaged_model_is_kept_in_the_instance_and_writes(installed: Path, tmp_path: Path) -> None:
    instance = instance_of(UNKNOWN, tmp_path)
    listed = run_command(installed, instance, "list")
    assert str(instance / "models" / published_model().name) in listed
    assert "tokens per second" in run_command(installed, instance, "check")
    assert {path.parent for path in files_in(instance) if path.suffix == ".gguf"} == {instance / "models"}


def test_a_model_of_the_hub_is_kept_in_the_instance(installed: Path, tmp_path: Path) -> None:
    """The hub's own library has a cache in the home directory."""
    instance = instance_of(UNKNOWN, tmp_path)
    with serving(ModelHub(files={"small.gguf": b"GGUF and more"})) as hub:
        run_command(installed, instance, "pull", "bank/model-GGUF", "small.gguf", HF_ENDPOINT=hub.address)
    kept = {path.relative_to(instance) for path in files_in(instance) if path.is_file()}
    assert kept == {Path("models/bank/model-GGUF/small.gguf"), Path("secret_key")}


def test_the_whole_program_serves(installed: Path, tmp_path: Path) -> None:
    """With its own PostgreSQL, its demonstration and its worker."""
    instance, before = instance_of(NOBODY, tmp_path), files_in(installed)
    with (
        ScriptedServer(silent) as server,
        Program(instance, server.url, *as_user(NOBODY), directory=installed) as program,
    ):
        program.wait_until_ready()
        program.process.terminate()
        assert program.end() == 0, program.output()
    assert files_in(installed) == before and "Traceback" not in program.output()
