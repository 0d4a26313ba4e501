"""Whether the intervals of escapes and false calls cover what they promise, on lines whose truth is known.

    python -m benchmarks live_line

Each line is a month or less of made-up production: parts judged OK of which some escape, a random share of
them drawn for people to look at, some disputed, and most of the drawn ones decided. 2,000 lines a row; the
interval should cover the true share of this line's parts in 95 % of them. Not part of `make bench`: it takes
a minute or two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from benchmarks.installation import Installation
from inspector.monitoring.statistics.live_line import (
    Cell,
    Estimate,
    Interval,
    Stratum,
    combine,
    escapes,
    false_calls,
    known,
    part_of,
)
from inspector.monitoring.statistics.planning import more_reviews
from inspector.monitoring.statistics.shares import exact, modified_wilson, wilson

LINES = 2000
Range = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """What the lines of one row have in common; each draws its own values from the ranges, log-uniformly."""

    rate: Range
    daily: Range
    days: Range = (30, 30)
    drawn: float = 0.01
    least: int = 20
    decided: Range = (0.9, 1.0)
    uneven: float = 1.0  # the worst day's rate divided by the best day's


@dataclass(frozen=True)
class Calls:
    """Parts judged ANOMALY, the share of them that is good, and how many of them people decide."""

    parts: int
    good: float
    decided: float


@dataclass(frozen=True)
class Outcome:
    covered: float
    below: float
    above: float
    width: float
    decided: float
    hits: float


MIXED = Line(rate=(0.001, 0.01), daily=(500, 10_000), days=(10, 30))


def main(site: Installation) -> None:
    _head("lines", "found")
    _row("each line its own rate and size", outcome(MIXED))
    for rate in (0.001, 0.002, 0.003, 0.005, 0.01):
        for daily in (1000, 3000, 10_000):
            line = Line((rate, rate), (daily, daily))
            _row(f"{100 * rate:.1f} %, {daily:,} a day", outcome(line))
    _row("0.3 %, 3,000 a day, rate uneven by 4", outcome(Line((0.003, 0.003), (3000, 3000), uneven=4)))
    _row("0.3 %, 3,000 a day, half decided", outcome(Line((0.003, 0.003), (3000, 3000), decided=(0.5, 0.5))))
    _row("0.3 %, 10,000 a day, none at least", outcome(Line((0.003, 0.003), (10_000, 10_000), least=0)))
    _calls()
    _exactly()
    _rivals()
    _plans()


def outcome(line: Line | Calls, lines: int = LINES, seed: int = 14) -> Outcome:
    """How often the intervals of this many lines cover the truth, and how wide they are."""
    random = np.random.default_rng(seed)
    drawn = [draw(line, random) if isinstance(line, Line) else draw_calls(line, random) for _ in range(lines)]
    asked = escapes if isinstance(line, Line) else false_calls
    return summary([asked(strata) for strata, _ in drawn], [truth for _, truth in drawn])


def summary(estimates: Sequence[Estimate], truths: Sequence[float]) -> Outcome:
    truth = np.array(truths)
    low, high = (np.array([getattr(one, side) for one in estimates]) for side in ("low", "high"))
    below, above = float((high < truth - 1e-12).mean()), float((low > truth + 1e-12).mean())
    decided = float(np.median([one.decided for one in estimates]))
    # All or most disputed parts are looked at, so they say nothing about how certain the sample is.
    hits = [sum(part.hits for part in one.strata if part.why != "disputed") for one in estimates]
    return Outcome(
        1 - below - above, below, above, float(np.median(high - low)), decided, float(np.mean(hits))
    )


def draw(line: Line, random: np.random.Generator) -> tuple[list[Stratum], float]:
    """The strata of a line's OK parts, and the true share of them that is defective."""
    rate, daily, days = (_of(one, random) for one in (line.rate, line.daily, line.days))
    parts = random.poisson(daily * random.lognormal(-0.08, 0.4, round(days))) + 1
    rates = rate * line.uneven ** random.uniform(-0.5, 0.5, len(parts))
    bad = random.binomial(parts, rates)
    disputed_bad, disputed_good = random.binomial(bad, 0.1), random.binomial(parts - bad, 0.0003)
    share = _of(line.decided, random)
    chance = np.minimum(1.0, np.maximum(line.drawn, line.least / parts))
    cells = tuple(
        Cell(float(p), int(good), int(defective))
        for p, good, defective in zip(
            chance,
            random.binomial(parts - bad - disputed_good, chance * share),
            random.binomial(bad - disputed_bad, chance * share),
            strict=True,
        )
    )
    decided = Cell(1.0, *(int(random.binomial(one.sum(), share)) for one in (disputed_good, disputed_bad)))
    disputed = int(disputed_bad.sum() + disputed_good.sum())
    strata = [
        Stratum("OK", "random", int(parts.sum()) - disputed, cells),
        Stratum("OK", "disputed", disputed, (decided,)),
    ]
    return strata, float(bad.sum() / parts.sum())


