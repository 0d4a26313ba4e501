"""Which values are black and white, in photos that hold more than 8 bits.

Cameras of 10, 12 or 14 bits write 16-bit files and leave the upper bits empty: scaled by the full range of
the type, such photos are nearly black. Scaled by each photo's own lightest value, equal light would give
other values in every photo. So the range is found once, over a category's training photos, is kept with
the run, and every later photo is scaled by it, too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["uint16", "int32", "float"]
Range = tuple[float, float]
# What cameras have: the smallest that holds the values is taken.
BITS = (8, 10, 12, 14, 16, 24, 32)
# Values below zero count where they reach so far down, as a share of the range; less is noise around black.
_BELOW = 0.05


@dataclass(frozen=True, slots=True)
class Extent:
    """The values of one photo: the least, the greatest, and the white that its file declares, if it does."""

    kind: Kind
    least: float
    greatest: float
    declared: float | None = None

    @property
    def white(self) -> float:
        """The declared value; else what the smallest number of bits holds that holds the greatest."""
        return self.declared or white(self.greatest, unit=self.kind == "float")


@dataclass(frozen=True, slots=True)
class Levels:
    """By kind of values, the one that is black and the one that is white, as found over a category.

    Of a kind that is not in it, each file is scaled by the full range of its type, or by what it declares
    itself if `declared`.
    """

    ranges: Mapping[Kind, Range] = field(default_factory=dict)
    declared: bool = True

    def as_dict(self) -> dict[str, list[float]]:
        """For config.json: {"uint16": [0, 4095]}."""
        return {kind: list(span) for kind, span in self.ranges.items()}

    def bits(self, kind: Kind = "uint16") -> int | None:
        """How many bits the range takes; None where it is not known, or not that of so many."""
        low, high = self.ranges.get(kind, (0.0, 0.0))
        return next((n for n in BITS if low == 0 and high == 2**n - 1), None)


PLAIN = Levels()
# Runs from before ranges were found scaled by the full range, whatever a file declared.
OLD = Levels(declared=False)


def read(stored: dict[str, Any] | None) -> Levels:
    """What `as_dict` gave; of older runs, which have none, what they scaled by."""
    if stored is None:
        return OLD
    return Levels({kind: (float(low), float(high)) for kind, (low, high) in stored.items()})  # type: ignore[misc]


def over(extents: Iterable[Extent]) -> Levels:
    """The range that holds the values of all these photos."""
    ranges: dict[Kind, Range] = {}
    for one in extents:
        low, high = ranges.get(one.kind, (0.0, 0.0))
        ranges[one.kind] = (min(low, one.least), max(high, one.white))
    return Levels({kind: _with_zero(*span) for kind, span in ranges.items()})


def white(greatest: float, *, unit: bool) -> float:
    """The greatest number of 8, 10, 12, 14, 16, 24 or 32 bits, as it takes; with `unit`, which is how floats
    are stored, 1, 2, 4, ... 128 where these are enough."""
    if unit and greatest <= 128:
        return float(2 ** max(0, math.ceil(math.log2(max(greatest, 1.0)))))
    return float(next((2**n - 1 for n in BITS if greatest <= 2**n - 1), greatest))


def _with_zero(low: float, high: float) -> Range:
    """Zero is black; or mid-grey where values lie on both sides of it, as heights do."""
    return (-max(high, -low), max(high, -low)) if low < -_BELOW * high else (0.0, high)
