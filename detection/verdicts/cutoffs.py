"""The places where a threshold can be put, each with its meaning. An image is flagged at or above it.

All take finite scores and give a finite number: with ties, constant scores and a single score too.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Basis = Literal["conformal", "tail", "few"]

# With a single good score to go by, the threshold is this many times it: a guess, and said to be one.
MARGIN = 2.0
# Where this many good scores lie beyond a limit, single photos do not move it; with fewer the tail is fitted.
STEADY = 10
# Fewer good scores show no tail.
FEW = 20
# What counts as the tail of good scores, and in how many such sets a photo has to be expected once to be odd.
_TAIL, ODD = 0.25, 20
# Equally good thresholds are told apart by this share of good parts flagged.
KEPT = 0.01
# What a score that is no number counts as: the worst there is. Something is wrong with such an image.
WORST = float(np.finfo(np.float32).max)
# 0.1 * 30 is a little more than 3, and (1 - 0.9) * 10 a little less than 1: such crumbs change no count.
_CRUMB = 1e-9


def is_number(scores: ArrayLike) -> NDArray[np.bool_]:
    """Which scores a threshold can be put by: neither NaN nor infinite, nor WORST in their place."""
    values = np.asarray(scores, dtype=np.float64)
    return np.isfinite(values) & (np.abs(values) < WORST)


def maximise_f1(
    good: ArrayLike, defect: ArrayLike, *, defect_share: float = 0.05, limit: float | None = None
) -> float:
    """The threshold with the largest F1 where `defect_share` of all parts are defective.

    good, defect: scores of labelled images, one of each at least; each class counts by its share, not by
    how many images of it there are. Of several places that are equally good it is the lowest at which at
    most KEPT of the good images are flagged, else the highest. Between two neighbouring scores it lies at
    `limit`, the score that few good parts reach, where that is there; else at their middle (`between`).
    Where flagging everything is best, it is the lowest score.
    """
    well, bad = np.asarray(good, dtype=np.float64), np.sort(np.asarray(defect, dtype=np.float64))
    steps = np.unique(np.concatenate([well, bad]))
    recall = 1 - np.searchsorted(bad, steps) / len(bad)
    alarms = 1 - np.searchsorted(np.sort(well), steps) / len(well)
    f1 = 2 * defect_share * recall / (defect_share * (1 + recall) + (1 - defect_share) * alarms)
    best = np.flatnonzero(f1 >= f1.max() * (1 - _CRUMB))
    calm = best[alarms[best] <= KEPT]
    place = int(calm[0] if len(calm) else best[-1])
    if not place:
        return float(steps[0])
    low, high = float(steps[place - 1]), float(steps[place])
    if limit is not None and limit <= high:
        return max(limit, above(low))
    return between(low, high)


def limit(scores: ArrayLike, share: float) -> tuple[float, Basis]:
    """The score that at most `share` of good parts reach, and what that stands on.

    Where `share` of the scores are STEADY at least it is `conformal`. With fewer, one or two odd
    photos would set it; so the tail is fitted: logarithms of the scores above the upper quarter are taken
    as exponential (a Pareto tail, Hill 1975), and the limit is what a further score exceeds with a chance of
    `share`, the spread being estimated from k scores: u * exp(b * k * ((p_u / share) ** (1 / k) - 1)). Odd
    ones (see `odd`) count as the largest that is not. With fewer than FEW scores, or scores at 0 and
    below, the bound of `above_good` on logarithms.
    """
    values = np.sort(np.asarray(scores, dtype=np.float64))
    count = len(values)
    if share * (count + 1) >= STEADY - _CRUMB:
        return conformal(values, share), "conformal"
    if count < FEW or values[0] <= 0:
        return _bound(values, share), "few"
    return above(_tail(values, share)), "tail"


def odd(scores: ArrayLike) -> NDArray[np.bool_]:
    """Which scores of good photos are so large that the others do not explain them.

    By the tail of `limit`, its spread taken from the median so that odd ones have no say in it: odd is what
    is expected once in ODD such sets. None of fewer than FEW scores, or where one is not above 0.
    """
    values = np.asarray(scores, dtype=np.float64)
    if len(values) < FEW or values.min() <= 0:
        return np.zeros(len(values), dtype=bool)
    return np.asarray(values > _odd_from(np.sort(values)))


def _odd_from(values: NDArray[np.float64]) -> float:
    start, beyond = _upper(values)
    spread = float(np.median(beyond)) / math.log(2)
    return start * math.exp(spread * math.log(len(beyond) * ODD))


def _upper(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Where the upper quarter of rising scores above 0 begins, and how far their logarithms lie above it."""
    number = math.ceil(len(values) * _TAIL)
    start = float(values[-number - 1])
    return start, np.asarray(np.log(values[-number:] / start))


def _tail(values: NDArray[np.float64], share: float) -> float:
    start, _ = _upper(values)
    usual = values[values <= _odd_from(values)]
    _, beyond = _upper(np.minimum(values, usual[-1]))
    number = len(beyond)
    ratio = max(1.0, number / (len(values) + 1) / share)
    return start * math.exp(float(beyond.mean()) * number * (ratio ** (1 / number) - 1))


def _bound(values: NDArray[np.float64], share: float) -> float:
    if len(values) > 1 and values[0] > 0:
        return above(math.exp(min(above_good(np.log(values), 100 * (1 - share)), math.log(WORST) - 1)))
    return above_good(values, 100 * (1 - share))


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
    too few for the target. The threshold lies in the middle (`between`) of it and the next lower score.
    """
    bad = np.sort(np.asarray(defect, dtype=np.float64))
    rank = min(len(bad), max(1, math.ceil(target * (len(bad) + 1) - _CRUMB)))
    lowest_found = float(bad[len(bad) - rank])
    every = np.concatenate([np.asarray(good, dtype=np.float64), bad])
    lower = every[every < lowest_found]
    return between(float(lower.max()), lowest_found) if len(lower) else lowest_found


def reached(scores: ArrayLike, share: float) -> float:
    """The highest score that at least `share` of these reach."""
    values = np.sort(np.asarray(scores, dtype=np.float64))
    return float(values[math.floor((1 - share) * len(values) + _CRUMB)])


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


def between(low: float, high: float) -> float:
    """The middle of two scores, above `low` and not above `high`.

    Scores are products of distances and span decades: it is their logarithms that are nearly normal.
    So the middle is the geometric one, as many times `low` as `high` is of it.
    """
    middle = math.sqrt(low) * math.sqrt(high) if low > 0 else (low + high) / 2
    return middle if low < middle <= high else float(high)
