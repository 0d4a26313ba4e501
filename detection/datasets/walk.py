"""What a folder and its sub-folders contain: photos, other files, and what was not read and why."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from detection.photos.formats import OF_MASKS
from detection.photos.images import EXTENSIONS

SUFFIXES = frozenset(suffix for suffixes in EXTENSIONS.values() for suffix in suffixes)
MASK_SUFFIXES = SUFFIXES.union(*OF_MASKS.values())
# Extensions of pictures that `images` does not read: of phones, of cameras' raw files, and others.
_PICTURES = {".heic", ".heif", ".avif", ".dng", ".raw", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2"}
_PICTURES |= {".raf", ".gif", ".jp2", ".j2k", ".jpx", ".jxl", ".jxr", ".psd", ".svg", ".ppm", ".pgm", ".pfm"}
_PICTURES |= {".exr", ".tga", ".dds"}
UNREAD = frozenset(_PICTURES) - SUFFIXES
# Created by systems: small copies of photos, which must not be learned from, and files that nobody put there.
_SYSTEM_FOLDERS = frozenset({"@eadir", "__macosx", "$recycle.bin", "lost+found"})
_SYSTEM_FILES = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini"})

# From a folder's name to the reason why its photos are not used; "" where they are.
SkipReason = Callable[[str], str]


@dataclass(slots=True)
class Listing:
    """photos: in the order of their paths. skipped: pictures that are not used, each with the reason.
    others: files that are not pictures. unopened: folders that were not opened, each with the reason."""

    photos: list[Path] = field(default_factory=list)
    skipped: list[tuple[Path, str]] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)
    unopened: list[tuple[Path, str]] = field(default_factory=list)

    def add(self, other: Listing) -> None:
        self.photos += other.photos
        self.skipped += other.skipped
        self.others += other.others
        self.unopened += other.unopened


def walk(
    folder: Path,
    skip_reason: SkipReason = lambda name: "",
    skip: Collection[Path] = (),
    taken: frozenset[str] = SUFFIXES,
) -> Listing:
    """Everything below `folder`, except hidden files and `skip`. Links are followed; each folder is read
    once.

    taken: extensions of the files that count as `photos`; MASK_SUFFIXES for masks.
    """
    walker = _Walker(skip_reason, skip, taken)
    walker.read(folder)
    listing = walker.listing
    listing.photos.sort()
    listing.skipped.sort()
    listing.others.sort()
    return listing


def is_photo(path: Path) -> bool:
    """Whether a file counts as a photo, by its name alone."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()


def folders(folder: Path) -> list[Path]:
    """The sub-folders that are not hidden, by name; none if it is not a folder or cannot be opened."""
    try:
        inside = sorted(folder.iterdir())
    except OSError:
        return []
    return [path for path in inside if path.is_dir() and not _is_systems(path.name)]


class _Walker:
    def __init__(self, skip_reason: SkipReason, skip: Collection[Path], taken: frozenset[str]) -> None:
        self._taken = taken
        self.listing = Listing()
        self._skip_reason = skip_reason
        self._skip = skip
        self._seen: set[tuple[int, int]] = set()

    def read(self, folder: Path, why: str = "") -> None:
        """why: the reason why photos in it are not used, "" if they are."""
        try:
            status = folder.stat()
            entries = sorted(folder.iterdir(), key=lambda path: (path.is_symlink(), path.name))
        except OSError as error:
            self.listing.unopened.append((folder, f"it cannot be opened: {error.strerror or error}"))
            return
        if (status.st_dev, status.st_ino) in self._seen:
            self.listing.unopened.append((folder, "it is a link to a folder that has already been read"))
            return
        self._seen.add((status.st_dev, status.st_ino))
        for path in entries:
            if path.is_dir():
                self._folder(path, why)
            elif path.is_symlink() and not path.exists():
                self.listing.skipped.append((path, "it is a link to a file that does not exist"))
            elif path.is_file():
                self._file(path, why)

    def _folder(self, path: Path, why: str) -> None:
        if path in self._skip:
            return
        if not _is_systems(path.name):
            self.read(path, why or self._skip_reason(path.name))
        elif _holds_photos(path):
            self.listing.unopened.append((path, "it is hidden or a system folder"))

    def _file(self, path: Path, why: str) -> None:
        suffix = path.suffix.lower()
        if path.name.startswith(".") or path.name.lower() in _SYSTEM_FILES:
            return
        if suffix in self._taken:
            self.listing.skipped.append((path, why)) if why else self.listing.photos.append(path)
        elif suffix in UNREAD:
            self.listing.skipped.append((path, f"{suffix} is not supported: convert it to JPEG or PNG"))
        else:
            self.listing.others.append(path)


def _is_systems(name: str) -> bool:
    return name.startswith(".") or name.lower() in _SYSTEM_FOLDERS


def _holds_photos(folder: Path) -> bool:
    return any(
        Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")
        for _, _, files in os.walk(folder)
        for name in files
    )
