"""Whether subgroups vary as chance alone makes them, and so which chart is right: p or Laney's p'.

Two measures, because they fail in different ways. The chi-square of dispersion (Fisher 1925; Snedecor and
Cochran 1989, Statistical Methods, section 11.7) sums the squared standardised shares, so it also rises where
the level moved during the base period. Laney's sigma_z compares neighbours only, so a moved level hardly
raises it. Both high: every subgroup has a level of its own, and p' is right. Only the first: the base period
holds two levels, and no chart corrects that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from inspector.monitoring.statistics.distributions import chi_square_above, normal_quantile
from inspector.monitoring.statistics.p_chart import (
    Base,
    Chart,
    Kind,
    Subgroup,
    base_of,
    laney,
    p_chart,
    sigma_z,
)

LEAST_SUBGROUPS = 20
# Below this the shares are too coarse for either measure: most subgroups have no defective part.
LEAST_EXPECTED = 1.0
LEVEL = 0.95


class Finding(StrEnum):
    CHANCE = "chance"
    OVER = "over"
    UNDER = "under"
    MOVED = "moved"
    SHORT = "short"
    SPARSE = "sparse"


@dataclass(frozen=True)
class Dispersion:
    """`sigma_z` with its 95 % interval; 1 is what chance makes. `p_value`: how often chance alone gives so
    large a chi-square. `expected`: defective parts in a usual subgroup."""

    finding: Finding
    sigma_z: float
    low: float
    high: float
    chi_square: float
    freedom: int
    p_value: float
    expected: float
    subgroups: int

    @property
    def right(self) -> Kind:
        """The chart to draw."""
        return Kind.LANEY if self.finding is Finding.OVER else Kind.P

    def in_words(self) -> str:
        return _WORDS[self.finding].format(
            percent=abs(100 * (self.sigma_z - 1)),
            subgroups=self.subgroups,
            least=LEAST_SUBGROUPS,
            expected=self.expected,
        )


_WORDS = {
    Finding.CHANCE: "Subgroups differ only by chance, so the p chart is right.",
    Finding.OVER: "Neighbouring subgroups differ {percent:.0f} % more than by chance: each has its own "
    "level. Laney's p' chart is right; a p chart would call too many of them out of control.",
    Finding.UNDER: "Neighbouring subgroups differ {percent:.0f} % less than by chance. Check whether parts "
    "are counted twice, or sorted before they come here. The p chart is used; its limits are on "
    "the safe side.",
    Finding.MOVED: "Neighbouring subgroups differ only by chance, but over the whole base period they "
    "differ more: the level moved. The p chart is used; choose a base period in which the line ran evenly.",
    Finding.SHORT: "The base period has only {subgroups} subgroups with parts; their variation cannot be "
    "estimated from fewer than {least}. The p chart is used; choose a longer base period.",
    Finding.SPARSE: "A typical subgroup has {expected:.1f} defective parts, too few to estimate their "
    "variation. The p chart is used; choose longer subgroups.",
}


def dispersion(subgroups: Sequence[Subgroup], base: slice = slice(None)) -> Dispersion:
    """How subgroups of the base period vary. NoLimits as in `p_chart.laney`."""
    known = base_of(subgroups, base)
    ratio = sigma_z(known)
    low, high = _interval(ratio, len(known.z))
    square, freedom = float((known.z**2).sum()), len(known.z) - 1
    p_value = chi_square_above(square, freedom)
    expected = known.centre * float(np.median(known.sizes))
    finding = _finding(known, low, high, p_value, expected)
    return Dispersion(finding, ratio, low, high, square, freedom, p_value, expected, len(known.z))


def right_chart(
    subgroups: Sequence[Subgroup], base: slice = slice(None), drawn: slice = slice(None)
) -> tuple[Chart, Dispersion]:
    """The chart that the data ask for, and why. NoLimits as in `p_chart.laney`."""
    known = dispersion(subgroups, base)
    return (laney if known.right is Kind.LANEY else p_chart)(subgroups, base, drawn), known


def _interval(ratio: float, count: int) -> tuple[float, float]:
    """Of sigma by moving ranges. Its variance is sigma^2 (0.8264 k - 1.082) / (k - 1)^2 (Roes, Does and
    Schurink 1993, Journal of Quality Technology 25); the interval is taken of its logarithm, because it is
    skewed."""
    error = math.sqrt(max(0.0, 0.8264 * count - 1.082)) / (count - 1)
    reach = math.exp(normal_quantile((1 + LEVEL) / 2) * error)
    return ratio / reach, ratio * reach


def _finding(base: Base, low: float, high: float, p_value: float, expected: float) -> Finding:
    if len(base.z) < LEAST_SUBGROUPS:
        return Finding.SHORT
    if expected < LEAST_EXPECTED:
        return Finding.SPARSE
    if low > 1:
        return Finding.OVER
    if high < 1:
        return Finding.UNDER
    return Finding.MOVED if p_value < (1 - LEVEL) / 2 else Finding.CHANCE
