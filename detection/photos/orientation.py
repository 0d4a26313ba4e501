"""Which way up a photo is, by its EXIF data; from bytes, so that nothing is decoded for it."""

from __future__ import annotations

import io
import re

from PIL import ExifTags, Image

from detection.photos import ifd
from detection.photos.limits import MAX_EXIF

# EXIF orientations from here on swap width and height.
SIDEWAYS = 5
_ORIENTATION = ExifTags.Base.Orientation.value
_XMP = re.compile(rb"tiff:Orientation(?:=\"|>)([1-8])")


def in_exif(data: bytes, xmp: bytes = b"") -> int:
    """1 to 8, as EXIF numbers them; 1, upright, where nothing is said. xmp: asked where EXIF is silent."""
    try:
        first = next(ifd.Reader(io.BytesIO(data[:MAX_EXIF].removeprefix(b"Exif\0\0"))).pages())
        value = first.get(_ORIENTATION)
    except Exception:  # broken EXIF is common and must not cost the photo
        value = None
    if value is None and (found := _XMP.search(xmp)):
        value = int(found[1])
    return checked(value)


def of(image: Image.Image) -> int:
    """Of a picture that somebody has opened."""
    try:
        return checked(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        return 1


def checked(value: object) -> int:
    return value if isinstance(value, int) and 1 <= value <= 8 else 1
