"""What several commands say."""

import sqlite3
import time
from typing import Any

from django.core.management.base import OutputWrapper
from django.template.defaultfilters import filesizeformat

from inspector.core.backup.manifest import Entry
from inspector.core.backup.stored import OnFile
from inspector.core.faults import FULL, OUTDATED, READ_ONLY, SLOW, fault_of, of_storage

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
    if isinstance(problem, sqlite3.Error):  # not by way of Django
        return _sentence(str(problem))
    fault = fault_of(problem)
    if fault is None:
        return None
    if isinstance(problem, OSError):
        where = f" ({problem.filename})" if problem.filename else ""
        return _sentence(f"{problem.strerror or problem}{where}")
    if of_storage(problem):
        return _sentence(str(problem))
    return _OF_THE_DATABASE.get(fault) or f"The database does not answer. {_sentence(str(problem))}".rstrip()


def _sentence(text: str) -> str:
    return f"{text.strip().splitlines()[0].rstrip('.')}." if text.strip() else ""


# To the person who can mend it.
_OF_THE_DATABASE = {
    FULL: "The disk of the database is full: free some space there.",
    READ_ONLY: "The database can only be read: its disk, or the server, is read-only.",
    SLOW: "The database took too long: something else keeps it busy, or locked.",
    OUTDATED: "The database is not up to date with this version of Inspector: run “manage.py migrate” first.",
}
