"""The header of a WebP. Its decoder allocates the whole picture as soon as it opens the file."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from detection.photos import orientation
from detection.photos.limits import MAX_EXIF, MAX_PARTS, too_many_parts

_ALPHA, _ANIMATED = 0x10, 0x02


class CutOff(ValueError):
    """The file is shorter than it says, or ends within its header; the wording is that of Pillow."""

    def __init__(self) -> None:
        super().__init__("truncated")


@dataclass(slots=True)
class Header:
    """The attributes of a Pillow picture that are known from the header."""

    size: tuple[int, int] = (0, 0)
    mode: str = "RGB"
    is_animated: bool = False
    orientation: int = 1
    format: str = "WEBP"
    info: dict[str, Any] = field(default_factory=dict)

    @property
    def has_transparency_data(self) -> bool:
        return self.mode == "RGBA"


def header(stream: BinaryIO) -> Header:
    """Raises CutOff or ValueError."""
    parsed, frames = Header(), 0
    whole = stream.seek(0, io.SEEK_END)
    stream.seek(4)
    if int.from_bytes(stream.read(4), "little") + 8 > whole + 1:
        raise CutOff
    stream.seek(12)
    for _ in range(MAX_PARTS):
        head = stream.read(8)
        if len(head) < 8:
            break
        kind, length = struct.unpack("<4sI", head)
        after = stream.tell() + length + length % 2
        if kind in _SIZES and parsed.size == (0, 0):
            _SIZES[kind](parsed, stream.read(min(length, 10)))
        elif kind == b"EXIF":
            parsed.orientation = orientation.in_exif(stream.read(min(length, MAX_EXIF)))
        frames += kind == b"ANMF"
        stream.seek(after)
    else:
        raise too_many_parts("chunks", MAX_PARTS)
    if parsed.size == (0, 0):
        raise ValueError("no picture")
    parsed.is_animated = frames > 1
    return parsed


def _extended(parsed: Header, body: bytes) -> None:
    if len(body) < 10:
        raise CutOff
    parsed.size = (int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1)
    parsed.mode = "RGBA" if body[0] & _ALPHA else "RGB"


def _lossy(parsed: Header, body: bytes) -> None:
    if len(body) < 10:
        raise CutOff
    width, height = struct.unpack("<HH", body[6:10])
    parsed.size = (width & 0x3FFF, height & 0x3FFF)


def _lossless(parsed: Header, body: bytes) -> None:
    if len(body) < 5:
        raise CutOff
    bits = int.from_bytes(body[1:5], "little")
    parsed.size = ((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1)
    parsed.mode = "RGBA" if bits >> 28 & 1 else "RGB"


_SIZES = {b"VP8X": _extended, b"VP8 ": _lossy, b"VP8L": _lossless}
