"""How bright and how sharp a photo is: what tells a lamp or a lens that changes from a part that does."""

from __future__ import annotations

import numpy as np
from PIL import Image

_SIDE = 512  # px, the long side


def brightness(grey: Image.Image) -> float:
    """Mean grey value, from 0 (black) to 255 (white)."""
    counts = np.asarray(grey.histogram(), dtype=np.float64)
    return float(counts @ np.arange(256) / counts.sum())


def sharpness(grey: Image.Image) -> float:
    """Variance of the Laplacian (4 neighbours) of a grey image, at a long side of at most 512 px.

    Always at this scale, because the same part has a smaller Laplacian in a larger photo.
    """
    scale = _SIDE / max(grey.size)
    if scale < 1:
        size = tuple(max(1, round(side * scale)) for side in grey.size)
        grey = grey.resize((size[0], size[1]), Image.Resampling.BOX)
    pixels = np.asarray(grey, dtype=np.int16)
    if min(pixels.shape) < 3:
        return 0.0
    around = pixels[:-2, 1:-1] + pixels[2:, 1:-1] + pixels[1:-1, :-2] + pixels[1:-1, 2:]
    laplacian = (4 * pixels[1:-1, 1:-1] - around).astype(np.int32)
    mean = laplacian.sum(dtype=np.int64) / laplacian.size
    return float(np.square(laplacian).sum(dtype=np.int64) / laplacian.size - mean**2)
