"""What several commands say."""

import time
from typing import Any

from django.core.management.base import OutputWrapper
from django.template.defaultfilters import filesizeformat

from inspector.core.backup.manifest import Entry
from inspector.core.backup.stored import Tell

SECONDS = 5.0


def progress(out: OutputWrapper) -> Tell:
    """Tells of every file, and says so every few seconds."""
    said = [time.monotonic()]

    def tell(number: int, name: str) -> None:
        if time.monotonic() - said[0] >= SECONDS:
            said[0] = time.monotonic()
            out.write(f"{number:,} files so far")

    return tell


def megabytes(entries: dict[str, Entry]) -> Any:
    return filesizeformat(sum(entry.bytes for entry in entries.values()))
