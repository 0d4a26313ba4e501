"""What a method is made from besides its options: where parts lie on the photos, and how much it may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from detection import datasets
from detection.normality import turns
from detection.normality.turns import NONE, Turns
from detection.photos import levels as ranges
from detection.photos.images import PLAIN, Levels
from detection.photos.region import Region


@dataclass(frozen=True, slots=True)
class Geometry:
    """region: where on the photos the part is, None for the whole photo. turns: the angles that parts lie at.
    levels: what is black and what is white."""

    region: Region | None = None
    turns: Turns = NONE
    levels: Levels = PLAIN

    def as_dict(self) -> dict[str, Any]:
        """For config.json."""
        return {
            "region": self.region.as_dict() if self.region else None,
            "turns": self.turns.as_dict(),
            "levels": self.levels.as_dict(),
        }

    @classmethod
    def read(cls, config: dict[str, Any]) -> Self:
        """What `as_dict` gave; runs from before there were such have none."""
        region = config.get("region")
        return cls(
            Region(**{**region, "near": tuple(region["near"])}) if region else None,
            turns.read(config.get("turns")),
            ranges.read(config.get("levels")),
        )


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much a method learns from and keeps; smaller ones are for tests and measurements.

    fine, coarse: vectors in the memory banks of fine and coarse patches; vectors: in that of `patchcore`.
    sample: patches that a bank is chosen from. places: with a Gaussian of their own, at most; those of
    photos of 512 px take 70 MB, and the banks look at each patch of larger photos all the same.
    copies: damaged copies to learn from, and probes: with damage of kinds kept apart, about. room: the bytes
    that the features of all examples may take. spared: of so many good photos none is held back where a
    method can do without. most_folds: that good photos are dealt into. turned: copies of each photo, turned.
    """

    fine: int = 5000
    coarse: int = 4000
    vectors: int = 10_000
    sample: int = 250_000
    places: int = 64 * 64
    copies: int = 1200
    probes: int = 480
    room: int = 640 * 2**20
    spared: int = datasets.MANY
    most_folds: int = 5
    turned: int = turns.MOST

    def folds(self, count: int) -> int:
        """In how many folds so many good photos are dealt out."""
        return min(self.most_folds, datasets.folds(count))
