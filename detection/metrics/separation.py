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


def gains(one: Both, other: Both, lit: int = 0) -> list[Scores]:
    """By how much one separates better than the other, in each resample; both scored the same photos.

    lit: how many of the good photos, the last ones, are copies with harmless changes. Twice where there are
    some: among all good photos, and among those as they are. A method that is better must be so in both:
    otherwise one that only tolerates other light better would look as if it saw more damage.
    """
    first = len(one[0]) - lit
    as_they_are = [((one[0][:first], one[1]), (other[0][:first], other[1]))] if lit and first else []
    compared = [(one, other), *as_they_are]
    return [np.array(resampled(this)) - np.array(resampled(that)) for this, that in compared]


def sureness(one: Both, other: Both, lit: int = 0) -> float:
    """The share of resamples in which one separates better than the other: see `gains`."""
    return min(float(np.mean(gain > 0)) for gain in gains(one, other, lit))
