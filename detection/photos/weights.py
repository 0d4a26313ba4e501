"""Bytes for each pixel at the peak of decoding to RGB, by the kind of file.

Pillow stores a colour pixel in 4 bytes. Measured with `python -m benchmarks hostile`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detection.photos.opening import Opened

# Their decoders hold planes, frames and the result at the same time.
_BY_FORMAT = {"WebP": (17.0, "WebP"), "AVIF": (13.0, "AVIF"), "HEIC": (10.0, "HEIC")}
# Read by Pillow in Python: they need not memory but time, 2 s per megapixel.
_SLOW = 135.0
_RUNS = (1, 2)  # RLE8 and RLE4 of a BMP
_COLOUR, _UPRIGHT = 4, 4  # one colour picture; another one while it is turned


def of(opened: Opened, block: float) -> tuple[float, str]:
    """The bytes, and the kind of file in words. block: what a TIFF decoder holds of the file for each
    pixel."""
    if opened.format in _BY_FORMAT:
        return _BY_FORMAT[opened.format]
    mode, clear = opened.image.mode, opened.image.has_transparency_data
    if opened.format == "PNM" and opened.image.info.get("letters"):
        return _SLOW, "ASCII PGM and PPM"
    if opened.format == "BMP" and opened.image.info.get("compression") in _RUNS:
        return _SLOW, "run-length-encoded BMP"
    turned = _UPRIGHT if opened.orientation != 1 else 0
    if opened.lower:
        alpha = _COLOUR + 3 if mode == "RGBA" else 0
        # The upper bytes stay in memory while the lower ones are decoded.
        return max(14 + alpha + turned, 10 + alpha + turned + block), "16-bit colour"
    if opened.kind:
        return max(9 + turned, 4 + turned + block), "images of more than 8 bits"
    if opened.format == "JPEG":
        return _jpeg(mode, opened.scans)
    plain = 5 if mode in ("1", "L", "P") else 8
    again = _COLOUR if clear and turned else 0
    return max(float(plain + again), _COLOUR + turned + block), f"{mode} images"


def _jpeg(mode: str, scans: int) -> tuple[float, str]:
    """With several scans the coefficients of the whole picture are kept: 2 bytes for each value."""
    if mode == "CMYK":
        return (12.0, "progressive CMYK JPEG") if scans > 1 else (8.0, "CMYK JPEG")
    if mode == "L":
        return 5.0, "grey JPEG"
    return (10.0, "progressive JPEG") if scans > 1 else (9.0, "JPEG")
