"""The axis for scores, whatever their range: a single value, tiny, huge, or over many decades."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

from detection.verdicts.cutoffs import is_number

BINS = 30
# If the largest score is this many times the smallest: on a linear axis all good ones would be one bar.
_WIDE = 10
# Values whose relative difference is smaller are one value: bars could not separate them.
_SAME = 1e-9
# On a logarithmic axis, values below this share of the largest are in the first bar.
_SMALLEST = 1e-12
# Powers of ten that are drawn as they are; matplotlib's own limits are not far beyond.
_PLAIN = 9


@dataclass(frozen=True, slots=True)
class ScoreAxis:
    """edges: of the bars, in units of 10 ** `exponent`. ratios: whether the axis is logarithmic."""

    edges: tuple[float, ...]
    exponent: int = 0
    ratios: bool = False

    def place(self, scores: Iterable[float]) -> list[float]:
        """The positions on the axis of those scores that are numbers."""
        values = numbers(scores) / 10.0**self.exponent
        placed: list[float] = np.clip(values, self.edges[0], self.edges[-1]).tolist()
        return placed

    def dress(self, axes: Axes) -> None:
        """Set scale and ticks."""
        if self.exponent:
            axes.set_xlabel(f"{axes.get_xlabel()}, in units of 1e{self.exponent}")
        if not self.ratios:
            return
        axes.set_xscale("log")
        steps = (1, 2, 5) if self.edges[-1] < _WIDE**2 * self.edges[0] else (1,)
        axes.xaxis.set_major_locator(LogLocator(subs=steps))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda score, _: f"{score:g}"))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_minor_formatter(NullFormatter())


def fit(scores: Iterable[float]) -> ScoreAxis:
    """The axis for all of these scores; logarithmic where they lie far apart."""
    values = numbers(scores)
    largest = float(np.abs(values).max()) if len(values) else 0.0
    exponent = math.floor(math.log10(largest)) if largest else 0
    exponent = (
        0 if abs(exponent) <= _PLAIN else max(exponent, -307)
    )  # 1e-308 has not the full precision of a float
    scaled = values / 10.0**exponent if len(values) else np.zeros(1)
    low, high = float(scaled.min()), float(scaled.max())
    if high - low <= _SAME * max(abs(low), abs(high)):
        room = 0.05 * max(abs(low), abs(high)) or 0.5
        return ScoreAxis(
            _edges(low - room, high + room, BINS + 1), exponent
        )  # the value in the middle of a bar
    if low > 0 and high >= _WIDE * low:
        low = max(low, high * _SMALLEST)
        return ScoreAxis(tuple(np.geomspace(low, high, BINS + 1).tolist()), exponent, ratios=True)
    return ScoreAxis(_edges(low, high), exponent)


def numbers(scores: Iterable[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Those scores that are numbers; the stand-in for one that is not would stretch the axis."""
    values = np.array(list(scores), dtype=np.float64)
    return values[is_number(values)]


def _edges(low: float, high: float, bins: int = BINS) -> tuple[float, ...]:
    return tuple(np.linspace(low, high, bins + 1).tolist())
