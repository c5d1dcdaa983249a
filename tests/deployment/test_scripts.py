"""What start.sh says when something is missing, and that npm's lock file names no host."""

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from marketing_app.assets import AssetError, copy_assets

ROOT = Path(__file__).parent.parent.parent
BASICS = ["bash", "dirname", "cat", "cksum", "df", "awk", "ls"]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """As much of a fresh clone as the first checks of start.sh read."""
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in ("start.sh", ".setup.sh", "requirements.txt"):
        shutil.copy(ROOT / name, clone)
    return clone


def programs(directory: Path, *names: str) -> str:
    """A PATH that holds nothing but these programs."""
    directory.mkdir()
    for name in names:
        found = shutil.which(name)
        assert found, name
        (directory / name).symlink_to(found)
    return str(directory)


def start(clone: Path, path: str, **settings: str) -> subprocess.CompletedProcess[str]:
    bash = shutil.which("bash") or "bash"
    environment = {"PATH": path, "PORT": str(free_port()), **settings}
    return subprocess.run([bash, "start.sh"], cwd=clone, env=environment, capture_output=True, text=True, timeout=60)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def fake(directory: str, name: str, script: str) -> None:
    program = Path(directory) / name
    program.unlink(missing_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_a_taken_port_is_named_with_the_remedy(clone: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        result = start(clone, os.environ["PATH"], PORT=port)
    assert result.returncode == 1
    assert f"Port {port} is taken" in result.stderr
    assert "PORT=" in result.stderr.splitlines()[1]
    assert not (clone / ".venv").exists()


def test_a_missing_python_is_named_with_the_remedy(clone: Path, tmp_path: Path) -> None:
    result = start(clone, programs(tmp_path / "bin", *BASICS))
    assert result.returncode == 1
    assert "Python 3.11" in result.stderr
    assert "apt-get install python3" in result.stderr


def test_a_full_disk_is_named(clone: Path, tmp_path: Path) -> None:
    path = programs(tmp_path / "bin", *BASICS)
    fake(path, "python3", "exit 0")
    fake(path, "df", "echo head; echo disk 9 9 1048576 1 /")
    result = start(clone, path)
    assert result.returncode == 1
    assert "1 GB of disk are free" in result.stderr


@pytest.mark.parametrize(("present", "missing"), [([], "build-essential"), (["c++"], "install cmake")])
def test_a_missing_compiler_is_named_with_the_remedy(
    clone: Path, tmp_path: Path, present: list[str], missing: str
) -> None:
    path = programs(tmp_path / "bin", *BASICS)
    fake(path, "python3", "exit 0")
    for name in present:
        fake(path, name, "exit 0")
    (clone / ".venv/bin").mkdir(parents=True)
    fake(str(clone / ".venv/bin"), "python", "exit 0")
    result = start(clone, path)
    assert result.returncode == 1
    assert missing in result.stderr


ENGINE = """echo "$@" >>"$(dirname "$0")/asked"
case "$*" in
*--no-cache-dir*) touch "$(dirname "$0")/{works}" ;;
*marketing_app.llm) [ -e "$(dirname "$0")/works" ] || kill -SEGV $$ ;;
esac"""


@pytest.mark.parametrize("works", ["works", "still-not"])
def test_an_engine_that_dies_on_this_processor_is_compiled_for_it(clone: Path, works: str) -> None:
    python = clone / ".venv/bin"
    python.mkdir(parents=True)
    fake(str(python), "python", ENGINE.format(works=works))
    script = ". ./.setup.sh; install_python_packages && install_python_packages"
    result = subprocess.run(["bash", "-c", script], cwd=clone, capture_output=True, text=True, timeout=60)
    asked = (python / "asked").read_text().splitlines()
    assert sum("--no-cache-dir" in line and "llama-cpp-python==" in line for line in asked) == 1
    if works == "works":
        assert (result.returncode, asked[-1]) == (0, "-m marketing_app.llm"), "the second time nothing is left to do"
        assert "Segmentation" not in result.stderr
    else:
        assert result.returncode == 1
        assert "does not run on this processor" in result.stderr and "-m marketing_app.llm" in result.stderr


def test_the_scripts_are_valid_and_executable() -> None:
    for name in ("start.sh", "test.sh", ".ci/run"):
        assert os.access(ROOT / name, os.X_OK), name
        subprocess.run(["bash", "-n", str(ROOT / name)], check=True)


def test_the_lock_file_names_no_registry() -> None:
    assert not re.search(r'"resolved"', (ROOT / "package-lock.json").read_text())


def test_assets_of_another_version_are_refused(tmp_path: Path) -> None:
    shutil.copy(ROOT / "package.json", tmp_path)
    with pytest.raises(AssetError, match="npm ci"):
        copy_assets(tmp_path)
