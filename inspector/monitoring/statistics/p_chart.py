"""The share of defective parts over time as a control chart: Shewhart's p chart and Laney's p' chart.

p chart: Montgomery 2013, Introduction to Statistical Quality Control, 7th ed., section 7.2. p' chart: Laney
2002, Improved control charts for attributes, Quality Engineering 14(4), 531-537. `dispersion` says which of
the two is right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

SIGMAS = 3.0
# The mean range of two values from a normal distribution, in sigmas: d2 of the tables, as Laney has it.
RANGE_OF_TWO = 1.128

Floats = NDArray[np.float64]


class Kind(StrEnum):
    P = "p"
    LANEY = "laney"


class Why(StrEnum):
    """Why a base period gives no limits."""

    NO_PARTS = "no_parts"
    NO_DEFECTIVE = "no_defective"
    ALL_DEFECTIVE = "all_defective"
    TOO_SHORT = "too_short"


class NoLimits(ValueError):
    """The base period gives no limits; `why` says why not."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True)
class Subgroup:
    """The parts of one hour, shift or lot."""

    n: int
    defective: int


@dataclass(frozen=True)
class Point:
    """A subgroup on the chart: its share, its limits, and how many sigmas it lies from the centre line.

    All None where it has no part.
    """

    share: float | None
    low: float | None
    high: float | None
    z: float | None


@dataclass(frozen=True)
class Chart:
    """`sigma_z` is how much more the shares vary than chance alone makes them; 1 in a p chart."""

    kind: Kind
    centre: float
    sigma_z: float
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Base:
    """What a base period says: its share of defective parts, and how far its subgroups lie from it in sigmas
    [k]."""

    centre: float
    z: Floats
    sizes: Floats


def p_chart(subgroups: Sequence[Subgroup], base: slice = slice(None), drawn: slice = slice(None)) -> Chart:
    """Limits p -+ 3 sqrt(p (1 - p) / n_i), where p is the share of all parts of the base period that are
    defective.

    `base` picks the subgroups of the base period, `drawn` those that become points. NoLimits if the base
    period has no defective part, or no good one.
    """
    return _chart(Kind.P, subgroups[drawn], base_of(subgroups, base), 1.0)


def laney(subgroups: Sequence[Subgroup], base: slice = slice(None), drawn: slice = slice(None)) -> Chart:
    """Limits p -+ 3 sigma_z sqrt(p (1 - p) / n_i): those of the p chart, times what neighbours really differ
    by.

    sigma_z is the mean moving range of the standardised shares of the base period, divided by 1.128.
    NoLimits as in `p_chart`, and where the base period has less than two subgroups with parts.
    """
    known = base_of(subgroups, base)
    return _chart(Kind.LANEY, subgroups[drawn], known, sigma_z(known))


def base_of(subgroups: Sequence[Subgroup], base: slice = slice(None)) -> Base:
    """The base period; its subgroups without parts are left out. NoLimits as in `p_chart`."""
    kept = [one for one in subgroups[base] if one.n > 0]
    n, defective = (np.array(column, dtype=np.float64) for column in _columns(kept))
    if not kept:
        raise NoLimits(Why.NO_PARTS)
    centre = float(defective.sum() / n.sum())
    if centre in (0.0, 1.0):
        raise NoLimits(Why.ALL_DEFECTIVE if centre else Why.NO_DEFECTIVE)
    return Base(centre, (defective / n - centre) / np.sqrt(centre * (1 - centre) / n), n)


def sigma_z(base: Base) -> float:
    if len(base.z) < 2:
        raise NoLimits(Why.TOO_SHORT)
    return float(np.abs(np.diff(base.z)).mean()) / RANGE_OF_TWO


def _columns(subgroups: Sequence[Subgroup]) -> tuple[list[int], list[int]]:
    return [one.n for one in subgroups], [one.defective for one in subgroups]


def _chart(kind: Kind, subgroups: Sequence[Subgroup], base: Base, ratio: float) -> Chart:
    points = tuple(_point(one, base.centre, ratio) for one in subgroups)
    return Chart(kind, base.centre, ratio, points)


def _point(one: Subgroup, centre: float, ratio: float) -> Point:
    if one.n <= 0:
        return Point(None, None, None, None)
    sigma = ratio * math.sqrt(centre * (1 - centre) / one.n)
    share = one.defective / one.n
    z = (share - centre) / sigma if sigma else _beyond(share, centre)
    return Point(share, max(0.0, centre - SIGMAS * sigma), min(1.0, centre + SIGMAS * sigma), z)


def _beyond(share: float, centre: float) -> float:
    """Where neighbours never differed, limits have no width, and any other share lies infinitely far off."""
    return 0.0 if share == centre else math.copysign(math.inf, share - centre)
