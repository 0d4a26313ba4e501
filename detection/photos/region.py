"""Where the part is on the photos: methods zoom in on a small part on a plain background.

Estimated from good training photos, never assumed: only where the part stands out from the border of nearly
every photo, and where a good share of the photo is background.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

# Left, top, right, bottom as shares of width and height.
Box = tuple[float, float, float, float]
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
# A window is used only if it leaves out this share of the photo.
_WORTH = 0.2
# Margin around the part, as a share of the photo's sides.
_MARGIN = 0.05
# Share of the photos in which the part may be indistinguishable from the background.
_UNCLEAR = 0.02
# The window follows the part if the part's sides differ between photos by no more than this.
_STEADY = 0.12
_SIDE = 128
_BORDER = 0.04


@dataclass(frozen=True, slots=True)
class Region:
    """A window of fixed size in each photo.

    width, height: of the window, as shares of the photo's. It is centred on the part where `follows`, but
    never leaves `near`, the box that contained the parts of all good photos; where it does not follow, it is
    that box.
    """

    width: float
    height: float
    near: Box
    follows: bool

    def window(self, photo: Image.Image) -> Box:
        """The window in a photo, aligned to whole pixels."""
        left, top = self._corner(photo)
        box = (left, top, min(1.0, left + self.width), min(1.0, top + self.height))
        return _on_pixels(box, photo.size)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def _corner(self, photo: Image.Image) -> tuple[float, float]:
        x, y = (self.near[0] + self.near[2]) / 2, (self.near[1] + self.near[3]) / 2
        box = part_box(photo) if self.follows else None
        if box:
            x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        left = _clamp(x - self.width / 2, self.near[0], self.near[2] - self.width)
        top = _clamp(y - self.height / 2, self.near[1], self.near[3] - self.height)
        return left, top


def find(photos: Sequence[Image.Image]) -> Region | None:
    """The region of a category, from its good photos; None for the whole photo."""
    boxes = [box for photo in photos if (box := part_box(photo))]
    if not boxes or len(photos) - len(boxes) > _UNCLEAR * len(photos):
        return None
    edges = np.array(boxes)
    low = (edges[:, :2].min(axis=0) - _MARGIN).clip(0, 1)
    high = (edges[:, 2:].max(axis=0) + _MARGIN).clip(0, 1)
    near: Box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    sides = edges[:, 2:] - edges[:, :2]
    window = np.minimum(sides.max(axis=0) + 2 * _MARGIN, high - low)
    steady = bool((np.ptp(sides, axis=0) <= _STEADY * np.median(sides, axis=0)).all())
    if not steady:
        window = high - low
    if window.prod() > 1 - _WORTH:
        return None
    return Region(float(window[0]), float(window[1]), near, steady)


def part_box(photo: Image.Image) -> Box | None:
    """The box around what differs from the background, which is what the photo's border shows.

    The background's colour may change evenly over the photo (a plane is fitted to each colour along the
    border). None where nothing stands out, or nearly everything does.
    """
    share = _SIDE / max(photo.size)
    size = (max(16, round(photo.width * share)), max(16, round(photo.height * share)))
    pixels = np.asarray(photo.resize(size, Image.Resampling.BILINEAR), dtype=np.float32)
    apart = ndimage.gaussian_filter(_apart_from_ground(pixels), 1) > 4
    foreground = ndimage.binary_closing(ndimage.binary_opening(apart), iterations=2)
    labels, count = ndimage.label(foreground)
    if not count:
        return None
    sizes = ndimage.sum_labels(foreground, labels, range(1, count + 1))
    # Dust on the background is not the part, but a part may have several pieces.
    part = np.isin(labels, 1 + np.flatnonzero(sizes >= 0.1 * sizes.max()))
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    height, width = part.shape
    return (
        float(columns[0] / width),
        float(rows[0] / height),
        float((columns[-1] + 1) / width),
        float((rows[-1] + 1) / height),
    )


def _apart_from_ground(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """How many standard deviations of the background each pixel differs from it: [H, W, 3] -> [H, W]."""
    height, width = pixels.shape[:2]
    edge = max(2, round(_BORDER * min(height, width)))
    border = np.ones((height, width), dtype=bool)
    border[edge:-edge, edge:-edge] = False
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    plane = np.stack([np.ones_like(x), x, y], axis=-1).astype(np.float32)
    fitted, *_ = np.linalg.lstsq(plane[border], pixels[border], rcond=None)
    rest = pixels - plane @ fitted
    # Plus two grey levels: on a background without noise everything would stand out.
    deviation = 1.4826 * np.median(np.abs(rest[border]), axis=0) + 2
    return np.asarray(np.sqrt(np.square(rest / deviation).mean(axis=-1)), dtype=np.float32)


def _clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), max(low, high))


def _on_pixels(box: Box, size: tuple[int, int]) -> Box:
    width, height = size
    left, right = round(box[0] * width), max(round(box[2] * width), round(box[0] * width) + 1)
    top, bottom = round(box[1] * height), max(round(box[3] * height), round(box[1] * height) + 1)
    return left / width, top / height, right / width, bottom / height