def draw_calls(line: Calls, random: np.random.Generator) -> tuple[list[Stratum], float]:
    """The stratum of a line's ANOMALY parts, and the true share of them that is good."""
    parts = int(random.poisson(line.parts)) + 1
    good = int(random.binomial(parts, line.good))
    cell = Cell(1.0, *(int(random.binomial(one, line.decided)) for one in (good, parts - good)))
    return [Stratum("ANOMALY", "anomaly", parts, (cell,))], good / parts


def _of(bounds: Range, random: np.random.Generator) -> float:
    return math.exp(random.uniform(math.log(bounds[0]), math.log(bounds[1])))


def _head(lines: str, last: str) -> None:
    columns = ("covered", "too low", "too high", "width, %", "decided", last)
    print(f"\n| {lines} | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}")


def _row(name: str, one: Outcome) -> None:
    shares = f"{100 * one.covered:.1f} % | {100 * one.below:.1f} % | {100 * one.above:.1f} %"
    print(f"| {name} | {shares} | {100 * one.width:.2f} | {one.decided:,.0f} | {one.hits:.1f} |", flush=True)


def _calls() -> None:
    _head("ANOMALY", "good")
    for parts in (50, 300, 2000):
        for good in (0.05, 0.3, 0.7):
            for decided in (0.5, 0.9):
                name = f"{parts:,}, {100 * good:.0f} % good, {100 * decided:.0f} % decided"
                _row(name, outcome(Calls(parts, good, decided)))


def _exactly() -> None:
    """One simple random sample, without simulation: mean and least coverage over rates of 0.1 to 1 %."""
    intervals = {"modified Wilson": modified_wilson, "Wilson": wilson, "mid-p": _mid_p, "Jeffreys": _jeffreys}
    intervals["Clopper-Pearson"] = exact
    sizes = (300, 1000, 3000)
    print(f"\n| interval | {' | '.join(f'{n:,} decided' for n in sizes)} |\n|---|{'---|' * len(sizes)}")
    for name, interval in intervals.items():
        cells = []
        for n in sizes:
            held = _coverage(interval, n, np.geomspace(0.001, 0.01, 1001))
            cells.append(f" {100 * held.mean():.1f} %, at least {100 * held.min():.1f} % |")
        print(f"| {name} |" + "".join(cells), flush=True)


def _coverage(interval: Interval, n: int, rates: NDArray[np.float64]) -> NDArray[np.float64]:
    counts = np.arange(min(n, 100) + 1)
    low, high = np.array([interval(float(count), n) for count in counts]).T
    held = (low[:, None] <= rates) & (rates <= high[:, None])
    return np.asarray((stats.binom.pmf(counts[:, None], n, rates) * held).sum(axis=0))


