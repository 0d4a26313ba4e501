"""How many defective parts escape and how many good ones are called defective, estimated from what people
decided.

People see few of the photos that are judged OK, and those they see are no fair sample: some were drawn at
random, some were disputed. So parts are counted by stratum, which is a verdict and why its photos are in the
queue, and in a stratum each decided photo stands for 1 / p others, where p is the known probability with
which it was drawn (Horvitz and Thompson 1952, JASA 47; the sum of weights in the denominator is Hajek's
1971, so that undecided photos do no harm).

The interval, chosen by simulation (docs/measurements/statistics.md):
1. In a stratum the sample is worth (sum w)^2 / sum w^2 photos (Kish 1965, Survey Sampling, section 11.7),
   and the interval of its share is the modified one of Wilson (`shares.modified_wilson`).
2. It is narrowed by sqrt(1 - decided / parts), because what was decided is known (Burstein 1975, JASA 70),
   and what was seen stays in it: never below the hits seen, never above the parts not seen to be otherwise.
3. Strata are added by their share of the parts, and their distances from the estimate as squares (MOVER: Zou
   and Donner 2008, Statistics in Medicine 27). A stratum of which nothing was decided adds its whole share
   above.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from inspector.monitoring.statistics.shares import modified_wilson

Hit = Literal["good", "defective"]
Interval = Callable[[float, float], tuple[float, float]]  # of a count among n


@dataclass(frozen=True)
class Decision:
    """What a person said about a photo that was drawn with a known probability; `defective` is None for
    *cannot tell*."""

    verdict: str
    why: str
    probability: float
    defective: bool | None


@dataclass(frozen=True)
class Cell:
    """Decided photos that were drawn with the same probability."""

    probability: float
    good: int
    defective: int


@dataclass(frozen=True)
class Stratum:
    """All `parts` with one verdict whose photos would be in the queue for one reason, and the decided ones
    of them."""

    verdict: str
    why: str
    parts: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Known:
    """What a stratum says of the share that is looked for. `worth`: as many photos, drawn evenly, would say
    as much."""

    parts: int
    decided: int
    hits: int
    share: float
    worth: float


@dataclass(frozen=True)
class Part:
    """The estimate of one stratum; `share` is None where nothing was decided."""

    why: str
    parts: int
    decided: int
    hits: int
    share: float | None
    low: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """A share of `parts` with its 95 % interval; `share` is None where nothing was decided."""

    share: float | None
    low: float
    high: float
    parts: int
    decided: int
    strata: tuple[Part, ...]


def strata_of(decisions: Iterable[Decision], parts: Mapping[tuple[str, str], int]) -> tuple[Stratum, ...]:
    """Strata with their decided photos; `parts` counts all parts by (verdict, why), also those nobody looks
    at.

    Photos of which people cannot tell count as not decided.
    """
    decided = sorted(
        (one.verdict, one.why, one.probability, one.defective)
        for one in decisions
        if one.defective is not None
    )
    cells: dict[tuple[str, str], list[Cell]] = {}
    for (verdict, why, probability), group in groupby(decided, key=lambda one: one[:3]):
        defective = [one[3] for one in group]
        cell = Cell(probability, len(defective) - sum(defective), sum(defective))
        cells.setdefault((verdict, why), []).append(cell)
    return tuple(Stratum(*key, count, tuple(cells.get(key, ()))) for key, count in parts.items())


def escapes(strata: Iterable[Stratum], verdict: str = "OK") -> Estimate:
    """The share of the parts judged OK that is defective."""
    return estimate((one, "defective") for one in strata if one.verdict == verdict)


def false_calls(strata: Iterable[Stratum], verdict: str = "ANOMALY") -> Estimate:
    """The share of the parts judged ANOMALY that is good."""
    return estimate((one, "good") for one in strata if one.verdict == verdict)


def estimate(strata: Iterable[tuple[Stratum, Hit]]) -> Estimate:
    """The share of the parts of all strata that is looked for: "good" or "defective", for each stratum."""
    return combine(tuple(part_of(one.why, known(one, hit)) for one, hit in strata if one.parts > 0))


def known(stratum: Stratum, hit: Hit) -> Known:
    """What a stratum says of the share that is looked for."""
    weights = [(1 / one.probability, one.good + one.defective, _count(one, hit)) for one in stratum.cells]
    decided, hits = sum(n for _, n, _ in weights), sum(n_hits for _, _, n_hits in weights)
    if not decided:
        return Known(stratum.parts, 0, 0, 0.0, 0.0)
    total = sum(weight * n for weight, n, _ in weights)
    share = sum(weight * n_hits for weight, _, n_hits in weights) / total
    worth = total**2 / sum(weight**2 * n for weight, n, _ in weights)
    return Known(stratum.parts, decided, hits, share, worth)


def _count(cell: Cell, hit: Hit) -> int:
    return cell.defective if hit == "defective" else cell.good


def bounds(one: Known, interval: Interval = modified_wilson) -> tuple[float, float]:
    """The 95 % interval of a stratum's share. Other intervals are there for measurements to compare with."""
    if not one.decided:
        return 0.0, 1.0
    low, high = interval(one.share * one.worth, one.worth)
    left = math.sqrt(max(0.0, 1 - one.decided / one.parts))
    low, high = one.share - (one.share - low) * left, one.share + (high - one.share) * left
    return max(low, one.hits / one.parts), min(high, 1 - (one.decided - one.hits) / one.parts)


def combine(strata: tuple[Part, ...]) -> Estimate:
    """The estimate for all parts together."""
    parts, decided = sum(one.parts for one in strata), sum(one.decided for one in strata)
    decided_strata = [one for one in strata if one.share is not None]
    if not decided_strata:
        return Estimate(None, 0.0, 1.0, parts, decided, strata)
    blind = sum(one.parts for one in strata if one.share is None) / parts
    middle = below = above = 0.0
    for one in decided_strata:
        weight, share = one.parts / parts, one.share or 0.0
        middle += weight * share
        below += (weight * (share - one.low)) ** 2
        above += (weight * (one.high - share)) ** 2
    low, high = middle - math.sqrt(below), middle + math.sqrt(above) + blind
    # The estimate takes what was not reviewed to be like the rest; the interval takes nothing.
    return Estimate(middle / (1 - blind), max(0.0, low), min(1.0, high), parts, decided, strata)


def part_of(why: str, one: Known, interval: Interval = modified_wilson) -> Part:
    share = one.share if one.decided else None
    return Part(why, one.parts, one.decided, one.hits, share, *bounds(one, interval))
