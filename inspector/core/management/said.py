"""What several commands say."""

import sqlite3
import time
from typing import Any

from django.core.management.base import OutputWrapper
from django.db import InterfaceError, OperationalError
from django.template.defaultfilters import filesizeformat

from inspector.core.backup.manifest import Entry
from inspector.core.backup.stored import OnFile
from inspector.core.faults import of_storage

SECONDS = 5.0


def progress(out: OutputWrapper) -> OnFile:
    """Called for every file; prints how many every few seconds."""
    said = [time.monotonic()]

    def on_file(number: int, name: str) -> None:
        if time.monotonic() - said[0] >= SECONDS:
            said[0] = time.monotonic()
            out.write(f"{number:,} files so far")

    return on_file


def megabytes(entries: dict[str, Entry]) -> Any:
    return filesizeformat(sum(entry.bytes for entry in entries.values()))


def of_the_place(problem: Exception) -> str | None:
    """The fault of a disk, a storage or a database, as a sentence; None for a fault of the program."""
    ours = (OSError, sqlite3.Error, OperationalError, InterfaceError)
    if not isinstance(problem, ours) and not of_storage(problem):
        return None
    reason = (problem.strerror if isinstance(problem, OSError) else None) or str(problem)
    where = f" ({problem.filename})" if isinstance(problem, OSError) and problem.filename else ""
    return f"{reason.strip().rstrip('.')}{where}."
