"""Every benchmark starts, ends as docs/performance.md says, and stands in its table.

What it measures is of no concern here: a test is never timed.
"""

import json
import os
import re
from pathlib import Path
from subprocess import run
from sys import executable

import pytest

from benchmarks.reporting import NOT_REACHED, Bound, processor

SMALLEST = {
    "campaign": "--texts 1 --rounds 1",
    "ceiling": "--texts 1 --rounds 1",
    "checks": "--offers 1",
    "first_token": "--texts 2 --rounds 1",
    "import_csv": "--rows 1 --rounds 1",
    "import_xlsx": "--rows 1 --rounds 1",
    "llama_server": "--texts 1 --rounds 1",
    "memory": "--texts 1 --rounds 1",
    "offer_cost": "--texts 1 --drafts 2 --rounds 1",
    "pages": "--small 1 --large 2 --rounds 1",
    "quality": "--clients 1 --products 1 --channels 1 --drafts 1",
    "server": "--texts 1 --rounds 1",
    "viewers": "--viewers 2 --texts 1 --rounds 1 --pause-seconds 0",
}
"""The least work that each can be given."""
FURTHER_BOUNDS = {
    "import_csv": {"times the usual way": ("higher", 3.0), "growth MiB": ("lower", 300)},
    "import_xlsx": {"growth MiB": ("lower", 300)},
}
"""What docs/performance.md promises of loads beside the first bound."""
KEYS = ["benchmark", "ratio", "bound", "better", "also", "runs", "date", "machine"]
LONGEST_SECONDS = 300


@pytest.mark.parametrize("name", SMALLEST)
def test_a_benchmark_ends_with_its_result(name: str, root: Path, shallow_model: Path, llama_server: Path) -> None:
    command = [executable, "-m", f"benchmarks.{name}", *SMALLEST[name].split()]
    environment = os.environ | {"MODEL_PATH": str(shallow_model), "LLAMA_SERVER": str(llama_server)}
    ended = run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=LONGEST_SECONDS)
    assert ended.returncode in (0, NOT_REACHED), ended.stderr
    result = json.loads(ended.stdout.splitlines()[-1])
    assert list(result) == KEYS
    assert result["benchmark"] == name
    assert result["runs"] and all(figures for figures in result["runs"].values())
    assert processor() in result["machine"]
    further = {name: (each["better"], each["bound"]) for name, each in result["also"].items()}
    assert further.items() >= FURTHER_BOUNDS.get(name, {}).items()
    bounds = [Bound(result["ratio"], result["bound"], result["better"])]
    bounds += [Bound(**each) for each in result["also"].values()]
    assert (ended.returncode == 0) is all(each.holds for each in bounds)


@pytest.mark.parametrize("named", ["", "/nowhere/llama-server"])
def test_without_its_program_a_benchmark_says_how_to_build_it(root: Path, named: str) -> None:
    command = [executable, "-m", "benchmarks.llama_server"]
    ended = run(command, cwd=root, env=os.environ | {"LLAMA_SERVER": named}, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2 and not ended.stdout
    assert "pip download" in ended.stderr and "cmake --build" in ended.stderr
    assert "LLAMA_SERVER=llama-build/bin/llama-server python -m benchmarks.llama_server" in ended.stderr


def test_every_benchmark_is_run_here_and_in_the_table(root: Path) -> None:
    programs = {file.stem for file in (root / "benchmarks").glob("*.py") if "def main()" in file.read_text()}
    table = (root / "docs/performance.md").read_text().partition("\n## ")[0]
    assert programs == set(SMALLEST)
    assert set(re.findall(r"^\|[^|]+\| `python -m benchmarks\.(\w+)` \|", table, re.MULTILINE)) == programs


def test_every_benchmark_that_a_document_names_is_there(root: Path) -> None:
    documents = [root / "README.md", *(root / "docs").glob("*.md")]
    named = {name for file in documents for name in re.findall(r"`benchmarks\.(\w+)", file.read_text())}
    assert named <= set(SMALLEST)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ("fpu avx2", "Xeon (family 6 model 85) with AVX2"),
        ("avx2 avx512f avx512_vnni amx_tile", "Xeon (family 6 model 85) with AVX2, AVX-512, AMX"),
        ("sse2", "Xeon (family 6 model 85) with none of AVX2, AVX-512, AMX"),
    ],
)
def test_a_result_says_how_wide_the_processor_computes(tmp_path: Path, flags: str, told: str) -> None:
    file = tmp_path / "cpuinfo"
    core = f"processor\t: 0\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Xeon\nflags\t\t: {flags}\n"
    file.write_text(f"{core}\n{core.replace('Xeon', 'another')}")
    assert processor(file) == told
