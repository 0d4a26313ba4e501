"""Copying with a hash on the way."""

import hashlib
from pathlib import Path
from typing import IO

from inspector.core.backup.manifest import Entry
from inspector.core.errors import Refused

PIECE = 1024 * 1024


def copy(source: IO[bytes], target: Path) -> Entry:
    """Write `source` to `target`; its size and hash."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as file:
        while piece := source.read(PIECE):
            file.write(piece)
            digest.update(piece)
            size += len(piece)
    return Entry(size, digest.hexdigest())


def entry_of(path: Path) -> Entry:
    with path.open("rb") as file:
        return Entry(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def verify(folder: Path, entries: dict[str, Entry]) -> None:
    """Refused "damaged_backup" naming the files that are not what they were when the backup was made."""
    bad = [name for name, entry in entries.items() if not _is(folder / name, entry)]
    if bad:
        more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
        raise Refused(
            "damaged_backup",
            f"Of the backup in {folder}, {len(bad)} files are missing or damaged: {', '.join(bad[:5])}{more}."
            " Nothing was restored.",
        )


def _is(path: Path, entry: Entry) -> bool:
    try:
        return entry_of(path) == entry
    except OSError:
        return False
