"""How well scores tell damaged photos from good ones, and whether one method does so better than another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detection.metrics import image_auroc

_DRAWS = 500
Scores = NDArray[np.float64]
# A method's scores of the good photos, and of the damaged ones.
Both = tuple[Scores, Scores]


def auroc(both: Both) -> float:
    """0 where there are none of one kind."""
    scores = np.concatenate(both)
    return float(image_auroc(scores, np.arange(len(scores)) >= len(both[0])) or 0.0)


def resampled(both: Both) -> list[float]:
    """The AUROC of resamples: the same draws for all methods that scored the same photos."""
    draw, (good, damaged) = np.random.default_rng(0), both
    places = [
        (draw.integers(len(good), size=len(good)), draw.integers(len(damaged), size=len(damaged)))
        for _ in range(_DRAWS)
    ]
    return [auroc((good[ones], damaged[others])) for ones, others in places]


def sureness(one: Both, other: Both) -> float:
    """The share of resamples in which one tells better than the other, both having scored the same photos."""
    return float(np.mean(np.array(resampled(one)) > np.array(resampled(other))))
