"""Scores of a version as bars on an axis in ratios, because scores span decades; templates draw it as SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from inspector.core.charts import Range
from inspector.core.templatetags.figures import small

BINS = 48
# What is smaller than this share of the largest, and than both limits, lies in the first bar.
SMALLEST = 1e-12
# Nothing has room below this. A threshold may be the smallest number above 0: that of a single photo is.
LEAST = 1e-30
ROOM = 1.25  # beside the smallest and the largest
MOST_TICKS = 5


@dataclass(frozen=True, slots=True)
class Bar:
    """In percent of the chart's width and height, from the left and from above."""

    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Row:
    """What one kind of photo scored; highest: how many photos the highest bar is."""

    name: str
    title: str
    n: int
    highest: int
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Chart:
    """low, high: the scores at its ends. ticks: where on it, and the score there. marks: where the limits in
    force lie."""

    low: float
    high: float
    rows: list[Row]
    ticks: list[tuple[float, str]]
    marks: list[float]


def chart(
    groups: Sequence[tuple[str, str, Sequence[float]]],
    in_force: Sequence[float | None],
    others: Sequence[float | None] = (),
) -> Chart:
    """groups: name, title and scores of each. in_force, others: limits, which have room on the axis, too."""
    ends = [limit for limit in (*in_force, *others) if limit]
    axis = axis_of([score for _, _, scores in groups for score in scores], ends)
    rows = [row_of(name, title, scores, axis) for name, title, scores in groups]
    marks = [axis.place(max(limit, axis.low)) for limit in in_force if limit and limit > 0]
    return Chart(axis.low, axis.high, rows, ticks_of(axis), marks)


def axis_of(scores: Sequence[float], limits: Sequence[float]) -> Range:
    """An axis that all of these have room on."""
    shown = [value for value in (*scores, *limits) if value > 0 and math.isfinite(value)] or [1.0]
    high = max(*shown, LEAST)
    low = max(min(shown), min(high * SMALLEST, *limits, high), LEAST)
    if high < 10 * low:  # never less than a decade: limits may move away from the scores
        middle = math.sqrt(low * high)
        low, high = min(low, middle / 4), max(high, middle * 4)
    return Range(low / ROOM, high * ROOM, log=True)


def row_of(name: str, title: str, scores: Sequence[float], axis: Range) -> Row:
    """The bars of some scores."""
    counts = [0] * BINS
    for score in scores:
        place = axis.place(min(max(score, axis.low), axis.high))
        counts[min(int(place / 100 * BINS), BINS - 1)] += 1
    highest, width = max(counts), 100 / BINS
    bars = [
        Bar(n * width, width, 100 - 100 * count / highest, 100 * count / highest)
        for n, count in enumerate(counts)
        if count
    ]
    return Row(name, title, len(scores), highest, bars)


def ticks_of(axis: Range) -> list[tuple[float, str]]:
    """Powers of ten, of many only some; between them 2 and 5 where there are few."""
    first, last = math.ceil(math.log10(axis.low)), math.floor(math.log10(axis.high))
    powers = [10.0**power for power in range(first, last + 1)]
    if len(powers) < 3:
        wide = [10.0**power for power in range(first - 1, last + 1)]
        steps = [step * power for power in wide for step in (1, 2, 5)]
        powers = [value for value in steps if axis.low <= value <= axis.high]
    kept = powers[:: -(-len(powers) // MOST_TICKS)]
    return [(axis.place(value), small(value)) for value in kept]
