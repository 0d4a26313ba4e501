"""PGM and PPM: values as stored in the file. Pillow scales them one by one, in Python."""

from __future__ import annotations

import re
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from detection.errors import UnreadableImage
from detection.photos.limits import MAX_PNM_HEADER, bands

_RAW = {"I": "I;16B", "L": "L", "RGB": "RGB"}

_COMMENT = re.compile(rb"#[^\r\n]*")


def check_header(stream: BinaryIO) -> None:
    """Raise UnreadableImage for a header full of spaces or comments: Pillow reads it byte by byte."""
    stream.seek(0)
    head = stream.read(MAX_PNM_HEADER)
    stream.seek(0)
    numbers = 2 if head[:2] in (b"P1", b"P4") else 3
    fields = _COMMENT.sub(b"", head[2:]).split(None, numbers)
    if len(head) == MAX_PNM_HEADER and len(fields) < numbers:
        raise UnreadableImage(
            "undecodable", "The file's header is damaged: open it and export it again as JPEG or PNG."
        )


def unscaled(image: ImageFile.ImageFile) -> ImageFile.ImageFile:
    """The same header, to be loaded without scaling. info["maximum"] is the file's greatest value.

    ASCII PGM and PPM are rare and small: Pillow scales them, see `values`.
    """
    codec, extents, offset, args = image.tile[0]
    image.info["letters"] = codec == "ppm_plain"
    maximum = cast(int, args[-1]) if codec in ("ppm", "ppm_plain") and isinstance(args, tuple) else None
    if maximum is None:
        image.info["maximum"] = 65535 if image.mode == "I" else 255
        return image
    image.info["maximum"] = maximum
    if codec == "ppm":
        rawmode = "RGB;16B" if image.mode == "RGB" and maximum > 255 else _RAW[image.mode]
        image.tile = [ImageFile._Tile("raw", extents, offset, (rawmode, 0, 1))]
    else:
        image.info["scaled"] = True
    return image


def stretched(image: Image.Image) -> Image.Image:
    """8-bit pixels of a file whose maximum is less than 255."""
    maximum = image.info.get("maximum", 255)
    if maximum >= 255 or image.info.get("scaled"):
        return image
    table = [min(255, round(255 * value / maximum)) for value in range(256)]
    return image.point(table * len(image.getbands()))


def values(image: Image.Image, loaded: NDArray[Any]) -> NDArray[np.uint16]:
    """The values of a loaded PGM of more than 8 bits. loaded: as Pillow decodes them."""
    exact = np.empty(loaded.shape, dtype=np.uint16)
    for rows in bands(*loaded.shape[:2]):
        band = loaded[rows]
        exact[rows] = np.rint(band * (image.info["maximum"] / 65535)) if image.info.get("scaled") else band
    return exact
