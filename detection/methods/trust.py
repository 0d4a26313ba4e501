"""When is a network that learned from made-up damage to be trusted? Where it finds other damage too."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detection.metrics import image_auroc

# It is trusted where it is better in so many of resampled photos. It costs next to nothing once it is
# taught, so more likely than not would do, if made-up damage were like a factory's: hence a little more.
SURE = 0.75
_DRAWS = 500
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trust:
    """trusted: whether the network has a say. alone, together: AUROC of damaged against good photos
    without and with it. sure: the share of resamples in which it helps."""

    trusted: bool
    alone: float
    together: float
    sure: float
    n_good: int
    n_damaged: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def decide(good: tuple[Scores, Scores], damaged: tuple[Scores, Scores]) -> Trust:
    """From scores (alone, together) of photos that nothing scored here has learned from, as they are and
    with kinds of damage that nothing here has learned."""
    n_good, n_damaged = len(good[0]), len(damaged[0])
    if not n_good or not n_damaged:
        return Trust(False, 0.0, 0.0, 0.0, n_good, n_damaged)
    draw = np.random.default_rng(0)
    better = 0
    for _ in range(_DRAWS):
        g, d = draw.integers(n_good, size=n_good), draw.integers(n_damaged, size=n_damaged)
        better += _auroc(good[1][g], damaged[1][d]) > _auroc(good[0][g], damaged[0][d])
    sure = better / _DRAWS
    alone, together = (_auroc(good[k], damaged[k]) for k in (0, 1))
    return Trust(sure >= SURE, alone, together, sure, n_good, n_damaged)


def _auroc(good: Scores, damaged: Scores) -> float:
    scores = np.concatenate([good, damaged])
    return float(image_auroc(scores, np.arange(len(scores)) >= len(good)) or 0.0)
