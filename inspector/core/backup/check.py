"""Whether rows and files belong together."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.files.storage import default_storage
from django.utils import timezone

from inspector.core import files
from inspector.core.backup import stored

# Younger files may belong to rows that are just being written.
YOUNG = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Check:
    """without_file: rows ("inspection 17, original") with the file they lack. without_row: unused files."""

    rows: int
    files: int
    without_file: list[tuple[str, str]]
    without_row: list[str]


def check_files() -> Check:
    """Files first: one whose row is written meanwhile is known to have a row, or is too new to count."""
    there = set(stored.names())
    columns = list(stored.columns())
    used = {name for name, _, _ in columns} | stored.strings_in_json()
    return Check(
        rows=len(columns),
        files=len(there),
        without_file=[(row, name) for name, row, _ in columns if name not in there and not _came(name)],
        without_row=sorted(name for name in there - used if _is_old(name)),
    )


def remove(names: list[str]) -> None:
    """Remove files that no row refers to."""
    files.delete(names)


def _came(name: str) -> bool:
    return default_storage.exists(name)


def _is_old(name: str) -> bool:
    try:
        return default_storage.get_modified_time(name) < timezone.now() - YOUNG
    except FileNotFoundError:
        return False
