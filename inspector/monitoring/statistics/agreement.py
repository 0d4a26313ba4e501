"""How well two people agree who judged the same photos independently of each other: Cohen's kappa.

Cohen 1960, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20; the
interval by Fleiss, Cohen and Everitt 1969, Large sample standard errors of kappa and weighted kappa,
Psychological Bulletin 72.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inspector.monitoring.statistics.distributions import normal_quantile
from inspector.monitoring.statistics.shares import LEVEL, exact

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """`observed`: the share of photos that both judged alike, with its exact 95 % interval. `expected`: the
    share that two people would judge alike who decide as often as these do for each answer, but blindly.

    `kappa` is (observed - expected) / (1 - expected): 1 is full agreement, 0 what chance gives. None where
    both gave one and the same answer to all photos: then chance explains full agreement, and nothing can be
    said.
    """

    n: int
    observed: float
    observed_low: float
    observed_high: float
    expected: float
    kappa: float | None
    low: float | None
    high: float | None


def agreement(first: Sequence[Hashable], second: Sequence[Hashable]) -> Agreement | None:
    """Of the answers of two people to the same photos, in the same order. None without a photo."""
    if len(first) != len(second):
        raise ValueError(f"{len(first)} answers and {len(second)}")
    # In the order of their first use, because answers need not have an order.
    place = {answer: i for i, answer in enumerate(dict.fromkeys([*first, *second]))}
    table = np.zeros((len(place), len(place)))
    for one, other in zip(first, second, strict=True):
        table[place[one], place[other]] += 1
    return of_table(table)


def of_table(counts: ArrayLike) -> Agreement | None:
    """Of a square table [answer of the first, answer of the second] of counts. None if it is empty."""
    table = np.asarray(counts, dtype=np.float64)
    n = table.sum()
    if n == 0:
        return None
    shares = table / n
    observed, expected = float(np.trace(shares)), float(shares.sum(axis=1) @ shares.sum(axis=0))
    low, high = exact(float(np.trace(table)), float(n))
    # One answer for all: 1 - expected is 0, except for rounding.
    if np.count_nonzero(table) == 1 and np.trace(table) == n:
        return Agreement(int(n), observed, low, high, 1.0, None, None, None)
    kappa = (observed - expected) / (1 - expected)
    return Agreement(
        int(n), observed, low, high, expected, kappa, *_interval(shares, n, kappa, expected, low)
    )


def _interval(
    shares: Floats, n: float, kappa: float, expected: float, observed_low: float
) -> tuple[float, float]:
    """kappa -+ z times its standard error. Where all photos were judged alike there is no variance to go by,
    though few photos prove little: then the lower bound is kappa at the lower bound of the observed
    agreement."""
    if np.trace(shares) > 1 - 1e-12:
        return (observed_low - expected) / (1 - expected), 1.0
    half = normal_quantile((1 + LEVEL) / 2) * math.sqrt(_variance(shares, kappa, expected) / n)
    return max(-1.0, kappa - half), min(1.0, kappa + half)


def _variance(shares: Floats, kappa: float, expected: float) -> float:
    """n times the variance of kappa (Fleiss, Cohen and Everitt 1969, equation 13)."""
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    alike = np.diag(shares) @ (1 - (rows + columns) * (1 - kappa)) ** 2
    apart = shares * (columns[:, None] + rows[None, :]) ** 2
    unlike = (1 - kappa) ** 2 * (apart.sum() - np.trace(apart))
    less = (kappa - expected * (1 - kappa)) ** 2
    return max(0.0, float((alike + unlike - less) / (1 - expected) ** 2))
