"""Folders for the files that a job needs while it runs, in the system's temporary folder.

A worker that is killed leaves its folder, which may hold all photos of a category. Its owner holds a lock on
a file in it, which ends with the process however that ends: the next job removes what nobody holds.
"""

import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX, LOCK = "inspector-job-", ".in-use"
# A folder that is just being made is not held yet.
YOUNG_SECONDS = 60


@contextmanager
def folder_aside() -> Iterator[Path]:
    """An empty folder except for its lock, removed at the end."""
    _remove_abandoned()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name, (Path(name) / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield Path(name)


def _remove_abandoned() -> None:
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        try:
            if time.time() - lock.stat().st_mtime < YOUNG_SECONDS:
                continue
            with lock.open("r+") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(lock.parent, ignore_errors=True)
        except OSError:  # in use, another account's, or gone
            continue
