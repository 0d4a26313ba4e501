"""Which values are black and white in photos of more than 8 bits.

Cameras of 10, 12 or 14 bits write 16-bit files and leave the upper bits empty: scaled by the full range of
the type, such photos are nearly black. Scaled by each photo's own lightest value, equal light would give
different values in each photo. So the range is determined once, over a category's training photos, and stored
with the run; every later photo is scaled by it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["uint16", "int32", "float"]
Range = tuple[float, float]
# Bit depths of cameras: the smallest that holds the values is assumed.
BITS = (8, 10, 12, 14, 16, 24, 32)
# Values below zero count if they reach this share of the range; smaller ones are noise around black.
_BELOW = 0.05


@dataclass(frozen=True, slots=True)
class Extent:
    """The values of one photo: the least, the greatest, and the white that its file declares, if any."""

    kind: Kind
    least: float
    greatest: float
    declared: float | None = None

    @property
    def white(self) -> float:
        """The declared value; otherwise the largest value of the smallest bit depth that holds the
        greatest one."""
        return self.declared or white(self.greatest, unit=self.kind == "float")


@dataclass(frozen=True, slots=True)
class Levels:
    """For each kind of values, the black and the white of a category.

    For other kinds, each file is scaled by the full range of its type, or if `declared` by what it declares
    itself.
    """

    ranges: Mapping[Kind, Range] = field(default_factory=dict)
    declared: bool = True

    def as_dict(self) -> dict[str, list[float]]:
        """For config.json: {"uint16": [0, 4095]}."""
        return {kind: list(span) for kind, span in self.ranges.items()}

    def bits(self, kind: Kind = "uint16") -> int | None:
        """The bit depth of the range; None where the range is unknown or is not one of BITS."""
        low, high = self.ranges.get(kind, (0.0, 0.0))
        return next((n for n in BITS if low == 0 and high == 2**n - 1), None)


PLAIN = Levels()
# Runs from before ranges were determined scaled by the full range, whatever a file declared.
OLD = Levels(declared=False)


def read(stored: dict[str, Any] | None) -> Levels:
    """The reverse of `as_dict`; for older runs, which stored none, the levels they scaled by."""
    if stored is None:
        return OLD
    return Levels({kind: (float(low), float(high)) for kind, (low, high) in stored.items()})  # type: ignore[misc]


def over(extents: Iterable[Extent]) -> Levels:
    """The range that contains the values of all these photos."""
    ranges: dict[Kind, Range] = {}
    for one in extents:
        low, high = ranges.get(one.kind, (0.0, 0.0))
        ranges[one.kind] = (min(low, one.least), max(high, one.white))
    return Levels({kind: _with_zero(*span) for kind, span in ranges.items()})


def white(greatest: float, *, unit: bool) -> float:
    """The largest number of 8, 10, 12, 14, 16, 24 or 32 bits, as needed; with `unit`, which is how floats
    are stored, 1, 2, 4, ... 128 where these are enough."""
    if unit and greatest <= 128:
        return float(2 ** max(0, math.ceil(math.log2(max(greatest, 1.0)))))
    return float(next((2**n - 1 for n in BITS if greatest <= 2**n - 1), greatest))


def _with_zero(low: float, high: float) -> Range:
    """Zero is black; or mid-grey if values lie on both sides of it, as in height maps."""
    return (-max(high, -low), max(high, -low)) if low < -_BELOW * high else (0.0, high)
