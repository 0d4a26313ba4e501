"""What a backup holds."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from inspector.core.errors import Refused

FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the backup: its size and hash."""

    bytes: int
    sha256: str


@dataclass(slots=True)
class Manifest:
    """vendor: sqlite or postgresql. migrations: the last one of each app when the copy was made. database:
    its files by name. columns: those of each table of PostgreSQL. files: what was in storage, by name."""

    created: str
    vendor: str
    migrations: dict[str, str]
    database: dict[str, Entry] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, Entry] = field(default_factory=dict)
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        aside = folder / f".{NAME}.part"
        aside.write_text(json.dumps(asdict(self), indent=1, sort_keys=True))
        aside.replace(folder / NAME)


def read(folder: Path) -> Manifest:
    """The manifest of a backup. Refused "no_backup" where there is none, or one this program cannot read."""
    try:
        stored = json.loads((folder / NAME).read_text())
        return _of(stored)
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(
            "no_backup", f"{folder} contains no finished backup: it has no {NAME}. Choose another folder."
        ) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
        raise Refused("no_backup", f"{folder / NAME} cannot be read ({problem}).") from None


def _of(stored: dict[str, Any]) -> Manifest:
    if stored["format"] != FORMAT:
        raise ValueError(f"its format is {stored['format']}, this program reads {FORMAT}")
    for kind in ("database", "files"):
        stored[kind] = {name: Entry(**entry) for name, entry in stored[kind].items()}
    return Manifest(**stored)
