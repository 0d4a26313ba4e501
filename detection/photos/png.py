"""The parts of a PNG that are read: the chunks that make the picture, with their checksums verified."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from detection.photos import orientation
from detection.photos.limits import MAX_EXIF, MAX_PARTS, too_many_parts

# Chunks with the pixels and how to decode them. Text and colour profiles are left out: they change nothing
# here, and a few compressed bytes can expand to gigabytes.
_ESSENTIAL = {b"IHDR", b"PLTE", b"tRNS", b"acTL", b"IDAT", b"IEND"}
_HEADER = 1024  # bytes of the longest one except IDAT: a palette has 768
_END = struct.pack(">I4sI", 0, b"IEND", zlib.crc32(b"IEND"))


class BadChecksum(ValueError):
    """Bytes of the picture have changed since they were written."""


@dataclass(slots=True)
class Parts:
    """kept: the PNG without its text and colour profiles. significant_bits: from its sBIT chunk."""

    kept: io.BytesIO
    significant_bits: int | None = None
    orientation: int = 1


def essential(stream: BinaryIO, *, header_only: bool) -> Parts:
    """The part of a PNG that the pixels need; with `header_only`, up to the first of them.

    A file that ends right after its pixels gets an end mark. Other damage is passed on unchanged, for the
    decoder to refuse; but a decoder would accept pixels with a wrong checksum: BadChecksum. Raises
    UnreadableImage for more chunks than any program writes.
    """
    parts, kind = Parts(io.BytesIO()), b""
    parts.kept.write(stream.read(8))
    for _ in range(MAX_PARTS * 10):
        head = stream.read(8)
        if len(head) < 8:
            break
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IDAT" and header_only:
            parts.kept.write(head)
            break
        _read(stream, kind, length, parts)
    else:
        raise too_many_parts("chunks", MAX_PARTS * 10)
    if kind == b"IDAT" and not header_only:
        parts.kept.write(_END)
    parts.kept.seek(0)
    return parts


def _read(stream: BinaryIO, kind: bytes, length: int, parts: Parts) -> None:
    after = stream.tell() + length + 4
    if kind in _ESSENTIAL and (kind == b"IDAT" or length <= _HEADER):
        body = stream.read(length + 4)
        _check(kind, body, length)
        parts.kept.write(struct.pack(">I4s", length, kind))
        parts.kept.write(body)
        return
    if kind == b"sBIT" and length <= 4:
        parts.significant_bits = max(stream.read(length), default=None)
    elif kind == b"eXIf":
        parts.orientation = orientation.in_exif(stream.read(min(length, MAX_EXIF)))
    stream.seek(after)


def _check(kind: bytes, body: bytes, length: int) -> None:
    whole = len(body) == length + 4
    if (
        whole
        and kind == b"IDAT"
        and zlib.crc32(body[:-4], zlib.crc32(kind)) != int.from_bytes(body[-4:], "big")
    ):
        raise BadChecksum
