"""Limits on decoding a photo, checked against its header before any pixel is decoded. All in this one place.

A few hundred bytes can stand for gigabytes of pixels or minutes of work. So there are limits for the size,
the shape, the memory that the kind of file needs for each pixel, and the number of its parts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from detection.errors import UnreadableImage

MAX_BYTES = 30 * 1024 * 1024
# The web process, the workers and the command line read the same variable.
MAX_PIXELS = int(os.environ.get("INSPECTOR_MAX_MEGAPIXELS") or 60) * 1_000_000
# Line-scan cameras give 4,096 x 65,000 px; no camera gives a line of 1 x 60,000,000.
MAX_SIDE = 100_000
MAX_RATIO = 256
# Bytes for each pixel at the peak of decoding to RGB: 540 MB for 60 megapixels. Kinds of files that need more
# may have fewer pixels.
PEAK = 9
# Each scan of a JPEG goes over the whole picture. Programs write about 10.
MAX_SCANS = 100
# Segments of a JPEG, chunks of a PNG or WebP. In ordinary files they contain kilobytes each.
MAX_PARTS = 20_000
# Strips or tiles of a TIFF: one for each line of the longest photo.
MAX_STRIPS = MAX_SIDE
# Of a PGM, PPM or PFM; programs write less than a kilobyte.
MAX_PNM_HEADER = 64 * 1024
# EXIF data that is read; the orientation is in its first directory.
MAX_EXIF = 256 * 1024
# Pixels in a band of an array that is processed band by band.
BAND = 1_000_000


def check_size(width: int, height: int, max_pixels: int) -> None:
    """Raise UnreadableImage for too many pixels and for sides that no camera gives."""
    if width * height > max_pixels:
        raise too_many_pixels(
            f"{width:,} x {height:,} px ({width * height / 1e6:,.1f} megapixels)", max_pixels
        )
    if max(width, height) > MAX_SIDE:
        raise UnreadableImage(
            "too_many_pixels",
            f"The photo has {width:,} x {height:,} px; the limit is {MAX_SIDE:,} px a side. "
            "Cut it into several photos.",
        )
    if max(width, height) > MAX_RATIO * min(width, height):
        raise UnreadableImage(
            "too_many_pixels",
            f"The photo has {width:,} x {height:,} px; the longer side may be {MAX_RATIO} times "
            "the shorter. Cut it into several photos.",
        )


def check_memory(width: int, height: int, weight: float, kind: str, max_pixels: int) -> None:
    """Raise UnreadableImage where pixels of this kind, which need `weight` bytes each, need too much
    memory."""
    most = max_pixels * min(1.0, PEAK / weight)
    if width * height > most:
        raise UnreadableImage(
            "too_many_pixels",
            f"The photo has {width * height / 1e6:,.1f} megapixels; the limit for {kind} is "
            f"{most / 1e6:,.1f}. Shrink or crop it, or export it as 8-bit JPEG or PNG.",
        )


def too_many_pixels(amount: str, max_pixels: int) -> UnreadableImage:
    return UnreadableImage(
        "too_many_pixels",
        f"The photo has {amount}; the limit is {max_pixels / 1e6:,.1f} megapixels. Shrink or crop it.",
    )


def too_many_parts(what: str, most: int) -> UnreadableImage:
    return UnreadableImage(
        "undecodable",
        f"The file has more than {most:,} {what}: open it and export it again as JPEG or PNG.",
    )


def bands(height: int, width: int) -> Iterator[slice]:
    """The rows of a picture, a band at a time."""
    rows = max(1, BAND // max(1, width))
    return (slice(top, min(height, top + rows)) for top in range(0, height, rows))
