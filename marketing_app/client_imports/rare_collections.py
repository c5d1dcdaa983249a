"""Python's search for reference cycles, while rows are read by the million."""

import gc
from threading import Lock

OBJECTS_BETWEEN_COLLECTIONS = 100_000
"""Some chunks of rows; Python's own is 700 or 2,000."""


class RareCollections:
    """Makes Python look for reference cycles more rarely while loads are read.

    Rows hold no cycles, yet the search takes a third of the time of reading them. It is not switched off: it concerns
    the whole process, whose pages leave cycles. Loads that are read at the same time share it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._count = 0
        self._usual = gc.get_threshold()

    def __enter__(self) -> None:
        with self._lock:
            if not self._count:
                self._usual = gc.get_threshold()
                gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *self._usual[1:])
            self._count += 1

    def __exit__(self, *_error: object) -> None:
        with self._lock:
            self._count -= 1
            if not self._count:
                gc.set_threshold(*self._usual)


rare_collections = RareCollections()
