"""How well scores separate damaged photos from good ones, and whether one method does so better than
another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detection.metrics.image import image_auroc

_DRAWS = 500
Scores = NDArray[np.float64]
# A method's scores of good photos, and of damaged ones.
Both = tuple[Scores, Scores]


def auroc(both: Both) -> float:
    """0 if there are none of one kind."""
    scores = np.concatenate(both)
    return float(image_auroc(scores, np.arange(len(scores)) >= len(both[0])) or 0.0)


def resampled(both: Both) -> list[float]:
    """The AUROC of resamples; the same draws for all methods that scored the same photos."""
    draw, (good, damaged) = np.random.default_rng(0), both
    if not len(good) or not len(damaged):
        return [0.0] * _DRAWS
    # Of each pair, whether the damaged photo has the larger score; a tie counts half. A resample's AUROC is
    # their mean, each photo weighted by how often it was drawn.
    larger = (good[:, None] < damaged) + 0.5 * (good[:, None] == damaged)
    aurocs = []
    for _ in range(_DRAWS):
        ones = np.bincount(draw.integers(len(good), size=len(good)), minlength=len(good))
        others = np.bincount(draw.integers(len(damaged), size=len(damaged)), minlength=len(damaged))
        aurocs.append(float(ones @ larger @ others) / larger.size)
    return aurocs


def sureness(one: Both, other: Both) -> float:
    """The share of resamples in which one separates better than the other; both scored the same photos."""
    return float(np.mean(np.array(resampled(one)) > np.array(resampled(other))))
