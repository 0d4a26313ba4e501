"""Intervals of a share, seen `count` times among `n`.

Both take parts of a count, too: a weighted sample is worth an effective number of photos (live_line).
"""

from __future__ import annotations

import math

import numpy as np

from inspector.monitoring.statistics.distributions import beta_quantile, normal_quantile

LEVEL = 0.95
# The rates of which 1, 2 or 3 events or more are seen in 5 % of samples: half the 5 % quantile of chi-square
# with 2, 4 and 6 degrees of freedom.
_RARE = (0.0, 0.05129329, 0.35536151, 0.81769145)


def exact(count: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """The interval that covers in `level` of samples at least (Clopper and Pearson 1934, Biometrika 26).

    Its bounds are the shares at which so many events or more, and so many or fewer, have half of the rest of
    the probability: quantiles of beta distributions. It is longer than it need be, most of all with few
    events.
    """
    tail = (1 - level) / 2
    low = beta_quantile(tail, count, n - count + 1) if count > 0 else 0.0
    high = beta_quantile(1 - tail, count + 1, n - count) if count < n else 1.0
    return low, high


def wilson(count: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """The shares that the score test does not refuse (Wilson 1927, JASA 22):

    (p + z^2/2n -+ z sqrt(p (1 - p) / n + z^2/4n^2)) / (1 + z^2/n).
    """
    z, share = normal_quantile((1 + level) / 2), count / n
    middle = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = ((middle + side * half) / (1 + z * z / n) for side in (-1, 1))
    return (max(0.0, low) if count > 0 else 0.0), (min(1.0, high) if count < n else 1.0)


def modified_wilson(count: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval, corrected where events are rare (Brown, Cai and DasGupta 2001, Statistical
    Science 16).

    With one to three events Wilson's lower bound lies too high, and the interval then covers in as few as 84
    % of samples. There the bound is the rate at which so many events have a probability of 5 %; the upper
    bound cannot fail at such rates, so all 5 % may be spent below. The same is done near a share of 1.
    Between whole counts the bound is interpolated, up to the four events from which Wilson's own is right.
    """
    low, high = wilson(count, n)
    return _rare(count, n, low), 1 - _rare(n - count, n, 1 - high)


def _rare(count: float, n: float, bound: float) -> float:
    if count >= 4 or n <= 4:
        return bound
    known = 4 if n > 50 else 3  # as published: with up to 50 photos, three events are corrected no longer
    rates = [*_RARE[:known], *(wilson(events, n)[0] * n for events in range(known, 5))]
    return min(bound, float(np.interp(count, range(5), rates)) / n)
