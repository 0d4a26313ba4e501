"""What is read of a PNG: the chunks that make the picture, their checksums compared."""

from __future__ import annotations

import io
import struct
import zlib
from typing import BinaryIO

# What carries the pixels and how to turn them. Text and colour profiles are left out: they change
# nothing here, and a few compressed bytes of them can unfold to gigabytes.
_ESSENTIAL = {b"IHDR", b"PLTE", b"tRNS", b"acTL", b"eXIf", b"IDAT", b"IEND"}
_END = struct.pack(">I4sI", 0, b"IEND", zlib.crc32(b"IEND"))


class BadChecksum(ValueError):
    """Bytes of the picture are not those that were written."""


def essential(stream: BinaryIO, *, header_only: bool) -> tuple[io.BytesIO, int | None]:
    """The PNG without its text and colour profiles, and the bits that its sBIT chunk calls significant.

    With `header_only`, up to its first pixels. A file that ends right after its pixels gets its end mark.
    Other damage is passed on as it is, for the decoder to refuse; but a decoder would take pixels whose
    checksum is wrong: BadChecksum.
    """
    kept, significant, kind = io.BytesIO(), None, b""
    kept.write(stream.read(8))
    while len(head := stream.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IDAT" and header_only:
            kept.write(head)
            break
        if kind in _ESSENTIAL:
            body = stream.read(length + 4)
            _check(kind, body, length)
            kept.write(head + body)
        elif kind == b"sBIT" and length <= 4:
            significant = max(stream.read(length), default=None)
            stream.seek(4, io.SEEK_CUR)
        else:
            stream.seek(length + 4, io.SEEK_CUR)
    if kind == b"IDAT" and not header_only:
        kept.write(_END)
    kept.seek(0)
    return kept, significant


def _check(kind: bytes, body: bytes, length: int) -> None:
    whole = len(body) == length + 4
    if (
        whole
        and kind == b"IDAT"
        and zlib.crc32(body[:-4], zlib.crc32(kind)) != int.from_bytes(body[-4:], "big")
    ):
        raise BadChecksum
