"""./start.sh as a newcomer runs it: the demonstration, the pages, the model, and the end by Ctrl-C."""

import os
import re
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from subprocess import DEVNULL, Popen

import pytest

from marketing_app.demonstration.services import ACCOUNTS
from tests.llm.model_servers import free_port

READY_SECONDS = 240
STOPPING_SECONDS = 60
PYTHON = """#!/bin/sh
case "$*" in *"-m pip install"*) exit 0 ;; esac
exec "{executable}" "$@"
"""
"""The interpreter that runs the tests. It has all packages, and no test may change them."""


@pytest.fixture
def program(root: Path, tmp_path: Path) -> Path:
    """A clone that is set up."""
    program = tmp_path / "program"
    (program / ".venv/bin").mkdir(parents=True)
    for entry in root.iterdir():
        if entry.name not in {".venv", ".git", "instance"}:
            (program / entry.name).symlink_to(entry)
    python = program / ".venv/bin/python"
    python.write_text(PYTHON.format(executable=sys.executable))
    python.chmod(0o755)
    (program / ".venv/bin/pybabel").symlink_to(Path(sys.executable).with_name("pybabel"))
    (program / ".venv/lib").symlink_to(Path(sys.prefix) / "lib")
    for stamp in Path(sys.prefix).glob(".stamp-*"):
        (program / ".venv" / stamp.name).write_bytes(stamp.read_bytes())
    return program


@pytest.fixture
def port() -> str:
    return str(free_port())


@pytest.fixture
def started(program: Path, port: str, shallow_model: Path) -> Iterator[Popen[bytes]]:
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "APP_ENV")}
    environment |= {"PORT": port, "INSTANCE_PATH": str(program / "instance"), "MODEL_PATH": str(shallow_model)}
    with (program / "said").open("wb") as said:
        process = Popen(["./start.sh"], cwd=program, env=environment, stdin=DEVNULL, stdout=said, stderr=said)
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(STOPPING_SECONDS)


def test_the_program_starts_answers_and_stops(program: Path, port: str, started: Popen[bytes]) -> None:
    wait_until_ready(port, started, program / "said")
    said = (program / "said").read_text()
    assert re.search(r"^. For flask commands in another terminal: export DATABASE_URL='\S+'$", said, re.MULTILINE)
    for account in ACCOUNTS:
        assert f"{account.email}  password: {account.password}" in said
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=30) as page:
        assert "<form" in page.read().decode()
    started.send_signal(signal.SIGINT)
    started.wait(STOPPING_SECONDS)
    assert not (program / "instance/postgres/postmaster.pid").exists()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5)


def wait_until_ready(port: str, process: Popen[bytes], said: Path) -> None:
    """Until the model is loaded too."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, said.read_text()
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise TimeoutError(said.read_text())
