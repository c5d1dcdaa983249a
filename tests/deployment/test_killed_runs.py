"""A run of the tests that is killed leaves no process and no file, and hinders no other run."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, Popen
from sys import executable
from tempfile import TemporaryDirectory

import psutil
import pytest

from tests.watcher import PREFIX, processes_of

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

    def __init__(self, folder: Path, seconds: int) -> None:
        self._folder = folder
        self._sign = folder / "begun"
        file = folder / "test_inner.py"
        file.write_text(TESTS.format(sign=self._sign, seconds=seconds))
        command = [executable, "-m", "pytest", "-c", "pyproject.toml", "-n", "1", *FIXTURES, str(file)]
        environment = os.environ | {"TMPDIR": str(folder)}
        self.process = Popen(
            command, cwd=ROOT, env=environment, stdout=PIPE, stderr=STDOUT, stdin=DEVNULL, start_new_session=True
        )

    @property
    def directories(self) -> list[Path]:
        return list(self._folder.glob(f"{PREFIX}*"))

    def wait_until_it_holds_everything(self) -> Path:
        wait_for(lambda: self._sign.exists() or self.process.poll() is not None)
        assert self._sign.exists(), self.output()
        (directory,) = self.directories
        names = {process.name() for process in processes_of(directory)}
        assert any(name.startswith("postgres") for name in names) and any("chrom" in name for name in names), names
        return directory

    def output(self) -> str:
        return self.process.communicate()[0].decode()


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


@pytest.mark.parametrize("whole_group", [False, True], ids=["its process alone", "its whole group"])
def test_a_killed_run_leaves_nothing(folder: Path, whole_group: bool) -> None:
    run = Run(folder, 600)
    directory = run.wait_until_it_holds_everything()
    if whole_group:
        os.killpg(run.process.pid, signal.SIGKILL)
    else:
        run.process.kill()
    run.process.wait()
    wait_for(lambda: not directory.exists())
    assert processes_of(directory) == []
    commands = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    assert not [command for command in commands if str(directory) in command]


def test_a_finished_run_leaves_nothing(folder: Path) -> None:
    run = Run(folder, 0)
    output = run.output()
    assert run.process.returncode == 0 and "1 passed" in output, output
    wait_for(lambda: not run.directories)
