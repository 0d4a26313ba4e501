"""Where a threshold can be put, and what each place means. An image is flagged at or above it.

All functions take finite scores and return a finite number, also with ties, constant scores and a single
score.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Basis = Literal["conformal", "tail", "few"]

# With only one good score, the threshold is this many times it: a guess, and reported as one.
MARGIN = 2.0
# If this many good scores lie beyond a limit, single photos do not move it; with fewer the tail is fitted.
STEADY = 10
# With fewer good scores the tail is not fitted.
FEW = 20
# The share of good scores that is the tail; and a score is odd if expected only once in this many such sets.
_TAIL, ODD = 0.25, 20
# Among equally good thresholds, one that flags at most this share of good parts is preferred.
KEPT = 0.01
# Stands for a score that is not a number: the worst possible, because something is wrong with such an image.
WORST = float(np.finfo(np.float32).max)
# Tolerance for rounding: 0.1 * 30 is a little more than 3, and (1 - 0.9) * 10 a little less than 1.
_CRUMB = 1e-9


def is_number(scores: ArrayLike) -> NDArray[np.bool_]:
    """Which scores can be used for a threshold: not NaN, not infinite, and not WORST."""
    values = np.asarray(scores, dtype=np.float64)
    return np.isfinite(values) & (np.abs(values) < WORST)


def maximise_f1(
    good: ArrayLike, defect: ArrayLike, *, defect_share: float = 0.05, limit: float | None = None
) -> float:
    """The threshold with the largest F1 where `defect_share` of all parts are defective.

    good, defect: scores of labelled images, at least one of each; each class is weighted by its share of all
    parts, not by its number of images. Among equally good places it is the lowest that flags at most KEPT of
    the good images, otherwise the highest. Between two neighbouring scores it is at `limit`, the score that
    few good parts reach, if that lies there; otherwise in the middle (`between`). If flagging everything is
    best, it is the lowest score.
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
    """The score that at most `share` of good parts reach, and how it was determined.

    If `share` of the scores are at least STEADY, by `conformal`. With fewer, one or two odd photos would set
    it, so the tail is fitted: logarithms of the scores above the upper quarter are assumed to be exponential
    (a Pareto tail, Hill 1975), and the limit is what a further score exceeds with a chance of `share`, the
    spread being estimated from k scores: u * exp(b * k * ((p_u / share) ** (1 / k) - 1)). Odd scores (see
    `odd`) count as the largest that is not odd. With fewer than FEW scores, or scores at 0 and below, the
    bound of `above_good` on logarithms.
    """
    values = np.sort(np.asarray(scores, dtype=np.float64))
    count = len(values)
    if share * (count + 1) >= STEADY - _CRUMB:
        return conformal(values, share), "conformal"
    if count < FEW or values[0] <= 0:
        return _bound(values, share), "few"
    return above(_tail(values, share)), "tail"


def odd(scores: ArrayLike) -> NDArray[np.bool_]:
    """Which scores of good photos are larger than the others explain.

    By the tail of `limit`, with its spread from the median, which odd scores do not influence: a score is odd
    if expected only once in ODD such sets. None with fewer than FEW scores, or if one is not above 0.
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
    """Where the upper quarter of rising scores above 0 begins, and how far above it their logarithms are."""
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

    If the percentile lies beyond the largest of few scores, it is the upper prediction bound of a normal
    distribution for a further score (mean + t * s * sqrt(1 + 1/n)), and never below the largest score. With a
    single score, `guess`.
    """
    values = np.asarray(scores, dtype=np.float64)
    count, largest = len(values), float(values.max())
    if count == 1:
        return guess(values)
    share = percentile / 100
    if share < 1 and count * (1 - share) >= 1:
        return above(float(np.quantile(values, share)))
    # The 100th percentile has no bound; the 99.9th is used instead.
    quantile = float(stats.t.ppf(min(share, 0.999), count - 1))
    bound = float(values.mean() + quantile * values.std(ddof=1) * np.sqrt(1 + 1 / count))
    return above(max(largest, bound))


def conformal(scores: ArrayLike, share: float) -> float:
    """The lowest threshold that flags at most `share` of good parts, by split conformal prediction.

    Among n + 1 good parts, n of which have these scores, each is equally likely to be the one judged. So a
    threshold just above the ceil((1 - share)(n + 1))-th smallest score flags a further one with a probability
    of at most `share`, whatever the distribution of scores (Vovk et al. 2005; Laxhammar and Falkman 2010). A
    score is flagged exactly if its `p_value` is at most `share`.

    share: at least `smallest_share` of n, and below 1.
    """
    values = np.sort(np.asarray(scores, dtype=np.float64))
    beyond = math.floor(share * (len(values) + 1) + _CRUMB)
    return above(float(values[len(values) - max(1, beyond)]))


def smallest_share(count: int) -> float:
    """The smallest share of flagged good parts that this number of good scores can guarantee."""
    return 1 / (count + 1)


def reach_recall(good: ArrayLike, defect: ArrayLike, target: float) -> float:
    """The highest threshold that detects at least `target` of defects like these, in the sense of
    `conformal`.

    That is the ceil(target (n + 1))-th largest score of the n defects, or the lowest if they are too few for
    the target. The threshold is in the middle (`between`) of that score and the next lower one.
    """
    bad = np.sort(np.asarray(defect, dtype=np.float64))
    rank = min(len(bad), max(1, math.ceil(target * (len(bad) + 1) - _CRUMB)))
    lowest_flagged = float(bad[len(bad) - rank])
    every = np.concatenate([np.asarray(good, dtype=np.float64), bad])
    lower = every[every < lowest_flagged]
    return between(float(lower.max()), lowest_flagged) if len(lower) else lowest_flagged


def reached(scores: ArrayLike, share: float) -> float:
    """The highest score that at least `share` of these reach."""
    values = np.sort(np.asarray(scores, dtype=np.float64))
    return float(values[math.floor((1 - share) * len(values) + _CRUMB)])


def largest_recall(count: int) -> float:
    """The largest recall that this number of defects can guarantee."""
    return count / (count + 1)


def guess(scores: ArrayLike) -> float:
    """MARGIN times the largest score, for lack of anything better; above it also if it is negative."""
    largest = float(np.max(np.asarray(scores, dtype=np.float64)))
    return above(largest + (MARGIN - 1) * abs(largest))


def above(value: float) -> float:
    """The next float: an image that scores exactly `value` is OK."""
    return float(np.nextafter(value, np.inf))


def between(low: float, high: float) -> float:
    """The middle of two scores, above `low` and not above `high`.

    Scores are products of distances and span decades, so their logarithms are nearly normal. The middle is
    therefore the geometric mean.
    """
    middle = math.sqrt(low) * math.sqrt(high) if low > 0 else (low + high) / 2
    return middle if low < middle <= high else float(high)
