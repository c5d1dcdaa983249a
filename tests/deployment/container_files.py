"""What Dockerfile and compose.yaml say."""

import re
import shlex
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, arguments), continued lines joined."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line.strip())]


def arguments_of(wanted: str) -> list[str]:
    return [arguments for name, arguments in instructions() if name == wanted]


def environment() -> list[tuple[str, str]]:
    """Each variable that the Dockerfile sets, with its value."""
    pairs = [pair for arguments in arguments_of("ENV") for pair in shlex.split(arguments)]
    return [(name, value) for name, _, value in (pair.partition("=") for pair in pairs)]


def stages() -> list[str]:
    return [match[1] for arguments in arguments_of("FROM") if (match := re.search(r"AS (\w+)$", arguments))]


def base_images() -> list[str]:
    """The published images that stages begin from, each once."""
    names = [arguments.split()[0] for arguments in arguments_of("FROM")]
    return [name for name in dict.fromkeys(names) if name not in stages()]


def copied_sources() -> set[str]:
    """What the Dockerfile copies out of the repository, not out of another stage."""
    return {
        source for arguments in arguments_of("COPY") if "--from" not in arguments for source in arguments.split()[:-1]
    }


def role_statements() -> str:
    """What psql does on an empty volume of the database; the password is in DATABASE_PASSWORD."""
    statements: str = compose()["configs"]["studio_role"]["content"]
    return statements


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return document
