"""What lies in a folder and the folders in it: photos, other files, and what was not read and why."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from detection.photos.formats import OF_MASKS
from detection.photos.images import EXTENSIONS

SUFFIXES = frozenset(suffix for suffixes in EXTENSIONS.values() for suffix in suffixes)
MASK_SUFFIXES = SUFFIXES.union(*OF_MASKS.values())
# Pictures by their names that `images` does not read: phones', cameras' own, and others.
_PICTURES = {".heic", ".heif", ".avif", ".dng", ".raw", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2"}
_PICTURES |= {".raf", ".gif", ".jp2", ".jxl", ".psd", ".svg", ".ppm", ".pgm", ".pfm"}
UNREAD = frozenset(_PICTURES) - SUFFIXES
# Made by systems: small copies of photos that must not be learned from, and files nobody put there.
_SYSTEM_FOLDERS = frozenset({"@eadir", "__macosx", "$recycle.bin", "lost+found"})
_SYSTEM_FILES = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini"})

# A folder's name, and why the photos in it are not taken: "" where they are.
Closed = Callable[[str], str]


@dataclass(slots=True)
class Found:
    """photos: in the order of their paths. left: pictures that are not taken, each with the reason.
    others: files that are no pictures. closed: folders that were not opened, each with the reason."""

    photos: list[Path] = field(default_factory=list)
    left: list[tuple[Path, str]] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)
    closed: list[tuple[Path, str]] = field(default_factory=list)

    def add(self, other: Found) -> None:
        self.photos += other.photos
        self.left += other.left
        self.others += other.others
        self.closed += other.closed


def walk(
    folder: Path,
    closed: Closed = lambda name: "",
    skip: Collection[Path] = (),
    taken: frozenset[str] = SUFFIXES,
) -> Found:
    """Everything below `folder`, hidden files and `skip` left out. Links are followed, each folder once.

    taken: the endings of the files that are `photos`; MASK_SUFFIXES where masks lie.
    """
    walker = _Walker(closed, skip, taken)
    walker.read(folder)
    found = walker.found
    found.photos.sort()
    found.left.sort()
    found.others.sort()
    return found


def is_photo(path: Path) -> bool:
    """Whether it is taken for a photo, by its name alone."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()


def folders(folder: Path) -> list[Path]:
    """Those in it that are not hidden, by name; none where it is no folder or cannot be opened."""
    try:
        inside = sorted(folder.iterdir())
    except OSError:
        return []
    return [path for path in inside if path.is_dir() and not _is_systems(path.name)]


class _Walker:
    def __init__(self, closed: Closed, skip: Collection[Path], taken: frozenset[str]) -> None:
        self._taken = taken
        self.found = Found()
        self._closed = closed
        self._skip = skip
        self._seen: set[tuple[int, int]] = set()

    def read(self, folder: Path, why: str = "") -> None:
        """why: the reason for which photos in it are not taken."""
        try:
            status = folder.stat()
            entries = sorted(folder.iterdir(), key=lambda path: (path.is_symlink(), path.name))
        except OSError as error:
            self.found.closed.append((folder, f"it cannot be opened: {error.strerror or error}"))
            return
        if (status.st_dev, status.st_ino) in self._seen:
            self.found.closed.append((folder, "it is a link to a folder that has already been read"))
            return
        self._seen.add((status.st_dev, status.st_ino))
        for path in entries:
            if path.is_dir():
                self._folder(path, why)
            elif path.is_symlink() and not path.exists():
                self.found.left.append((path, "it is a link to a file that does not exist"))
            elif path.is_file():
                self._file(path, why)

    def _folder(self, path: Path, why: str) -> None:
        if path in self._skip:
            return
        if not _is_systems(path.name):
            self.read(path, why or self._closed(path.name))
        elif _holds_photos(path):
            self.found.closed.append((path, "it is hidden or a system folder"))

    def _file(self, path: Path, why: str) -> None:
        suffix = path.suffix.lower()
        if path.name.startswith(".") or path.name.lower() in _SYSTEM_FILES:
            return
        if suffix in self._taken:
            self.found.left.append((path, why)) if why else self.found.photos.append(path)
        elif suffix in UNREAD:
            self.found.left.append((path, f"{suffix} is not supported: convert it to JPEG or PNG"))
        else:
            self.found.others.append(path)


def _is_systems(name: str) -> bool:
    return name.startswith(".") or name.lower() in _SYSTEM_FOLDERS


def _holds_photos(folder: Path) -> bool:
    return any(
        Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")
        for _, _, files in os.walk(folder)
        for name in files
    )
