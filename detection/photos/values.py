"""The values of a picture, and their conversion to 8 bits."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from detection.photos import webp
from detection.photos.levels import Extent, Kind, Levels, Range
from detection.photos.limits import bands

Values = NDArray[Any]
# Pillow's raw modes that read the upper byte of each 16-bit value of a colour picture, and those that read
# the lower.
_LOWER = {
    "RGB;16B": "RGB;16L",
    "RGB;16L": "RGB;16B",
    "RGB;16N": "RGB;16B" if sys.byteorder == "little" else "RGB;16L",
    "RGBX;16B": "RGBX;16L",
    "RGBX;16L": "RGBX;16B",
    "RGBX;16N": "RGBX;16B" if sys.byteorder == "little" else "RGBX;16L",
    "RGBA;16B": "RGBA;16L",
    "RGBA;16L": "RGBA;16B",
    "RGBA;16N": "RGBA;16B" if sys.byteorder == "little" else "RGBA;16L",
    "LA;16B": "RGBA",  # its four bytes as they are: the lower one of the grey value is read as green
}
_BANDS = {"I;16": "I;16", "I;16L": "I;16", "I;16B": "I;16", "I;16N": "I;16", "I": "I", "F": "F"}

# The greatest value of a type, which some programs declare as white whatever the camera gives.
_WHOLE = (2.0**16 - 1, 2.0**31 - 1, 2.0**32 - 1)
# Where a scanner measured nothing: the least value of a signed type; floats of this size and more.
_NOT_MEASURED, _NOTHING = (-(2**15), -(2**31)), 1e30


def kind_of(image: Image.Image | webp.Header) -> Kind | None:
    """The kind of values of a picture of more than 8 bits, None for all others. Nothing is decoded."""
    if image.mode == "F":
        return "float"
    if image.mode == "I":
        return "uint16" if image.format == "PPM" else "int32"
    if image.mode in _BANDS or lower_bytes(image):
        return "uint16"
    return None


def lower_bytes(image: Image.Image | webp.Header) -> list[Any] | None:
    """For a 16-bit colour picture that is not yet loaded: the tiles that read the lower bytes instead of
    the upper."""
    tiles = getattr(image, "tile", None) or []
    if not all(_rawmode(tile) in _LOWER for tile in tiles):
        return None
    return [tile._replace(args=_with_rawmode(tile, _LOWER[_rawmode(tile)])) for tile in tiles] or None


def of_lower(rows: Values, tiles: list[Any]) -> Values:
    """The lower bytes of colours [H, W, 3] in rows that were decoded by these tiles."""
    return rows[..., 1:2] if _rawmode(tiles[0]) == "RGBA" else rows


def _rawmode(tile: ImageFile._Tile) -> str:
    args = tile.args
    return str(args[0] if isinstance(args, tuple) and args else args)


def _with_rawmode(tile: ImageFile._Tile, rawmode: str) -> tuple[Any, ...] | str:
    return (rawmode, *tile.args[1:]) if isinstance(tile.args, tuple) else rawmode


@dataclass(frozen=True, slots=True, eq=False)
class Deep:
    """Values of more than 8 bits, [H, W] or [H, W, 3]. full: the white of their type, where it is known.

    declared: the white that the file declares, if any. negative: white is 0, as in files of some scanners.
    """

    kind: Kind
    values: Values
    full: float | None = None
    declared: float | None = None
    negative: bool = False

    @property
    def extent(self) -> Extent:
        ends = [known for rows in self._bands() if (known := _ends(self.values[rows]))]
        least = min((low for low, _ in ends), default=0.0)
        greatest = max((high for _, high in ends), default=0.0)
        # A declared value that the file itself exceeds is wrong; that of the type says nothing of the camera.
        says = self.declared is not None and greatest <= self.declared and self.declared not in _WHOLE
        return Extent(self.kind, least, greatest, self.declared if says else None)

    def to_8_bit(self, span: Range) -> NDArray[np.uint8]:
        """The values of a range as 0 to 255; values outside it are clipped."""
        table = _scale(np.arange(65536, dtype=np.float32), *span) if self.values.dtype == np.uint16 else None
        eight = np.empty(self.values.shape, dtype=np.uint8)
        for rows in self._bands():
            eight[rows] = self._eight(self.values[rows], span, table)
        return eight

    def _eight(self, values: Values, span: Range, table: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
        if table is None:
            scaled = _scale(values, *span)
        elif values.ndim == 3 and span == (0.0, 65535.0):
            scaled = (values >> 8).astype(np.uint8)  # as Pillow does it
        else:
            scaled = table[values]
        return 255 - scaled if self.negative else scaled

    def _bands(self) -> Iterator[slice]:
        """Band by band, because temporary copies would take more memory than the values."""
        return bands(*self.values.shape[:2])

    def span(self, levels: Levels) -> Range:
        """By the category's levels; otherwise by what the file declares, or by the full range of its type."""
        if self.kind in levels.ranges:
            return levels.ranges[self.kind]
        extent = self.extent
        if levels.declared and extent.declared:
            return 0.0, extent.declared
        if self.full:
            return 0.0, self.full
        tops = ([1.0] if self.kind == "float" else []) + [255.0, 65535.0, 2.0**32 - 1]
        return 0.0, next((top for top in tops if extent.greatest <= top), extent.greatest)

    def shown(self, levels: Levels) -> Range:
        """Like `span`, but for people: by its own values where nothing else is known."""
        return self.span(levels) if self.kind in levels.ranges else (0.0, self.extent.white)


def array(image: Image.Image) -> Values:
    """The values of a loaded picture; np.asarray would copy them twice."""
    first = np.asarray(image.crop((0, 0, image.width, 1)))
    values = np.empty((image.height, *first.shape[1:]), dtype=first.dtype)
    for rows in bands(image.height, image.width):
        values[rows] = np.asarray(image.crop((0, rows.start, image.width, rows.stop)))
    return values


def _ends(values: Values) -> tuple[float, float] | None:
    """The least and the greatest value, without those that scanners write where they measured nothing."""
    known = values
    if values.dtype.kind == "f":
        known = values[np.abs(values) < _NOTHING]  # no NaN is
    elif values.dtype.kind == "i":
        known = values[~np.isin(values, _NOT_MEASURED)]
    return (float(known.min()), float(known.max())) if known.size else None


def _scale(values: Values, low: float, high: float) -> NDArray[np.uint8]:
    wide = values.astype(np.float32)
    wide[~(np.abs(wide) < _NOTHING)] = low
    np.clip(wide, low, high, out=wide)
    wide -= low
    wide *= 255.0 / (high - low)
    return np.rint(wide, out=wide).astype(np.uint8)
