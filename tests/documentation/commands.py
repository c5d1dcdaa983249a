"""The commands that the README and the documents tell people to run, as they stand there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAMS = {
    "python",
    "flask",
    "pybabel",
    "docker",
    "vllm",
    "pip",
    "apt-get",
    "pg_dump",
    "npm",
    "git",
    "gunicorn",
    "curl",
}
BLOCK = re.compile(r"(?<=\n\n)(?: {4}.+\n|\n(?= {4}))+")
FENCED = re.compile(r"```\w*\n(.*?)```", re.DOTALL)
SPAN = re.compile(r"`([^`]+)`")
EXPLANATION = re.compile(r"\s+#\s.*|\s{3,}.*")
"""What stands beside a command in a block: a comment, or words behind a wide gap."""


def documented_commands() -> list[str]:
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return sorted({command for file in documents for command in commands_in(file.read_text())})


def commands_in(document: str) -> set[str]:
    """Every line of a block of code, and every piece of code in a sentence that begins with a program's name."""
    blocks = "".join(BLOCK.findall(document) + FENCED.findall(document))
    lines = {EXPLANATION.sub("", line.strip()) for line in blocks.splitlines() if line.strip()}
    spans = {" ".join(span.split()) for span in SPAN.findall(FENCED.sub("", BLOCK.sub("", document)))}
    return lines | {span for span in spans if is_command(span)}


def is_command(code: str) -> bool:
    """`flask` alone is a name, `flask worker` a command, and so is `./start.sh`."""
    program, *arguments = code.split()
    return program.startswith("./") or (program in PROGRAMS and bool(arguments))