def _rivals() -> None:
    """Other intervals on the same lines: covered, and the median width in percent."""
    rivals: dict[str, tuple[Interval, Callable[[Interval, list[Stratum]], Estimate]]] = {
        "Wilson, MOVER": (wilson, _moved),
        "mid-p, MOVER": (_mid_p, _moved),
        "Jeffreys, MOVER": (_jeffreys, _moved),
        "Clopper-Pearson, MOVER": (exact, _moved),
        "Clopper-Pearson, Bonferroni": (lambda count, n: exact(count, n, 0.975), _bonferroni),
    }
    lines = {
        "each its own": MIXED,
        "0.1 %, 1,000 a day": Line((0.001, 0.001), (1000, 1000)),
        "0.3 %, 3,000 a day": Line((0.003, 0.003), (3000, 3000)),
        "0.5 %, 10,000 a day": Line((0.005, 0.005), (10_000, 10_000)),
    }
    print(f"\n| interval | {' | '.join(lines)} |\n|---|{'---|' * len(lines)}")
    chosen = [outcome(line) for line in lines.values()]
    print("| modified Wilson, MOVER (chosen) |" + "".join(map(_cell, chosen)), flush=True)
    for name, (interval, added) in rivals.items():
        cells = []
        for line in lines.values():
            random = np.random.default_rng(14)
            drawn = [draw(line, random) for _ in range(LINES)]
            cells.append(
                summary([added(interval, strata) for strata, _ in drawn], [truth for _, truth in drawn])
            )
        print(f"| {name} |" + "".join(map(_cell, cells)), flush=True)


def _cell(one: Outcome) -> str:
    return f" {100 * one.covered:.1f} %, {100 * one.width:.2f} |"


def _moved(interval: Interval, strata: list[Stratum]) -> Estimate:
    return combine(tuple(part_of(one.why, known(one, "defective"), interval) for one in strata if one.parts))


def _bonferroni(interval: Interval, strata: list[Stratum]) -> Estimate:
    """Bounds of all strata, each with half of the 5 %, hold together."""
    whole = _moved(interval, strata)
    low, high = (
        sum(one.parts * getattr(one, side) for one in whole.strata) / whole.parts for side in ("low", "high")
    )
    return Estimate(whole.share, low, high, whole.parts, whole.decided, whole.strata)


def _mid_p(count: float, n: float) -> tuple[float, float]:
    def tail(p: float) -> float:
        """The probability of more than `count`, and half of that of exactly `count`."""
        least = special.betainc(count, n - count + 1, p) if count else 1.0
        more = special.betainc(count + 1, n - count, p) if count < n else 0.0
        return float(least + more) / 2

    low = optimize.brentq(lambda p: tail(p) - 0.025, 0, 1) if count else 0.0
    high = optimize.brentq(lambda p: tail(p) - 0.975, 0, 1) if count < n else 1.0
    return low, high


def _jeffreys(count: float, n: float) -> tuple[float, float]:
    low, high = special.betaincinv(count + 0.5, n - count + 0.5, [0.025, 0.975])
    return (float(low) if count else 0.0), (float(high) if count < n else 1.0)


def _plans() -> None:
    """After 300 reviews, as many more as the plan says a width takes: how wide the interval then is."""
    print("\n| wanted width, % | more reviews | width then | as narrow as wanted |\n|---|---|---|---|")
    for width in (0.008, 0.005, 0.003):
        planned, widths = plans(width, 500)
        kept = f"{100 * np.median(widths):.2f} | {100 * np.mean(np.array(widths) <= width):.0f} %"
        print(f"| {100 * width:.1f} | {np.median(planned):,.0f} | {kept} |", flush=True)


def plans(width: float, lines: int, seed: int = 14) -> tuple[list[int], list[float]]:
    """For each of this many lines, how many more reviews the plan says, and the width after them."""
    random = np.random.default_rng(seed)
    planned, widths = [], []
    for _ in range(lines):
        parts, rate = 300_000, _of((0.001, 0.01), random)
        first = random.binomial(300, rate)
        stratum = Stratum("OK", "random", parts, (Cell(0.01, 300 - first, first),))
        plan = more_reviews([stratum], "defective", width)
        assert plan is not None
        more = random.binomial(plan.reviews, rate)
        cell = Cell(0.01, 300 - first + plan.reviews - more, first + more)
        then = escapes([Stratum("OK", "random", parts, (cell,))])
        planned.append(plan.reviews)
        widths.append(then.high - then.low)
    return planned, widths
