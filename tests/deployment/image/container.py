"""The image's own command as a container engine runs it: process 1 of its own processes, over the image's files, as the
image's user, with the image's variables and a volume."""

import os
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from benchmarks.serving import wait_until_ready

BECOME_PROCESS_ONE = """
set -e
files=$1 volume=$2 volume_at=$3 identity=$4 directory=$5
shift 5
mount --rbind /dev "$files/dev"
mount -t proc proc "$files/proc"
mount --bind "$volume" "$files$volume_at"
exec chroot --userspec="$identity" --groups= "$files" env --unset=PWD --chdir="$directory" "$@"
"""
"""Each of these programs goes over into the next one. Only the container sees the mounts, which end with it."""


class Container:
    """From the first line of the command to its end. The network is this machine's."""

    def __init__(self, files: Path, settings: dict[str, Any], volume: Path, variables: dict[str, str]) -> None:
        self._files = files
        self._settings = settings
        self._volume = volume
        (self._volume_at,) = settings["Volumes"]
        self._user, self._group, home = account(files, settings["User"])
        own = dict(pair.split("=", 1) for pair in settings["Env"])
        self.variables = own | {"HOME": home} | variables

    def __enter__(self) -> Self:
        self._fill_volume()
        identity = f"{self._user}:{self._group}"
        places = [str(self._files), str(self._volume), self._volume_at, identity, self._settings["WorkingDir"]]
        isolated = ["unshare", "--mount", "--pid", "--fork"]
        command = [*isolated, "sh", "-c", BECOME_PROCESS_ONE, "sh", *places, *self._settings["Cmd"]]
        self._outside = psutil.Popen(command, env=self.variables)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End what a failure left running: without its first process, the kernel ends all others."""
        if self._outside.poll() is None:
            self._first_process.kill()
            self._outside.wait()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.variables['PORT']}"

    def wait_until_ready(self) -> None:
        wait_until_ready(f"{self.address}/health/ready", self._outside, "the image's command has ended")

    def run(self, *command: str, **variables: str) -> None:
        """A further command inside, by the image's user."""
        place = ["--target", str(self._first_process.pid), "--mount", "--pid", "--root", "--wd"]
        identity = ["--setuid", str(self._user), "--setgid", str(self._group)]
        subprocess.run(["nsenter", *place, *identity, *command], env=self.variables | variables, check=True)

    def check_health(self) -> None:
        """As an engine does it every few seconds."""
        form, *command = self._settings["Healthcheck"]["Test"]
        assert form == "CMD"
        self.run(*command)

    def stop(self, grace_seconds: int) -> None:
        """Ask it to end; afterwards an engine would kill it."""
        self._first_process.send_signal(signal.SIGTERM)
        assert self._outside.wait(grace_seconds) == 0

    @property
    def _first_process(self) -> psutil.Process:
        (process,) = self._outside.children()
        return process

    def _fill_volume(self) -> None:
        """An engine gives an empty volume the owner and the rights of the image's directory."""
        image = (self._files / self._volume_at.lstrip("/")).stat()
        if not any(self._volume.iterdir()):
            os.chown(self._volume, image.st_uid, image.st_gid)
            self._volume.chmod(image.st_mode)


def account(files: Path, name: str) -> tuple[int, int, str]:
    """The numbers of the user and its group, and its home, as the image's /etc/passwd has them."""
    lines = [line.split(":") for line in (files / "etc/passwd").read_text().splitlines()]
    (entry,) = [entry for entry in lines if entry[0] == name]
    return int(entry[2]), int(entry[3]), entry[5]
