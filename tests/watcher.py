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
"""The number of ./test.sh in all that it starts; without that script nothing of it goes on."""
PREFIX = "studio-"
POLLING_SECONDS = 0.2
ENDING_SECONDS = 20
"""For all processes together."""
QUITTING_SECONDS = 5


def watch() -> Path:
    """Give this process, which runs the tests, a directory and a watcher; returns the directory."""
    environment = {name: value for name, value in os.environ.items() if name not in (RUN, STARTER)}
    directory = Path(mkdtemp(prefix=PREFIX))
    directory.chmod(0o755)  # the embedded PostgreSQL of root runs as another user
    command = [sys.executable, "-m", __name__, str(directory), str(os.getpid()), os.environ.get(STARTER, "")]
    # A session of its own: what kills the run's process group must not reach it.
    Popen(command, env=environment, start_new_session=True, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
    os.environ[RUN] = os.environ["TMPDIR"] = str(directory)
    return directory


def processes_with(name: str, value: str) -> list[psutil.Process]:
    """Those in whose environment the variable has this value."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(name) == value and is_alive(process):
                found.append(process)
    return found


def is_alive(process: psutil.Process | None) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process is not None and process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def end_all(name: str, value: str) -> None:
    """Again and again, as one that is being started may be missed."""
    deadline = time.monotonic() + ENDING_SECONDS
    is_first = True
    while (processes := processes_with(name, value)) and time.monotonic() < deadline:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                # A PostgreSQL that is asked to quit takes its shared memory with it.
                is_polite = is_first and process.name().startswith("postgres")
                process.send_signal(signal.SIGQUIT if is_polite else signal.SIGKILL)
        psutil.wait_procs(processes, timeout=QUITTING_SECONDS)
        is_first = False


def process_of(number: str) -> psutil.Process | None:
    with suppress(psutil.NoSuchProcess, ValueError):
        return psutil.Process(int(number))
    return None


def main() -> None:
    directory, run_id, starter_id = sys.argv[1:]
    run, starter = process_of(run_id), process_of(starter_id)
    while is_alive(run) and (is_alive(starter) or not starter_id):
        time.sleep(POLLING_SECONDS)
    if starter_id and not is_alive(starter):
        end_all(STARTER, starter_id)
    end_all(RUN, directory)
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
