"""How much work something is, whatever else the machine does meanwhile."""

import time
from collections.abc import Callable

BOUNDED_SECONDS = 2
"""What is bounded takes a hundredth of it; what is not, several times as much."""


def seconds_of_work(work: Callable[[], object]) -> float:
    """This thread's own time."""
    begun = time.thread_time()
    work()
    return time.thread_time() - begun
