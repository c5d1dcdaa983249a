"""How a build reaches the package registries: by this machine's own settings of apt, pip and npm, bound into it."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import RawConfigParser
from pathlib import Path

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
APT_OPTIONS = ("Acquire::http", "Acquire::Check")
"""Beginnings of the options that say how Debian's archive is reached; all others are the image's own."""
NPM_FILES = ("globalconfig", "userconfig")
"""Npm's names of its settings files; of a setting in both the later one counts."""


def volumes(directory: Path) -> list[str]:
    """Volumes of a build, each as source:target:ro. What is written for them goes into the directory."""
    apt, pip, npm = directory / "apt.conf", directory / "pip.conf", directory / "npmrc"
    apt.write_text("\n".join(apt_options()))
    settings = pip_settings()
    with pip.open("w") as file:
        settings.write(file)
    npm.write_text(npm_settings())
    pairs = {str(apt): "/etc/apt/apt.conf.d/99machine", str(pip): "/etc/pip.conf", str(npm): "/usr/local/etc/npmrc"}
    pairs |= {str(path): str(path) for path in {*named_paths(settings), CERTIFICATES} if path.exists()}
    return [f"{source}:{target}:ro" for source, target in pairs.items()]


def debian_archive() -> str:
    """The address of Debian's packages."""
    return said_by(
        "apt-get", "indextargets", "--format", "$(REPO_URI)", "Label: Debian", "Created-By: Packages"
    ).split()[0]


def apt_options() -> list[str]:
    return [line for line in said_by("apt-config", "dump").splitlines() if line.startswith(APT_OPTIONS)]


def pip_settings() -> RawConfigParser:
    """What pip here goes by, out of all its files and the environment, as one file. The environment comes last."""
    settings = RawConfigParser()
    for line in said_by(sys.executable, "-m", "pip", "config", "list").splitlines():
        name, _, value = line.partition("=")
        section, _, option = name.rpartition(".")
        section = "global" if section == ":env:" else section
        if not settings.has_section(section):
            settings.add_section(section)
        settings.set(section, option, " ".join(ast.literal_eval(value).split()))
    return settings


def named_paths(settings: RawConfigParser) -> Iterator[Path]:
    """The files and folders that pip's settings name. An index in a folder has its packages beside it."""
    for section in settings.sections():
        for _option, value in settings.items(section):
            for word in value.split():
                if word.startswith("file://"):
                    yield Path(word.removeprefix("file://")).parent
                elif word.startswith("/"):
                    yield Path(word)


def npm_settings() -> str:
    """What npm here goes by, out of its files as one file; "" without npm."""
    if shutil.which("npm") is None:
        return ""
    files = (Path(said_by("npm", "config", "get", name).strip()) for name in NPM_FILES)
    return "\n".join(file.read_text() for file in files if file.is_file())


def said_by(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
