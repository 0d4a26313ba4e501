"""The EXIF orientation of a photo, read from bytes, so that nothing has to be decoded."""

from __future__ import annotations

import io
import re

from PIL import ExifTags, Image

from detection.photos import ifd
from detection.photos.limits import MAX_EXIF

# EXIF orientations from this one on swap width and height.
SIDEWAYS = 5
_ORIENTATION = ExifTags.Base.Orientation.value
_XMP = re.compile(rb"tiff:Orientation(?:=\"|>)([1-8])")


def in_exif(data: bytes, xmp: bytes = b"") -> int:
    """1 to 8, as in EXIF; 1, upright, where it is not given. xmp: used where EXIF does not give it."""
    try:
        first = next(ifd.Reader(io.BytesIO(data[:MAX_EXIF].removeprefix(b"Exif\0\0"))).pages())
        value = first.get(_ORIENTATION)
    except Exception:  # broken EXIF is common; the photo is still used
        value = None
    if value is None and (match := _XMP.search(xmp)):
        value = int(match[1])
    return checked(value)


def of(image: Image.Image) -> int:
    """The orientation of an opened picture."""
    try:
        return checked(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        return 1


def checked(value: object) -> int:
    return value if isinstance(value, int) and 1 <= value <= 8 else 1
