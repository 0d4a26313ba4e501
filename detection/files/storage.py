"""Files that are written completely or not at all, and what a disk refuses, in words.

Write everything through this module: a picture encoded straight to a full disk leaves a file of 0 bytes, and
Pillow's error does not mention the disk.
"""

from __future__ import annotations

import errno
import io
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from PIL import Image

from detection.errors import CannotWrite

# How many bytes `try_out` writes.
_ROOM = 2**18
_FULL = "The disk of {folder} is full: free some space, or choose a folder on another disk."
_REFUSALS = {
    errno.ENOSPC: ("disk_full", _FULL),
    errno.EFBIG: ("disk_full", _FULL),
    errno.EDQUOT: (
        "disk_full",
        "Your quota on the disk of {folder} is used up: free some space, or choose a folder on another disk.",
    ),
    errno.EROFS: (
        "read_only",
        "The disk of {folder} is read-only: make it writable, or choose a folder on another disk.",
    ),
}
_NOT_PERMITTED = (
    "not_permitted",
    "No permission to write to {folder}: change its permissions, or choose another folder.",
)


def refusal(error: OSError, folder: Path | str) -> CannotWrite | None:
    """The error to raise for one met while files were written to `folder`; None where no disk refused."""
    code, text = _REFUSALS.get(error.errno or 0, ("", ""))
    if not code and isinstance(error, PermissionError) and _within(error.filename, folder):
        code, text = _NOT_PERMITTED
    return CannotWrite(code, text, folder) if code else None


@contextmanager
def into(folder: Path | str) -> Iterator[None]:
    """While files are written to `folder`: an error of its disk is raised as CannotWrite.

    Nested calls name the outer folder, which is the one that a person chose.
    """
    try:
        yield
    except CannotWrite as error:
        raise CannotWrite(error.code, error.text, folder) from error
    except OSError as error:
        cannot_write = refusal(error, folder)
        if cannot_write is None:
            raise
        raise cannot_write from error


def make(folder: Path) -> Path:
    """The folder, created with its parents where it does not exist."""
    with into(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def try_out(folder: Path) -> None:
    """Raise CannotWrite where there is hardly room for a file: before hours of work, not after."""
    place = next(place for place in (folder, *folder.absolute().parents) if place.is_dir())
    with into(folder), NamedTemporaryFile(dir=place, prefix=".") as file:
        file.write(bytes(_ROOM))
        file.flush()


def write_bytes(path: Path, content: bytes) -> Path:
    """Replace the file completely or not at all: written to another name, then renamed."""
    if path.is_dir():  # the error of `replace` would name the other file
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    aside = path.with_name(f".{uuid.uuid4().hex[:12]}.part")
    with into(path.parent):
        try:
            aside.write_bytes(content)
            aside.replace(path)
        except BaseException:
            with suppress(OSError):
                aside.unlink()
            raise
    return path


def write_text(path: Path, text: str) -> Path:
    # Names of files that are not UTF-8 are written with their invalid bytes escaped.
    return write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_image(path: Path, picture: Image.Image, kind: str, **options: Any) -> Path:
    """Like `picture.save(path, kind, **options)`, but completely or not at all."""
    return write_bytes(path, encoded(picture, kind, **options))


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def write_new(path: Path, content: bytes) -> Path:
    """Like `write_bytes`, but raises FileExistsError where the file exists."""
    with into(path.parent):
        path.touch(exist_ok=False)
    try:
        return write_bytes(path, content)
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def append(path: Path, text: str) -> None:
    """Append to a file, which is created if needed; all of the text or nothing."""
    content = memoryview(text.encode("utf-8", "backslashreplace"))
    # Unbuffered: a buffer would be written again when the file is closed.
    with into(path.parent), path.open("ab", buffering=0) as file:
        before = file.tell()
        try:
            while content:
                content = content[file.write(content) :]
        except BaseException:
            _cut(path, before)
            raise


def _cut(path: Path, size: int) -> None:
    with suppress(OSError):
        os.truncate(path, size)
        if size == 0:
            path.unlink()


def _within(filename: object, folder: Path | str) -> bool:
    """Whether the error is about a file to be written, and not about one that was read."""
    if not isinstance(filename, str | os.PathLike):
        return False
    path, place = Path(os.fspath(filename)).absolute(), Path(folder).absolute()
    return path == place or place in path.parents or path in place.parents
