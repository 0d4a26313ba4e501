"""Regions of a photo as outlines: what a person marked, and where an anomaly map reaches a limit.

Unlike contour lines (see `contours`) they follow the region itself: nothing is smoothed or widened. NumPy and
contourpy alone, so that a process without SciPy can draw them.
"""

from __future__ import annotations

import numpy as np
from contourpy import LineType, contour_generator
from numpy.typing import NDArray
from PIL import Image

# A mark is traced on at most this many px per side, and on fewer where that gives more than this many points:
# a mask of noise would make a file that no browser shows.
_SIDES = (1024, 512, 256, 128, 64)
_MOST_POINTS = 20_000
# Points are whole numbers on a grid of this many steps along the longer side.
_GRID = 4000
_HALF = 127.5
_COLOUR, _EDGE = "#5ce1ff", "#101315"


def polygons(field: NDArray[np.generic], level: float) -> list[NDArray[np.float64]]:
    """Closed rings [n, 2] around what is at or above `level`: x and y from 0 to 1 across the field [H, W].

    Together, filled by the even-odd rule, they are the region; along the border it is closed. The largest
    ones come first.
    """
    values = np.asarray(field, dtype=np.float64)
    # The border's pixels are continued a little, so that rings close outside and are cut off at the border
    # itself.
    padded = np.pad(np.pad(values, 1, mode="edge"), 1, constant_values=min(float(values.min()), level - 1.0))
    rings = contour_generator(z=padded, line_type=LineType.Separate).lines(level)
    across = np.array(values.shape[::-1])
    rings_in_unit = [np.clip((np.asarray(ring, dtype=np.float64) - 1.5) / across, 0.0, 1.0) for ring in rings]
    return sorted(rings_in_unit, key=_area, reverse=True)


def render_svg(mask: Image.Image) -> str:
    """What is white in a mask (mode L), as a transparent SVG of the mask's proportions: hatched, with a line
    around it whose width stays however much it is enlarged."""
    longer = max(mask.size)
    width, height = (round(_GRID * side / longer) or 1 for side in mask.size)
    path = "".join(_path(ring, width, height) for ring in _traced(mask))
    line = f'<path d="{path}" fill-rule="evenodd" vector-effect="non-scaling-stroke"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{mask.width}" height="{mask.height}" '
        f'viewBox="0 0 {width} {height}" preserveAspectRatio="none" fill="none" stroke-linejoin="round">'
        '<defs><pattern id="hatch" width="64" height="64" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><path d="M16 0V64" stroke="{_EDGE}" stroke-width="20"/>'
        f'<path d="M16 0V64" stroke="{_COLOUR}" stroke-width="10"/></pattern></defs>'
        f'{line} fill="url(#hatch)" fill-opacity="0.55" stroke="{_EDGE}" stroke-width="4.5"/>'
        f'{line} stroke="{_COLOUR}" stroke-width="2"/></svg>'
    )


def _traced(mask: Image.Image) -> list[NDArray[np.float64]]:
    rings: list[NDArray[np.float64]] = []
    for side in _SIDES:
        share = min(1.0, side / max(mask.size))
        size = (max(1, round(mask.width * share)), max(1, round(mask.height * share)))
        shares = np.asarray(mask if size == mask.size else mask.resize(size, Image.Resampling.BOX))
        # What is too thin for the smaller picture is still a line there.
        level = _HALF if shares.max() > _HALF else max(1.0, float(shares.max()) / 2)
        rings = polygons(shares, level)
        if sum(map(len, rings)) <= _MOST_POINTS:
            break
    return rings


def _area(ring: NDArray[np.float64]) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2


def _path(ring: NDArray[np.float64], width: int, height: int) -> str:
    places = np.rint(ring * (width, height)).astype(int)
    moved = np.any(np.diff(places, axis=0) != 0, axis=1)
    kept = places[np.concatenate([[True], moved])]
    return f"M{' '.join(map(str, kept.ravel().tolist()))}Z" if len(kept) > 2 else ""
