"""Photos as they arrive: every file is checked by its header, never decoded, and refused by itself."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from tempfile import gettempdir
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files import File
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from detection import UnreadableImage
from detection.photos import images
from inspector.core.errors import NoRoom, UploadHasNoRoom, writing_into

# As many characters as the database has room for.
NOTE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file that can be judged. `note` says in words what will have to be converted for that."""

    upload: "File[bytes]"
    filename: str
    sha256: str
    bytes: int
    width: int
    height: int
    extension: str
    content_type: str
    note: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that cannot; `code` for programs, `message` for the person who sent it."""

    filename: str
    code: str
    message: str


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Files go to disk as they arrive, but one that is too large only as far as `check` needs to see it."""

    def new_file(self, *args: Any, **more: Any) -> None:
        with _room_to_receive():
            super().new_file(*args, **more)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start <= settings.MAX_UPLOAD_BYTES:
            with _room_to_receive():
                super().receive_data_chunk(raw_data, start)
                self.file.flush()  # too large is refused here, and not when it is read


@contextmanager
def _room_to_receive() -> Iterator[None]:
    try:
        with writing_into(settings.FILE_UPLOAD_TEMP_DIR or gettempdir()):
            yield
    except NoRoom as refused:
        raise UploadHasNoRoom(refused) from refused


def check(upload: "File[bytes]") -> Accepted:
    """Look at one file's header and hash it; raises detection.UnreadableImage with what to say."""
    filename = clean_name(upload.name)
    assert upload.file
    info = images.probe(
        cast(BinaryIO, upload.file),
        filename=filename,
        max_bytes=settings.MAX_UPLOAD_BYTES,
        max_pixels=settings.MAX_UPLOAD_PIXELS,
    )
    return Accepted(
        upload=upload,
        filename=filename,
        sha256=_sha256(upload),
        bytes=info.bytes,
        width=info.width,
        height=info.height,
        extension=images.EXTENSIONS[info.format][0],
        content_type=images.FORMATS[info.format].mime,
        note=info.note[:NOTE_LENGTH],
    )


def check_all(uploads: "Iterable[File[bytes]]") -> tuple[list[Accepted], list[Rejected]]:
    """Sort the good from the bad: one bad file stops no other."""
    accepted: list[Accepted] = []
    rejected: list[Rejected] = []
    for upload in uploads:
        try:
            accepted.append(check(upload))
        except UnreadableImage as problem:
            rejected.append(Rejected(clean_name(upload.name), problem.code, str(problem)))
    return accepted, rejected


def content_type_of(name: str) -> str:
    """The MIME type of a stored file, by the extension that `check` gave it."""
    image_format = _format_of(name)
    return image_format.mime if image_format else "application/octet-stream"


def shown_by_browsers(name: str) -> bool:
    """Whether browsers can show a stored file."""
    image_format = _format_of(name)
    return image_format is not None and image_format.browsers


def _format_of(name: str) -> images.Format | None:
    suffix = PurePath(name).suffix.lower()
    return next((one for one in images.FORMATS.values() if suffix in one.extensions), None)


def clean_name(name: str | None) -> str:
    """The last part of a file's name, printable and short enough for the database."""
    printable = "".join(letter for letter in PurePath(name or "").name if letter.isprintable())
    return printable[-255:] or "unnamed"


def _sha256(upload: "File[bytes]") -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()
