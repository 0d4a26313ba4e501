"""What several commands say."""

import time
from typing import Any

from django.core.management.base import OutputWrapper
from django.template.defaultfilters import filesizeformat

from inspector.core.backup.manifest import Entry
from inspector.core.backup.stored import OnFile

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
