"""How unusual a score is among good parts, as a probability."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from detection.results import PValueShare

LEVELS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
# A disagreement of good test images with those kept from training is reported if it is less likely than this.
_UNLIKELY = 0.01


def p_values(scores: ArrayLike, good_scores: Sequence[float]) -> NDArray[np.float64]:
    """(1 + how many of the n good scores are at least as large) / (n + 1), for each score [N].

    good_scores: of good images kept from training, in rising order, at least one. For a good part, the chance
    of a p-value of at most p is at most p (the conformal p-value of Vovk et al. 2005).
    """
    below = np.searchsorted(np.asarray(good_scores, dtype=np.float64), np.asarray(scores), side="left")
    count = len(good_scores)
    return np.asarray((1 + count - below) / (count + 1), dtype=np.float64)


def p_value(score: float, good_scores: Sequence[float]) -> float | None:
    """The p-value of one score; None without good scores to compare it with."""
    return float(p_values([score], good_scores)[0]) if good_scores else None


def reliability(p_values: ArrayLike, n_good_scores: int) -> tuple[PValueShare, ...]:
    """Whether p-values of good test images are correct: the share of them that is at most p, which should be
    about p.

    At those LEVELS that this number of good scores can give.
    """
    values = np.sort(np.asarray(p_values, dtype=np.float64))
    if not len(values):
        return ()
    levels = [level for level in LEVELS if level * (n_good_scores + 1) >= 1]
    shares = np.searchsorted(values, np.array(levels) + 1e-12, side="right") / len(values)
    return tuple(
        PValueShare(level, float(share), len(values)) for level, share in zip(levels, shares, strict=True)
    )


def surprise(points: Sequence[PValueShare], n_good_scores: int) -> str | None:
    """A warning if good test images look less like those kept from training than chance explains.

    If both are of one kind, the number of n test images with a p-value of at most k/(m + 1) follows a
    beta-binomial distribution with k and m + 1 - k. The smallest p-value of these tests is used, times their
    number.
    """
    if not points:
        return None
    ranks = [int(point.p * (n_good_scores + 1) + 1e-9) for point in points]
    chances = [
        float(stats.betabinom.sf(point.count - 1, point.n, rank, n_good_scores + 1 - rank))
        for rank, point in zip(ranks, points, strict=True)
    ]
    least = int(np.argmin(chances))
    worst = points[least]
    if chances[least] * len(points) >= _UNLIKELY:
        return None
    return (
        f"The good test photos look more unusual than those the model was calibrated on: {worst.count} of "
        f"{worst.n} have a p-value of at most {worst.p:g}. Expect more false alarms "
        "than the threshold and the p-values promise, or add photos like these to training."
    )
