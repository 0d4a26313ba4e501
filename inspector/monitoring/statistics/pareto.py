"""Which few kinds make up most of the whole (Juran 1951, Quality Control Handbook)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """A kind with its count; `cumulative` is the share of it and of all bars before it."""

    name: str
    count: int
    share: float
    cumulative: float


def pareto(counts: Iterable[tuple[str, int]], rest: str = "", at_most: int = 0) -> tuple[Bar, ...]:
    """Bars, the largest first. Equal counts stay in the order in which they came; counts of 0 are left out.

    With `at_most`, that many kinds are named at most, and the others are one bar named `rest`, always the
    last.
    """
    kinds = sorted(((name, count) for name, count in counts if count), key=lambda kind: -kind[1])
    if 0 < at_most < len(kinds):
        kinds = [*kinds[:at_most], (rest, sum(count for _, count in kinds[at_most:]))]
    total, before = sum(count for _, count in kinds), 0
    bars = []
    for name, count in kinds:
        before += count
        bars.append(Bar(name, count, count / total, before / total))
    return tuple(bars)
