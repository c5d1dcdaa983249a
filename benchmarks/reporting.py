"""How every benchmark ends: one JSON object as the last line, and the exit status."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from typing import Literal

import psutil


def report(
    benchmark: str,
    ratio: float,
    bound: float,
    better: Literal["higher", "lower"],
    runs: Mapping[str, Sequence[float]],
) -> int:
    """Print the last line; the exit status is 0 where the bound holds. `runs` are all single figures, by side."""
    print(
        json.dumps(
            {
                "benchmark": benchmark,
                "ratio": round(ratio, 3),
                "bound": bound,
                "better": better,
                "runs": {side: [round(figure, 2) for figure in figures] for side, figures in runs.items()},
                "machine": machine(),
            },
            ensure_ascii=False,
        )
    )
    holds = ratio >= bound if better == "higher" else ratio <= bound
    return 0 if holds else 1


def machine() -> str:
    memory = round(psutil.virtual_memory().total / 2**30)
    return f"{platform.machine()}, {os.cpu_count()} cores, {memory} GiB, Python {platform.python_version()}"
