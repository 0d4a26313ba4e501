"""The pointing game (Zhang et al. 2018, arXiv:1608.00507): does the largest value lie on the defect?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from detection.errors import UnreadableImage
from detection.photos import masks
from detection.photos.masks import Convention
from detection.photos.transforms import Prepared, cut
from detection.types import LabelledImage

# A place at most this share of the shorter side away from the mask counts as on it.
BESIDE = 0.05


def of(photo: LabelledImage, prepared: Prepared, how: Convention) -> NDArray[np.bool_] | None:
    """The mask of a photo as the model reads it, and a little around it: [H, W]; None where it has none,
    one that cannot be read, an empty one, or one of other proportions."""
    if photo.mask is None:
        return None
    try:
        marked = masks.full(photo.mask, how)
    except (UnreadableImage, OSError):  # the evaluation names it
        return None
    if not masks.fits(marked.shape, photo.path):
        return None
    whole = Image.fromarray(marked.astype(np.uint8) * 255)
    height, width = prepared.pixels.shape[1:]
    part = cut(whole, prepared.window).resize((width, height), Image.Resampling.BOX)
    reach = max(1, round(BESIDE * min(height, width)))
    here = np.asarray(part) > 0
    return np.asarray(ndimage.binary_dilation(here, iterations=reach), dtype=np.bool_) if here.any() else None


def hit(attribution: NDArray[np.float32], where: NDArray[np.bool_]) -> tuple[bool, float]:
    """Whether the largest value lies on the mask, and the share of the photo that the mask takes.

    Where many pixels have the largest value, such as a superpixel, the one nearest to their middle counts.
    """
    rows, columns = np.nonzero(attribution == attribution.max())
    middle = np.hypot(rows - rows.mean(), columns - columns.mean()).argmin()
    return bool(where[rows[middle], columns[middle]]), float(where.mean())
