"""Attributions as pictures over a photo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detection.drawing import heatmap
from detection.types import MapScale

# Below this share of the largest value nothing is drawn; and how dense the densest colour is.
_FROM, _DENSE = 0.15, 200
# What raises the score, and what lowers it: apart for colour-blind people, too.
RAISES, LOWERS = (200, 30, 30), (20, 90, 200)


def heat(photo: Image.Image, values: NDArray[np.float32]) -> Image.Image:
    """Values >= 0 [H, W] as colours over the photo, on a scale of their own: attributions have no unit."""
    most = float(values.max())
    if most <= 0:
        return photo.copy()
    return heatmap.overlay(photo, values, MapScale(_FROM * most, most))


def signed(photo: Image.Image, values: NDArray[np.float32]) -> Image.Image:
    """Values [H, W] over the photo, red above zero and blue below, the denser the larger."""
    most = float(np.abs(values).max())
    if most <= 0:
        return photo.copy()
    shares = values / most
    layer = np.zeros((*values.shape, 4), np.uint8)
    layer[..., :3] = np.where((shares >= 0)[..., None], RAISES, LOWERS)
    strength = np.abs(shares)
    layer[..., 3] = np.where(strength >= _FROM / 3, _DENSE * strength, 0).astype(np.uint8)
    over = Image.fromarray(layer).resize(photo.size, Image.Resampling.NEAREST)
    return Image.alpha_composite(photo.convert("RGBA"), over).convert("RGB")
