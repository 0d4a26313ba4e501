"""Hostile TIFFs; see `hostile_files`."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image

SIDE = 7_700  # 59.3 megapixels


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    if format == "HEIF":
        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def tiff(tags: dict[int, tuple[int, int, int]], extra: bytes = b"", following: int = 0) -> bytes:
    """tags: by number, the type, the count, and the value or its offset; `extra` begins at byte 10,000."""
    entries = b"".join(struct.pack("<HHII", tag, *value) for tag, value in sorted(tags.items()))
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", following)
    return head.ljust(10_000, b"\0") + extra


def grey(width: int, height: int, **more: tuple[int, int, int]) -> dict[int, tuple[int, int, int]]:
    basic = {256: (4, 1, width), 257: (4, 1, height), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1)}
    basic |= {273: (4, 1, 10_000), 277: (3, 1, 1), 278: (4, 1, height), 279: (4, 1, width * height)}
    return basic | {int(tag[1:]): value for tag, value in more.items()}


def deep(dtype: str, side: int = SIDE, **options: Any) -> bytes:
    image = Image.fromarray(np.zeros((side, side), dtype=dtype))
    return encoded(image, "TIFF", compression="tiff_adobe_deflate", **options)


def doubles(side: int) -> bytes:
    """64 bits a pixel, in one strip."""
    squeezed = zlib.compress(bytes(side * side * 8))
    more = {"t258": (3, 1, 64), "t259": (3, 1, 8), "t279": (4, 1, len(squeezed)), "t339": (3, 1, 3)}
    return tiff(grey(side, side, **more), squeezed)


def colours16(side: int, alpha: bool = False) -> bytes:
    """16-bit colours in one strip."""
    count = 4 if alpha else 3
    squeezed = zlib.compress(bytes(side * side * 2 * count))
    bits = struct.pack("<4H", 16, 16, 16, 16)
    more = {"t258": (3, count, 10_000), "t259": (3, 1, 8), "t262": (3, 1, 2), "t273": (4, 1, 10_008)}
    more |= {"t277": (3, 1, count), "t279": (4, 1, len(squeezed))}
    return tiff(grey(side, side, **more) | ({338: (3, 1, 2)} if alpha else {}), bits + squeezed)


def chained(count: int) -> bytes:
    """So many pages, each of one tag."""
    pages = (struct.pack("<HHHIII", 1, 256, 4, 1, 1, 8 + 18 * (n + 1)) for n in range(count))
    return b"II*\0" + struct.pack("<I", 8) + b"".join(pages)


TIFFS: dict[str, Callable[[], bytes]] = {
    "tiff, page loop": lambda: tiff(grey(64, 64), bytes(4096), following=8),
    "tiff, 100,000 pages": lambda: chained(100_000),
    "tiff, pages within themselves": lambda: tiff(grey(64, 64, t330=(4, 1, 8)), bytes(4096)),
    "tiff, 2,000,000 pages within": lambda: tiff(grey(64, 64, t330=(4, 2_000_000, 10_000)), bytes(8_000_000)),
    "tiff, 5,000,000 strips": lambda: tiff(grey(64, 64, t273=(4, 5_000_000, 10_000)), bytes(20_000_000)),
    "tiff, 90,000 strips": lambda: tiff(
        grey(600, 90_000, t273=(4, 90_000, 10_000), t278=(4, 1, 1), t279=(4, 90_000, 10_000)), bytes(360_000)
    ),
    "tiff, resolution of 3,000,000 numbers": lambda: tiff(
        grey(64, 64, t282=(5, 3_000_000, 10_000)), bytes(24_000_000)
    ),
    "tiff, 10,000,000 samples": lambda: tiff(grey(64, 64, t258=(3, 10_000_000, 10_000)), bytes(20_000_000)),
    "tiff, 4 billion samples": lambda: tiff(grey(64, 64, t277=(4, 1, 2**32 - 1)), bytes(4096)),
    "tiff, giant tile": lambda: tiff(
        grey(64, 64, t259=(3, 1, 8), t322=(4, 1, 2**20), t323=(4, 1, 2**20), t324=(4, 1, 10_000)), bytes(4096)
    ),
    "tiff, tile of 60,000": lambda: tiff(
        grey(64, 64, t259=(3, 1, 8), t322=(4, 1, 60_000), t323=(4, 1, 30_000), t324=(4, 1, 10_000)), bytes(99)
    ),
    "tiff, rows of 4 billion": lambda: tiff(grey(64, 64, t278=(4, 1, 2**32 - 1)), bytes(4096)),
    "tiff, negative place": lambda: tiff(grey(64, 64, t273=(4, 1, 2**32 - 1)), bytes(4096)),
    "tiff, no size": lambda: tiff({273: (4, 1, 10_000)}, bytes(4096)),
    "tiff, 65,535 tags": lambda: b"II*\0" + struct.pack("<IH", 8, 65_535) + bytes(800_000),
    "tiff, big without end": lambda: b"II+\0" + struct.pack("<HHQQ", 8, 0, 16, 2**63) + bytes(400),
    "tiff, float": lambda: deep("float32"),
    "tiff, float in one strip": lambda: deep("float32", tiffinfo={278: SIDE}),
    "tiff, 32-bit": lambda: deep("int32"),
    "tiff, 16-bit": lambda: deep("uint16"),
    "tiff, doubles": lambda: doubles(6_600),
    "tiff, doubles, too many": lambda: doubles(7_600),
    "tiff, 16-bit colours": lambda: colours16(5_700),
    "tiff, 16-bit colours, too many": lambda: colours16(7_000),
    "tiff, 16-bit with alpha": lambda: colours16(4_640, True),
    "tiff, CMYK": lambda: encoded(Image.new("CMYK", (SIDE, SIDE)), "TIFF", compression="tiff_lzw"),
    "tiff, black and white": lambda: encoded(Image.new("1", (SIDE, SIDE)), "TIFF", compression="group4"),
}
