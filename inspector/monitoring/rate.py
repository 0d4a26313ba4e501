"""The defect rate of a period as a control chart, with what it signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inspector.monitoring import selectors
from inspector.monitoring.asked import Asked
from inspector.monitoring.periods import Period, periods, place_of
from inspector.monitoring.selectors import Counts
from inspector.monitoring.statistics import rules
from inspector.monitoring.statistics.dispersion import right_chart
from inspector.monitoring.statistics.p_chart import Chart, Kind, NoLimits, Subgroup, Why
from inspector.monitoring.statistics.rules import NELSON, WESTERN_ELECTRIC, Rule

MOST_MARKS = 50
NO_LIMITS = {
    Why.NO_PARTS: "Nothing was judged in the base period, so there are no limits. Choose another one.",
    Why.NO_DEFECTIVE: "The base period has no defective part, so there are no limits. Choose a longer one.",
    Why.ALL_DEFECTIVE: "All parts of the base period are defective, so there are no limits. Choose another.",
    Why.TOO_SHORT: "The base period has too few points, so there are no limits. Choose a longer one.",
}


@dataclass(frozen=True, slots=True)
class Point:
    """One subgroup. low, high: its limits; None where there are none."""

    period: Period
    counts: Counts
    low: float | None
    high: float | None
    z: float | None
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A change of what is called defective, at the place of its point."""

    at: int
    time: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Rate:
    """`words`: which chart it is, and why; or why it has no limits."""

    points: list[Point]
    marks: list[Mark]
    kind: Kind | None
    centre: float | None
    sigma_z: float | None
    words: str
    base: tuple[datetime, datetime]

    @property
    def signals(self) -> list[Point]:
        """Points with a signal, the newest first."""
        return [point for point in reversed(self.points) if point.rules]


Hours = Sequence[tuple[datetime, Counts]]


def rate_of(asked: Asked, hours: Hours, *, marks: bool = True) -> Rate:
    """`hours`: those of the period and of the base period. marks: whether those are wanted, too."""
    shown = periods(asked.since, asked.until, asked.per)
    counts = counted(shown, hours)
    changes = _marks(asked, shown) if marks else []
    base_counts = counted(periods(*asked.base, asked.per), hours) if asked.base else counts
    base = asked.base or (asked.since, asked.until)
    groups = [Subgroup(one.decided, one.defective) for one in [*base_counts, *counts]]
    try:
        chart, dispersion = right_chart(groups, slice(0, len(base_counts)))
    except NoLimits as problem:
        points = [Point(*one, None, None, None, ()) for one in zip(shown, counts, strict=True)]
        return Rate(points, changes, None, None, None, NO_LIMITS[problem.why], base)
    points = _points(shown, counts, chart, len(base_counts), NELSON if asked.nelson else WESTERN_ELECTRIC)
    return Rate(points, changes, chart.kind, chart.centre, chart.sigma_z, dispersion.in_words(), base)


def counted(among: Sequence[Period], hours: Hours) -> list[Counts]:
    """What happened in each period."""
    sums = [[0] * len(Counts._fields) for _ in among]
    places = place_of([hour for hour, _ in hours], among)
    for place, (_, counts) in zip(places, hours, strict=True):
        if place >= 0:
            for i, n in enumerate(counts):
                sums[place][i] += n
    return [Counts(*one) for one in sums]


def _points(
    shown: list[Period], counts: list[Counts], chart: Chart, skip: int, known: tuple[Rule, ...]
) -> list[Point]:
    limits = chart.points[skip:]
    places = [i for i, one in enumerate(limits) if one.z is not None]
    by_place: dict[int, list[Rule]] = {}
    for signal in rules.signals([limits[i].z or 0.0 for i in places], known):
        by_place.setdefault(places[signal.at], []).append(signal.rule)
    return [
        Point(period, one, limit.low, limit.high, limit.z, tuple(by_place.get(i, ())))
        for i, (period, one, limit) in enumerate(zip(shown, counts, limits, strict=True))
    ]


def _marks(asked: Asked, shown: list[Period]) -> list[Mark]:
    rows = selectors.changes(asked.category, asked.since, asked.until, MOST_MARKS)
    places = place_of([row.since for row in rows], shown)
    return [
        Mark(at, row.since, selectors.in_words(row)) for at, row in zip(places, rows, strict=True) if at >= 0
    ]
