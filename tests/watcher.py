"""Removes what a run of the tests leaves behind, however it ends: a killed run closes no fixture.

Every run has a directory of its own for all temporary files, and its path in an environment variable that all its
processes inherit: servers, workers, browsers. A process beside the run waits for its end, ends whatever still carries
the variable, and removes the directory.
"""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, Popen
from tempfile import mkdtemp

import psutil

RUN = "STUDIO_TEST_RUN"
STARTER = "STUDIO_TEST_STARTER"
"""The process that the run was started by and ends with, where there is one: ./test.sh."""
PREFIX = "studio-"
POLLING_SECONDS = 0.2
ENDING_SECONDS = 10


def watch() -> Path:
    """Give this process, which runs the tests, a directory and a watcher; returns the directory."""
    environment = {name: value for name, value in os.environ.items() if name != RUN}
    directory = Path(mkdtemp(prefix=PREFIX))
    directory.chmod(0o755)  # the embedded PostgreSQL of root runs as another user
    needed = [str(os.getpid()), *filter(None, [os.environ.get(STARTER)])]
    command = [sys.executable, "-m", __name__, str(directory), *needed]
    # A session of its own: what kills the run's process group must not reach it.
    Popen(command, env=environment, start_new_session=True, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
    os.environ[RUN] = os.environ["TMPDIR"] = str(directory)
    return directory


def processes_of(directory: Path) -> list[psutil.Process]:
    """The processes that a run in this directory started, and their descendants."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(RUN) == str(directory):
                found.append(process)
    return found


def is_alive(process_id: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE
    return False


def clean_up(directory: Path) -> None:
    processes = processes_of(directory)
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            # A PostgreSQL that is asked to quit takes its shared memory with it.
            process.send_signal(signal.SIGQUIT if process.name().startswith("postgres") else signal.SIGKILL)
    _gone, alive = psutil.wait_procs(processes, timeout=ENDING_SECONDS)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    shutil.rmtree(directory, ignore_errors=True)


def main() -> None:
    directory = Path(sys.argv[1])
    run, *starter = (int(number) for number in sys.argv[2:])
    while is_alive(run) and all(is_alive(process_id) for process_id in starter):
        time.sleep(POLLING_SECONDS)
    with suppress(ProcessLookupError):
        os.kill(run, signal.SIGKILL)
    clean_up(directory)


if __name__ == "__main__":
    main()
