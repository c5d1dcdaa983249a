"""Whether there is room on the disks that the studio writes to."""

import errno
import os
from pathlib import Path
from tempfile import TemporaryFile

ROOM_BYTES = 2**20
"""Less than this is a full disk."""


def is_disk_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def state_of(directory: Path) -> str:
    """`ready`, `disk_full` or `not_writable`. Only a file that is made finds quotas and read-only mounts."""
    try:
        with TemporaryFile(dir=directory) as file:
            os.posix_fallocate(file.fileno(), 0, ROOM_BYTES)
    except OSError as error:
        return "disk_full" if is_disk_full(error) else "not_writable"
    return "ready"
