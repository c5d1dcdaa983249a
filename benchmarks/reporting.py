"""How every benchmark ends: one JSON object as the last line, and the exit status."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import psutil

CPU_FILE = Path("/proc/cpuinfo")
NOT_REACHED = 3
"""The exit status when a bound does not hold: 1 is Python's own for a program that breaks, 2 argparse's."""
EXTENSIONS = {"avx2": "AVX2", "avx512f": "AVX-512", "amx_tile": "AMX"}
"""What changes the model's speed most, by the flag of the processor."""


@dataclass(frozen=True)
class Bound:
    """A figure and what it is held against; `better` says on which side of the bound it is to be."""

    figure: float
    bound: float
    better: Literal["higher", "lower"]

    @property
    def holds(self) -> bool:
        return self.figure >= self.bound if self.better == "higher" else self.figure <= self.bound


def report(
    benchmark: str,
    ratio: float,
    bound: float,
    better: Literal["higher", "lower"],
    runs: Mapping[str, Sequence[float]],
    also: Mapping[str, Bound] | None = None,
) -> int:
    """Print the last line; the exit status is 0 where all bounds hold, else NOT_REACHED.

    `runs` are all single figures, by side; `also` are further figures that have bounds of their own.
    """
    ratio = round(ratio, 3)
    further = {name: replace(each, figure=round(each.figure, 3)) for name, each in (also or {}).items()}
    print(
        json.dumps(
            {
                "benchmark": benchmark,
                "ratio": ratio,
                "bound": bound,
                "better": better,
                "also": {name: asdict(each) for name, each in further.items()},
                "runs": {side: [round(figure, 2) for figure in figures] for side, figures in runs.items()},
                "date": datetime.now(UTC).date().isoformat(),
                "machine": machine(),
            },
            ensure_ascii=False,
        ),
        flush=True,
    )
    bounds = (Bound(ratio, bound, better), *further.values())
    return 0 if all(each.holds for each in bounds) else NOT_REACHED


def machine() -> str:
    """The processor comes first: a ratio of one side that uses wide vectors and one that does not differs with it."""
    memory = round(psutil.virtual_memory().total / 2**30)
    return f"{processor()}, {os.cpu_count()} cores, {memory} GiB, Python {platform.python_version()}"


def processor(file: Path = CPU_FILE) -> str:
    """Its name, its family and model, which tell apart what a cloud calls by one name, and its vector extensions."""
    facts = _facts_of_first_core(file)
    if "model name" not in facts:
        return platform.machine()
    flags = facts.get("flags", "").split()
    found = [name for flag, name in EXTENSIONS.items() if flag in flags]
    number = f"family {facts.get('cpu family', '?')} model {facts.get('model', '?')}"
    return f"{facts['model name']} ({number}) with {', '.join(found) or 'none of ' + ', '.join(EXTENSIONS.values())}"


def _facts_of_first_core(file: Path) -> dict[str, str]:
    try:
        text = file.read_text()
    except OSError:
        return {}
    lines = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    return {name.strip(): value.strip() for name, _colon, value in lines}
