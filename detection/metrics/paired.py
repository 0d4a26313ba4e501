"""Do two models judged on the same images differ by more than chance? By NumPy alone, without SciPy."""

from __future__ import annotations

from math import comb, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEVEL = 0.95
_Z = NormalDist().inv_cdf((1 + LEVEL) / 2)

Floats = NDArray[np.float64]


def auroc_difference(
    scores: ArrayLike, others: ArrayLike, is_defect: ArrayLike
) -> tuple[float, float] | None:
    """The 95 % interval of the AUROC of `scores` minus that of `others` [N each], on the same images.

    DeLong et al. 1988, computed by ranks as in Sun and Xu 2014. None unless there are at least two images of
    each kind, or where there is no variance in either AUROC.
    """
    truth = np.asarray(is_defect, dtype=bool)
    n_defect, n_good = int(truth.sum()), int((~truth).sum())
    if min(n_defect, n_good) < 2:
        return None
    placed = [_placements(np.asarray(one, dtype=np.float64), truth) for one in (scores, others)]
    defects = placed[0][0] - placed[1][0]
    good = placed[0][1] - placed[1][1]
    error = sqrt(defects.var(ddof=1) / n_defect + good.var(ddof=1) / n_good)
    if error == 0:
        return None
    change = float(defects.mean())
    return change - _Z * error, change + _Z * error


def mcnemar(only_first: int, only_second: int) -> float:
    """The exact two-sided p-value for images that only one of two models judged correctly (McNemar 1947):
    the chance of this split, or a more uneven one, with a coin toss for each of them."""
    n, least = only_first + only_second, min(only_first, only_second)
    tail = sum(comb(n, k) for k in range(least + 1)) / 2**n
    return float(min(1.0, 2 * tail))


def _placements(scores: Floats, truth: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """For each defect the share of good images below it, for each good image the share of defects above
    it; a tie counts half. The mean of either is the AUROC."""
    defects, good = np.sort(scores[truth]), np.sort(scores[~truth])
    below = _rank(good, scores[truth]) / len(good)
    above = 1 - _rank(defects, scores[~truth]) / len(defects)
    return below, above


def _rank(ordered: Floats, values: Floats) -> Floats:
    left = np.searchsorted(ordered, values, "left")
    return np.asarray((left + np.searchsorted(ordered, values, "right")) / 2, dtype=np.float64)
