"""Images and their files, by buildah: it builds from a Dockerfile without a container engine and without a daemon."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Store:
    """Images in a directory of our own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._command = ["buildah", "--root", str(directory / "images"), "--runroot", str(directory / "run")]

    def build(self, context: Path, image: str, volumes: list[str], *options: str) -> None:
        """Build a Dockerfile out of images that the store has; what is said meanwhile is shown."""
        # Without an engine nothing isolates but chroot; only Docker's format keeps the health check.
        usual = ["--isolation=chroot", "--format=docker", "--pull-never", f"--tag={image}"]
        bound = [f"--volume={volume}" for volume in volumes]
        subprocess.run([*self._command, "build", *usual, *bound, *options, str(context)], check=True)

    @contextmanager
    def making(self, image: str) -> Iterator[Path]:
        """An empty directory. What is in it at the end of the block is the image."""
        with self._container_of("scratch") as container:
            yield self._files_of(container)
            self._ask("commit", "--quiet", container, image)

    @contextmanager
    def files(self, image: str) -> Iterator[Path]:
        """The image's files, to be read and written for as long as the block runs; the image stays as it is."""
        with self._container_of(image) as container:
            yield self._files_of(container)

    def settings(self, image: str) -> dict[str, Any]:
        """How the image runs, by Docker's names: Cmd, Env, User, WorkingDir, Healthcheck and others."""
        settings: dict[str, Any] = json.loads(self._ask("inspect", "--type", "image", image))["Docker"]["config"]
        return settings

    def size(self, image: str) -> str:
        return self._ask("images", "--format", "{{.Size}}", image)

    def remove(self) -> None:
        self._ask("rm", "--all")  # what a build left that failed
        self._ask("rmi", "--all", "--force")
        shutil.rmtree(self._directory)

    @contextmanager
    def _container_of(self, image: str) -> Iterator[str]:
        container = self._ask("from", "--pull-never", image)
        try:
            yield container
        finally:
            self._ask("rm", container)

    def _files_of(self, container: str) -> Path:
        return Path(self._ask("mount", container))

    def _ask(self, *words: str) -> str:
        return subprocess.run([*self._command, *words], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
