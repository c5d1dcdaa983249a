"""Python's own settings while rows are read by the million."""

import gc
import sys
from threading import Lock

OBJECTS_BETWEEN_COLLECTIONS = 100_000
"""Some chunks of rows; Python's own is 700 or 2,000."""
SWITCH_SECONDS = 0.0005
"""After which a thread that computes lets another one have its turn; Python's own is 0.005."""


class ReadingPace:
    """Python's settings while loads are read. Loads that are read at the same time share it.

    Rows hold no reference cycles, yet the search for them takes a third of the time of reading: it comes more rarely.
    It is not switched off, as it concerns the whole process, whose pages leave cycles.

    Threads take turns sooner: the one that stores rows waits for its turn after each answer of the database, a dozen
    times for each chunk, and pages wait as well.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._count = 0
        self._usual = gc.get_threshold(), sys.getswitchinterval()

    def __enter__(self) -> None:
        with self._lock:
            if not self._count:
                self._usual = gc.get_threshold(), sys.getswitchinterval()
                gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *self._usual[0][1:])
                sys.setswitchinterval(SWITCH_SECONDS)
            self._count += 1

    def __exit__(self, *_error: object) -> None:
        with self._lock:
            self._count -= 1
            if not self._count:
                thresholds, seconds = self._usual
                gc.set_threshold(*thresholds)
                sys.setswitchinterval(seconds)


reading_pace = ReadingPace()
