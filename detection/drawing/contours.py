"""Anomaly maps as contour lines over a photo: where, and how far above the threshold, without colour.

The levels belong to the model, like the heatmap's colours: where REVIEW begins, the threshold, and two and
four times it; without REVIEW, from the threshold to eight times it. The higher the level, the thicker its
line; the lowest is dashed. Lines are white with a dark outline, so they stand out from any photo.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from contourpy import LineType, contour_generator
from numpy.typing import NDArray
from scipy import ndimage

from detection.drawing.heatmap import levels
from detection.types import MapScale

# (line width in px of the screen, dashes), by level.
_PENS = ((1.25, "5 4"), (1.25, ""), (2.25, ""), (3.5, ""))
_EDGE = 2.0
# Lines are computed on at most this many px per side: more would cost time and show nothing more.
_SIDE = 192
# Points are whole numbers on a grid of this many steps per side, so that the file stays small.
_GRID = 1000


def lines(anomaly_map: NDArray[np.float32], level: float) -> list[NDArray[np.float64]]:
    """The lines at a level, each as its points [n, 2]: x and y from 0 to 1 across the map [H, W].

    There is one around every pixel above the level, to within a hundredth of the map's longer side. Specks
    closer to each other than about a fiftieth of it share a line: a thousand small rings would show nothing.
    """
    return _lines(*_calmed(anomaly_map), level)


def render_svg(anomaly_map: NDArray[np.float32], scale: MapScale, size: tuple[int, int] | None = None) -> str:
    """All levels as a transparent SVG of `size` (width, height), by default the map's own.

    Lines keep their width however much it is enlarged.
    """
    width, height = size or anomaly_map.shape[::-1]
    calm, across = _calmed(anomaly_map)
    drawn = [_drawn(number, _lines(calm, across, level)) for number, level in enumerate(levels(scale))]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {_GRID} {_GRID}" preserveAspectRatio="none" fill="none" '
        f'stroke-linejoin="round">{"".join(drawn)}</svg>'
    )


def _calmed(anomaly_map: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Smaller and without the noise of single pixels, but nowhere below the map: block maxima, then maxima
    over windows of 3 x 3, then means over windows of that size. Also, how many blocks the map has across
    and down; the last block of a row may be cut off."""
    step = math.ceil(max(anomaly_map.shape) / _SIDE)
    rows, columns = (range(0, length, step) for length in anomaly_map.shape)
    blocks = np.maximum.reduceat(np.maximum.reduceat(anomaly_map, rows, axis=0), columns, axis=1)
    largest = ndimage.maximum_filter(blocks, 3, mode="nearest").astype(np.float64)
    calm = np.asarray(ndimage.uniform_filter(largest, 3, mode="nearest"), dtype=np.float32)
    return calm, np.array(anomaly_map.shape[::-1]) / step


def _lines(calm: NDArray[np.float32], across: NDArray[np.float64], level: float) -> list[NDArray[np.float64]]:
    if min(calm.shape) < 2 or float(calm.max()) < level:
        return []
    contours = contour_generator(z=calm, line_type=LineType.Separate).lines(level)
    # Points are relative to the centre of the first block.
    return [np.minimum((np.asarray(points, dtype=np.float64) + 0.5) / across, 1.0) for points in contours]


def _drawn(number: int, contours: Sequence[NDArray[np.float64]]) -> str:
    """The lines of a level, below them their outlines."""
    if not contours:
        return ""
    width, dashes = _PENS[number]
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    path = (
        f'<path id="level{number}" vector-effect="non-scaling-stroke" d="{"".join(map(_path, contours))}"/>'
    )
    return (
        f"<defs>{path}</defs>"
        f'<use href="#level{number}" stroke="#101315" stroke-opacity="0.7" stroke-width="{width + _EDGE}"/>'
        f'<use href="#level{number}" stroke="#ffffff" stroke-width="{width}"{dashed}/>'
    )


def _path(points: NDArray[np.float64]) -> str:
    places = np.rint(points * _GRID).astype(int)
    moved = np.any(np.diff(places, axis=0) != 0, axis=1)
    kept = places[np.concatenate([[True], moved])]
    closed = "Z" if len(kept) > 2 and (kept[0] == kept[-1]).all() else ""
    return f"M{' '.join(map(str, kept.ravel().tolist()))}{closed}"
