"""What a method is created with besides its options: the geometry of photos, and its sizes."""

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
    """region: where the part is on the photos, None for the whole photo. turns: the angles that parts lie
    at. levels: the black and the white."""

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
        """The reverse of `as_dict`; older runs lack some of it."""
        region = config.get("region")
        return cls(
            Region(**{**region, "near": tuple(region["near"])}) if region else None,
            turns.read(config.get("turns")),
            ranges.read(config.get("levels")),
        )


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much a method learns from and stores; smaller ones are for tests and measurements.

    fine, coarse: vectors in the memory banks of fine and coarse patches; vectors: in that of `patchcore`.
    sample: patches that a bank is chosen from. places: maximum number of places with a Gaussian; those of
    photos of 512 px take 70 MB, and the banks compare every patch of larger photos anyway. copies:
    approximate number of damaged copies to learn from; probes: of copies with reserved kinds of damage.
    epoch: photos of an epoch of `transformer`. room: bytes for the features of all examples. spared: up to
    this many good photos none is held back if a method can do without. most_folds: maximum number of folds.
    turned: turned copies of each photo.
    """

    fine: int = 5000
    coarse: int = 4000
    vectors: int = 10_000
    sample: int = 250_000
    places: int = 64 * 64
    copies: int = 1200
    probes: int = 480
    epoch: int = 256
    room: int = 640 * 2**20
    spared: int = datasets.MANY
    most_folds: int = 5
    turned: int = turns.MOST

    def folds(self, count: int) -> int:
        """The number of folds for `count` good photos."""
        return min(self.most_folds, datasets.folds(count))
