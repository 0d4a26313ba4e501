"""Whether values are higher than a reference, and since when: rank sums.

Ranks, because scores have long tails: one extreme photo moves a mean, and no rank sum. Mann-Whitney rather
than Kolmogorov-Smirnov, because drift moves all scores one way (a lamp that dims): there it needs fewer
photos, it has a sign, it copes with ties (8-bit brightness), and its effect is easy to say: how often a new
photo scores higher than a former one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inspector.monitoring.statistics.distributions import normal_above, normal_density

# Below this the normal approximation of a rank sum is not to be trusted.
LEAST = 20
# The share of values at either end at which no change is looked for.
TRIM = 0.05

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shift:
    """`percent`: by how much the median is higher than that of the reference, in percent of the latter; None
    where the latter is not above 0. `higher`: the chance that a value lies above one of the reference, ties
    half; 0.5 is no difference."""

    n: int
    reference_n: int
    median: float
    reference_median: float
    percent: float | None
    higher: float
    z: float
    p_value: float


@dataclass(frozen=True)
class Change:
    """The split that parts values best: those from `at` on differ from those before. `p_value` allows for
    having looked at every split."""

    at: int
    before: float
    after: float
    z: float
    p_value: float


def compare(values: ArrayLike, reference: ArrayLike) -> Shift | None:
    """The two-sided test of Mann and Whitney 1947, with ties and a correction for continuity (Hollander,
    Wolfe and Chicken 2014, Nonparametric Statistical Methods, section 4.1). None with less than LEAST values
    on either side."""
    new, known = np.asarray(values, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    n, m = len(new), len(known)
    if min(n, m) < LEAST:
        return None
    ranked = mid_ranks(np.concatenate([new, known]))
    above = float(ranked[:n].sum()) - n * (n + 1) / 2
    spread = math.sqrt(n * m * _rank_variance(ranked) / (n + m))
    excess = above - n * m / 2
    z = math.copysign(max(0.0, abs(excess) - 0.5), excess) / spread if spread else 0.0
    median, usual = float(np.median(new)), float(np.median(known))
    percent = percent_above(median, usual)
    return Shift(n, m, median, usual, percent, above / (n * m), z, min(1.0, 2 * normal_above(abs(z))))


def percent_above(value: float, usual: float) -> float | None:
    return 100 * (value / usual - 1) if usual > 0 else None


def change_point(values: ArrayLike) -> Change | None:
    """Where values, in the order of time, change their level: the split with the largest standardised rank
    sum.

    Lausen and Schumacher 1992, Maximally selected rank statistics, Biometrics 48; the p-value by the
    approximation of Miller and Siegmund 1982 that they give. It assumes independent values: give medians
    of hours rather than single photos, because photos of one lot resemble each other. None with less than 2
    LEAST values, or where all are equal.
    """
    series = np.asarray(values, dtype=np.float64)
    n = len(series)
    if n < 2 * LEAST or series.min() == series.max():
        return None
    ranked = mid_ranks(series)
    splits = np.arange(1, n)
    excess = np.cumsum(ranked)[:-1] - splits * (n + 1) / 2
    z = excess / np.sqrt(splits * (n - splits) * _rank_variance(ranked) / n)
    edge = max(1, math.ceil(TRIM * n))
    at = edge + int(np.abs(z[edge - 1 : n - edge]).argmax())
    # Ranks before the split are low where the level rose.
    best = -float(z[at - 1])
    before, after = float(np.median(series[:at])), float(np.median(series[at:]))
    return Change(at, before, after, best, _selected(abs(best), edge / n))


def mid_ranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[place], dtype=np.float64)


def _rank_variance(ranked: Floats) -> float:
    """With n - 1 in the denominator: (n + 1) n / 12 without ties, less with them."""
    return float(ranked.var(ddof=1))


def _selected(z: float, edge: float) -> float:
    """How often the largest |z| of all splits between `edge` and 1 - edge is as large by chance."""
    if z <= 1:
        return 1.0
    tail = normal_density(z) * ((z - 1 / z) * 2 * math.log((1 - edge) / edge) + 4 / z)
    return min(1.0, tail)
