"""The places where a threshold can be put, each with its meaning. An image is flagged at or above it.

All take finite scores and give a finite number: with ties, constant scores and a single score too.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

# With a single good score to go by, the threshold is this many times it: a guess, and said to be one.
MARGIN = 2.0
# What a score that is no number counts as: the worst there is. Something is wrong with such an image.
WORST = float(np.finfo(np.float32).max)
# 0.1 * 30 is a little more than 3, and (1 - 0.9) * 10 a little less than 1: such crumbs change no count.
_CRUMB = 1e-9


def is_number(scores: ArrayLike) -> NDArray[np.bool_]:
    """Which scores a threshold can be put by: neither NaN nor infinite, nor WORST in their place."""
    values = np.asarray(scores, dtype=np.float64)
    return np.isfinite(values) & (np.abs(values) < WORST)


def maximise_f1(good: ArrayLike, defect: ArrayLike) -> float:
    """The threshold with the largest F1 on the scores of good and of defective images (one at least).

    It lies halfway between two neighbouring scores. Where several places are equally good, the
    middle one is taken (of two, the lower: a defect passed costs more than a good part looked at
    twice). Where flagging everything is best, it is the lowest score.
    """
    bad = np.sort(np.asarray(defect, dtype=np.float64))
    every = np.sort(np.concatenate([np.asarray(good, dtype=np.float64), bad]))
    steps = np.unique(every)
    hits = len(bad) - np.searchsorted(bad, steps)
    flagged = len(every) - np.searchsorted(every, steps)
    f1 = 2 * hits / (flagged + len(bad))
    best = np.flatnonzero(f1 == f1.max())
    place = int(best[(len(best) - 1) // 2])
    return _between(steps[place - 1], steps[place]) if place else float(steps[0])


def above_good(scores: ArrayLike, percentile: float) -> float:
    """A threshold above `percentile` per cent of the good parts that these scores are a sample of.

    With so few scores that the percentile lies beyond the largest of them, it is the upper bound
    that a further score from the same normal distribution keeps to with that probability (mean +
    t * s * sqrt(1 + 1/n)), and never below the largest score. With a single score, `guess`.
    """
    values = np.asarray(scores, dtype=np.float64)
    count, largest = len(values), float(values.max())
    if count == 1:
        return guess(values)
    share = percentile / 100
    if share < 1 and count * (1 - share) >= 1:
        return above(float(np.quantile(values, share)))
    # The 100th percentile has no bound; the next best that a table would have stands in for it.
    quantile = float(stats.t.ppf(min(share, 0.999), count - 1))
    bound = float(values.mean() + quantile * values.std(ddof=1) * np.sqrt(1 + 1 / count))
    return above(max(largest, bound))


def conformal(scores: ArrayLike, share: float) -> float:
    """The lowest threshold that flags at most `share` of good parts, in split conformal prediction.

    Of n + 1 good parts, n of which these scores are of, each is equally likely to be the one judged.
    So a threshold just above the ceil((1 - share)(n + 1))-th smallest score flags a further one with
    a probability of at most `share`, whatever the distribution of scores (Vovk et al. 2005; Laxhammar
    and Falkman 2010). A score is flagged exactly when its `p_value` is at most `share`.

    share: `smallest_share` of n at least, and below 1.
    """
    values = np.sort(np.asarray(scores, dtype=np.float64))
    beyond = math.floor(share * (len(values) + 1) + _CRUMB)
    return above(float(values[len(values) - max(1, beyond)]))


def smallest_share(count: int) -> float:
    """The smallest share of good parts flagged that so many good scores can promise."""
    return 1 / (count + 1)


def reach_recall(good: ArrayLike, defect: ArrayLike, target: float) -> float:
    """The highest threshold that finds at least `target` of defects like these, in the sense of `conformal`.

    That is the ceil(target (n + 1))-th largest score of the n defects, or the lowest where there are
    too few for the target. The threshold lies halfway between it and the next lower score of all.
    """
    bad = np.sort(np.asarray(defect, dtype=np.float64))
    rank = min(len(bad), max(1, math.ceil(target * (len(bad) + 1) - _CRUMB)))
    lowest_found = float(bad[len(bad) - rank])
    every = np.concatenate([np.asarray(good, dtype=np.float64), bad])
    lower = every[every < lowest_found]
    return _between(float(lower.max()), lowest_found) if len(lower) else lowest_found


def largest_recall(count: int) -> float:
    """The largest recall that so many defects can promise."""
    return count / (count + 1)


def guess(scores: ArrayLike) -> float:
    """MARGIN times the largest score, for want of anything better; above it also where it is negative."""
    largest = float(np.max(np.asarray(scores, dtype=np.float64)))
    return above(largest + (MARGIN - 1) * abs(largest))


def above(value: float) -> float:
    """The next number: an image that scores exactly `value` is OK."""
    return float(np.nextafter(value, np.inf))


def _between(low: float, high: float) -> float:
    middle = float((low + high) / 2)
    return middle if middle > low else float(high)
