"""Shapes for small charts that templates draw as SVG, in a box of 100 by 100 units, y downwards."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]
NICE = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)


def ceiling(shares: Sequence[float]) -> float:
    """The top of a scale that holds all these shares of one, a round number."""
    top = max(shares, default=0.0)
    return next((nice for nice in NICE if top <= nice), 1.0)


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers that one side of the box stands for; with `log`, by their logarithm."""

    low: float
    high: float
    log: bool = False

    def place(self, value: float) -> float:
        """Where a value lies, 0 to 100."""
        low, high, value = (self._scaled(number) for number in (self.low, self.high, value))
        return 100 * (value - low) / (high - low) if high > low else 50.0

    def _scaled(self, number: float) -> float:
        return math.log10(number) if self.log else number


def polyline(points: Sequence[Point], x: Range, y: Range) -> str:
    """The `points` attribute of an SVG polyline through these points."""
    return " ".join(f"{x.place(left):.2f},{100 - y.place(up):.2f}" for left, up in points)
