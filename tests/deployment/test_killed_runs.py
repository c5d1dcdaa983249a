"""A run of the tests that is killed leaves no process and no file, and hinders no other run."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen
from sys import executable
from tempfile import TemporaryDirectory

import psutil
import pytest

from tests.watcher import PREFIX, RUN, STARTER, processes_with

ROOT = Path(__file__).parents[2]
WAITING_SECONDS = 60
FIXTURES = ["-p", "tests.conftest", "-p", "tests.browser.conftest"]
TESTS = """
import time

def test_with_a_server_and_a_browser(database_url, browser):
    open("{sign}", "w").close()
    time.sleep({seconds})
"""


class Run:
    """A run of one test that holds a database server and a browser, in a process of its own as xdist makes it."""

    def __init__(self, folder: Path, seconds: int, **environment: str) -> None:
        self._folder = folder
        self._sign = folder / "begun"
        file = folder / "test_inner.py"
        file.write_text(TESTS.format(sign=self._sign, seconds=seconds))
        command = [executable, "-m", "pytest", "-c", "pyproject.toml", "-n", "1", *FIXTURES, str(file)]
        environment = os.environ | {"TMPDIR": str(folder)} | environment
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self.process = Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)

    @property
    def directories(self) -> list[Path]:
        return list(self._folder.glob(f"{PREFIX}*"))

    def wait_until_it_holds_everything(self) -> Path:
        wait_for(lambda: self._sign.exists() or self.process.poll() is not None)
        assert self._sign.exists(), self.output
        (directory,) = self.directories
        names = {process.name() for process in processes_with(RUN, str(directory))}
        assert any(name.startswith("postgres") for name in names) and any("chrom" in name for name in names), names
        return directory

    @property
    def output(self) -> str:
        return self._log.read_text()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAITING_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.1)


@pytest.fixture
def folder() -> Iterator[Path]:
    """For files of the runs. Its path is short, as those of sockets must be."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # the embedded PostgreSQL of root runs as another user
        yield folder


def kill_its_process(run: Run) -> None:
    run.process.kill()


def kill_its_group(run: Run) -> None:
    os.killpg(run.process.pid, signal.SIGKILL)


@pytest.mark.parametrize("kill", [kill_its_process, kill_its_group])
def test_a_killed_run_leaves_nothing(folder: Path, kill: Callable[[Run], None]) -> None:
    run = Run(folder, 600)
    directory = run.wait_until_it_holds_everything()
    kill(run)
    run.process.wait()
    check_is_gone(directory)


def test_a_run_whose_script_is_killed_ends_and_leaves_nothing(folder: Path) -> None:
    script = Popen(["sleep", "600"])
    try:
        run = Run(folder, 600, **{STARTER: str(script.pid)})
        directory = run.wait_until_it_holds_everything()
    finally:
        script.kill()
        script.wait()
    run.process.wait(WAITING_SECONDS)
    check_is_gone(directory)


def check_is_gone(directory: Path) -> None:
    wait_for(lambda: not directory.exists())
    assert processes_with(RUN, str(directory)) == []
    commands = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    assert not [command for command in commands if str(directory) in command]


def test_a_finished_run_leaves_nothing(folder: Path) -> None:
    run = Run(folder, 0)
    assert run.process.wait(WAITING_SECONDS) == 0 and "1 passed" in run.output, run.output
    wait_for(lambda: not run.directories)
