"""Patterns on a control chart that chance seldom draws: the rules of Western Electric and of Nelson.

Western Electric Company 1956, Statistical Quality Control Handbook, pp. 25-28; Nelson 1984, The Shewhart
Control Chart - Tests for Special Causes, Journal of Quality Technology 16(4). Points are standardised: in
sigmas from the centre line, with subgroups that have no part left out. Where limits vary with the size of a
subgroup, so do zones, and standardised points take care of it.

A signal is at the point that completes the pattern. A point that lies on a limit or on the centre line is
not beyond it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Patterns = list[tuple[int, ...]]  # for each signal the points of its pattern; the last one completes it


@dataclass(frozen=True)
class Rule:
    """`check` takes standardised points and gives for each signal the points of its pattern."""

    code: str
    name: str
    explanation: str
    check: Callable[[Floats], Patterns]


@dataclass(frozen=True)
class Signal:
    rule: Rule
    at: int
    points: tuple[int, ...]


def signals(z: ArrayLike, rules: Iterable[Rule]) -> tuple[Signal, ...]:
    """All signals of the rules over standardised points, the earliest first.

    ValueError for points that are not numbers: leave out what has no value.
    """
    points = np.asarray(z, dtype=np.float64)
    if np.isnan(points).any():
        raise ValueError("a point has no value")
    every = [Signal(rule, pattern[-1], pattern) for rule in rules for pattern in rule.check(points)]
    return tuple(sorted(every, key=lambda signal: signal.at))


def _several(least: int, of: int, sigmas: float) -> Callable[[Floats], Patterns]:
    """`least` of `of` successive points beyond so many sigmas, all on one side."""

    def check(z: Floats) -> Patterns:
        patterns: Patterns = []
        for i, value in enumerate(z):
            if abs(value) <= sigmas:
                continue
            window = range(max(0, i - of + 1), i + 1)
            beyond = tuple(j for j in window if z[j] * np.sign(value) > sigmas)
            if len(beyond) >= least:
                patterns.append(beyond)
        return patterns

    return check


def _in_a_row(
    length: int, belongs: Callable[[Floats], Sequence[NDArray[np.bool_]]]
) -> Callable[[Floats], Patterns]:
    """This many successive points for which one of the conditions holds."""

    def check(z: Floats) -> Patterns:
        ends: set[int] = set()
        for holds in belongs(z):
            run = 0
            for i, one in enumerate(holds):
                run = run + 1 if one else 0
                if run >= length:
                    ends.add(i)
        return [tuple(range(end - length + 1, end + 1)) for end in sorted(ends)]

    return check


def _trend(z: Floats) -> Patterns:
    return _by_steps(z, 6, lambda steps: (steps > 0).all(axis=1) | (steps < 0).all(axis=1))


def _alternating(z: Floats) -> Patterns:
    return _by_steps(z, 14, lambda steps: (steps[:, 1:] * steps[:, :-1] < 0).all(axis=1))


def _by_steps(z: Floats, length: int, holds: Callable[[Floats], ArrayLike]) -> Patterns:
    """This many successive points between which the steps [patterns, length - 1] follow a condition."""
    if len(z) < length:
        return []
    steps = sliding_window_view(np.sign(np.diff(z)), length - 1)
    return [tuple(range(start, start + length)) for start in np.flatnonzero(holds(steps)).tolist()]


def _both_sides(z: Floats) -> Patterns:
    runs = _in_a_row(8, lambda points: [np.abs(points) > 1])(z)
    return [run for run in runs if z[list(run)].min() < 0 < z[list(run)].max()]


def _one_side(z: Floats) -> list[NDArray[np.bool_]]:
    return [z > 0, z < 0]


WESTERN_ELECTRIC = (
    Rule(
        "western-electric-1",
        "One point beyond 3 sigma",
        "This one value is so far from the usual that chance hardly explains it.",
        _several(1, 1, 3),
    ),
    Rule(
        "western-electric-2",
        "Two of three points beyond 2 sigma",
        "Two of three successive values lie far out on the same side: the level has probably moved a lot.",
        _several(2, 3, 2),
    ),
    Rule(
        "western-electric-3",
        "Four of five points beyond 1 sigma",
        "Four of five successive values lie out on the same side: the level has probably moved a little.",
        _several(4, 5, 1),
    ),
    Rule(
        "western-electric-4",
        "Eight points on one side",
        "Eight successive values lie on the same side of the centre line: the level has moved.",
        _in_a_row(8, _one_side),
    ),
)

NELSON = (
    Rule("nelson-1", "One point beyond 3 sigma", WESTERN_ELECTRIC[0].explanation, _several(1, 1, 3)),
    Rule(
        "nelson-2",
        "Nine points on one side",
        "Nine successive values lie on the same side of the centre line: the level has moved.",
        _in_a_row(9, _one_side),
    ),
    Rule(
        "nelson-3",
        "Six points rising or falling",
        "Six successive values rise, or fall, without a step back: something wears, warms up or runs out.",
        _trend,
    ),
    Rule(
        "nelson-4",
        "Fourteen points alternating",
        "Fourteen successive values go up and down in turn: two sources are mixed, such as two stations.",
        _alternating,
    ),
    Rule(
        "nelson-5", "Two of three points beyond 2 sigma", WESTERN_ELECTRIC[1].explanation, _several(2, 3, 2)
    ),
    Rule(
        "nelson-6", "Four of five points beyond 1 sigma", WESTERN_ELECTRIC[2].explanation, _several(4, 5, 1)
    ),
    Rule(
        "nelson-7",
        "Fifteen points within 1 sigma",
        "Fifteen successive values lie closer to the centre line than chance allows: the limits are too "
        "wide, or each subgroup mixes sources in the same proportion.",
        _in_a_row(15, lambda z: [np.abs(z) < 1]),
    ),
    Rule(
        "nelson-8",
        "Eight points beyond 1 sigma on both sides",
        "Eight successive values lie out on either side and none near the centre line: values come "
        "from two levels in turn.",
        _both_sides,
    ),
)
