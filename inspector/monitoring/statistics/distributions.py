"""Tails and quantiles of the beta, chi-square and normal distributions.

Continued fractions and series after Press et al. 2007, Numerical Recipes, sections 6.2 and 6.4; quantiles by
bisection, which cannot fail and takes well under a millisecond.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

_TINY = 1e-300
_EXACT = 1e-15
_STEPS = 100_000


def normal_quantile(share: float) -> float:
    return NormalDist().inv_cdf(share)


def normal_above(z: float) -> float:
    """The share of a standard normal distribution above z."""
    return math.erfc(z / math.sqrt(2)) / 2


def normal_density(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def beta_below(x: float, a: float, b: float) -> float:
    """The share of the Beta(a, b) distribution below x: the regularised incomplete beta function I_x(a,
    b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    # The fraction converges fast on this side of the mean; the other side follows from I_x(a, b) = 1 -
    # I_1-x(b, a).
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(x, a, b) / a
    return 1 - front * _beta_fraction(1 - x, b, a) / b


def beta_quantile(share: float, a: float, b: float) -> float:
    """The x below which `share` of Beta(a, b) lies."""
    return _bisect(lambda x: beta_below(x, a, b), share, 0.0, 1.0)


def chi_square_above(x: float, freedom: float) -> float:
    """The share of the chi-square distribution with this many degrees of freedom above x."""
    return 1 - _gamma_below(freedom / 2, x / 2) if x > 0 else 1.0


def chi_square_quantile(share: float, freedom: float) -> float:
    """The x below which `share` of the chi-square distribution lies."""
    high = freedom + 10 * math.sqrt(2 * freedom) + 50
    return _bisect(lambda x: 1 - chi_square_above(x, freedom), share, 0.0, high)


def _bisect(rising: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Where a rising function reaches the target, to the last digits of a float."""
    while high - low > 1e-14 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if rising(middle) < target else (low, middle)
    return (low + high) / 2


def _beta_fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of I_x(a, b), by Lentz's method."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _not_zero(1 + term * d)
            c = _not_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _EXACT:
            break
    return value


def _gamma_below(a: float, x: float) -> float:
    """The regularised lower incomplete gamma function P(a, x): a series below the mean, a fraction above."""
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        return front * _gamma_series(a, x)
    return 1 - front * _gamma_fraction(a, x)


def _gamma_series(a: float, x: float) -> float:
    term = total = 1 / a
    for n in range(1, _STEPS):
        term *= x / (a + n)
        total += term
        if term < total * _EXACT:
            break
    return total


def _gamma_fraction(a: float, x: float) -> float:
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / _not_zero(b)
    value = d
    for n in range(1, _STEPS):
        term = -n * (n - a)
        b += 2
        d = 1 / _not_zero(term * d + b)
        c = _not_zero(b + term / c)
        value *= c * d
        if abs(c * d - 1) < _EXACT:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
