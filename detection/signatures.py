"""Telling a file's format by its first bytes, and what to say of the formats not taken."""

from __future__ import annotations

import io
import struct
from typing import BinaryIO

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"GIF8", "GIF"),
    (b"%PDF", "PDF"),
    (b"8BPS", "Photoshop"),
    (b"<svg", "SVG"),
    (b"PK\x03\x04", "ZIP"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
)
_REMEDIES = {
    "GIF": "GIF has too few colours to judge a part by: take the photo as JPEG or PNG.",
    "PDF": "A PDF is a document, not a photo: export the picture in it as JPEG or PNG.",
    "HEIC": (
        "HEIC photos are not taken: on the iPhone choose Settings, Camera, Formats, Most Compatible, "
        "or export the photo as JPEG."
    ),
    "video": "A video is not taken: send a single picture of it as JPEG or PNG.",
    "ZIP": "A ZIP is an archive: unpack it and send the photos in it.",
}
# What carries a PNG's pixels and how to turn them. Text and colour profiles are left out: they
# change nothing here, and a few compressed bytes of them can unfold to gigabytes.
_ESSENTIAL = {b"IHDR", b"PLTE", b"tRNS", b"acTL", b"eXIf", b"IDAT", b"IEND"}


def sniff(head: bytes) -> str | None:
    """The name of the format a file's first bytes belong to; None where they belong to no image."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[4:8] == b"ftyp":
        return _container(head[8:12])
    return next((name for start, name in _STARTS if head.startswith(start)), None)


def _container(brand: bytes) -> str:
    if brand in (b"avif", b"avis"):
        return "AVIF"
    return "HEIC" if brand[:3] in (b"hei", b"hev", b"mif", b"msf") else "video"


def remedy(format: str) -> str:
    """What a person with a file of this format should do instead."""
    return _REMEDIES.get(format, f"{format} files are not taken: export the photo as JPEG or PNG.")


def essential_png(stream: BinaryIO, *, header_only: bool) -> io.BytesIO:
    """The PNG without its text and colour profiles; with `header_only`, up to its first pixels.

    Damage is passed on as it is, for the decoder to refuse.
    """
    kept = io.BytesIO()
    kept.write(stream.read(8))
    while len(head := stream.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IDAT" and header_only:
            kept.write(head)
            break
        if kind in _ESSENTIAL:
            kept.write(head + stream.read(length + 4))
        else:
            stream.seek(length + 4, io.SEEK_CUR)
    kept.seek(0)
    return kept
