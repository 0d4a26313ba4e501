"""The segments of a JPEG: those that the pixels need are kept, EXIF is read, the scans are counted."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import BinaryIO

from detection.photos import orientation
from detection.photos.limits import MAX_PARTS, MAX_SCANS, too_many_parts

_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
_CHUNK = 16 * 1024
_ALONE = {0x01, 0xD8}
_END, _SCAN, _EXIF, _COMMENT = 0xD9, 0xDA, 0xE1, 0xFE
_APPS = range(0xE0, 0xF0)
# JFIF and Adobe segments: they say which colour space the values are in.
_COLOURS = {0xE0, 0xEE}
_XMP = b"http://ns.adobe.com/xap/1.0/\0"


@dataclass(slots=True)
class Parts:
    """head: everything needed before the first pixels, which begin in the file at `pixels`."""

    head: bytes
    pixels: int = -1
    scans: int = 0
    exif: bytes = b""
    xmp: bytes = b""

    @property
    def orientation(self) -> int:
        return orientation.in_exif(self.exif, self.xmp)


def essential(stream: BinaryIO) -> Parts:
    """Reads the file piece by piece. Raises UnreadableImage where there are too many scans or segments.

    Descriptions, thumbnails and colour profiles are left out: they change nothing here, and take time and
    memory. Damage is passed on unchanged, for the decoder to refuse.
    """
    stream.seek(2)
    parts = Parts(b"")
    head = io.BytesIO()
    head.write(b"\xff\xd8")
    for _ in range(MAX_PARTS):
        code = _next(stream)
        if code is None or code == _END:
            break
        if code not in _ALONE:
            _read(stream, code, parts, head)
    else:
        raise too_many_parts("segments", MAX_PARTS)
    parts.head = head.getvalue()
    return parts


def _next(stream: BinaryIO) -> int | None:
    while chunk := stream.read(_CHUNK):
        if marker := _MARKER.search(chunk):
            stream.seek(marker.end() - len(chunk), io.SEEK_CUR)
            return marker[1][0]
        if chunk[-1] == 0xFF and len(chunk) > 1:
            stream.seek(-1, io.SEEK_CUR)
    return None


def _read(stream: BinaryIO, code: int, parts: Parts, head: io.BytesIO) -> None:
    length = stream.read(2)
    body = stream.read(max(0, int.from_bytes(length, "big") - 2))
    if code == _SCAN:
        parts.scans += 1
        if parts.scans > MAX_SCANS:
            raise too_many_parts("scans", MAX_SCANS)
    if parts.pixels < 0:
        if code == _EXIF and body.startswith(b"Exif\0"):
            parts.exif = parts.exif or body
        elif code == _EXIF and body.startswith(_XMP):
            parts.xmp = parts.xmp or body
        if (code not in _APPS and code != _COMMENT) or code in _COLOURS:
            head.write(bytes((0xFF, code)) + length + body)
        if code == _SCAN:
            parts.pixels = stream.tell()
