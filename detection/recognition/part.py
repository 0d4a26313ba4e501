"""What whole photos of good parts of a category look like, and how far another photo is from that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detection.recognition.signature import LENGTH, Floats

# Another category claims a photo only if the photo fits it and is this many times nearer to it than to its
# own.
_NEARER = 2.0
# Between categories whose distances differ by less than this factor, a person has to choose.
_CLEAR = 1.25


@dataclass(frozen=True, slots=True)
class Fit:
    """How a photo fits a category. away: its distance from good photos in units of the limit that at most
    1 % of them reach. far: the distance beyond which it shows another part, in the same units."""

    category: str
    away: float
    far: float

    @property
    def fits(self) -> bool:
        return self.away <= 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """mean [LENGTH], precision [LENGTH, LENGTH]: of the signatures of good photos (Mahalanobis distance).
    limit: the distance that at most 1 % of good photos reach. far: beyond how many times the limit a photo
    shows another part; copies with synthetic damage stay below."""

    mean: NDArray[np.float64]
    precision: NDArray[np.float64]
    limit: float
    far: float

    def distances(self, signatures: Floats) -> NDArray[np.float64]:
        """Of signatures [N, LENGTH]: [N]."""
        offsets = signatures.astype(np.float64) - self.mean
        squares: NDArray[np.float64] = np.einsum("ni,ij,nj->n", offsets, self.precision, offsets)
        return np.sqrt(np.maximum(squares, 0) / LENGTH)

    def away(self, signature: Floats) -> float:
        """In units of the limit."""
        return float(self.distances(signature[None])[0]) / self.limit

    def pack(self) -> dict[str, NDArray[np.float64]]:
        limits = np.array([self.limit, self.far])
        return {"mean": self.mean, "precision": self.precision, "limits": limits}

    @classmethod
    def unpack(cls, arrays: Mapping[str, NDArray[np.float64]]) -> Part:
        """Raises KeyError or ValueError where the arrays are not those of a part."""
        mean, precision = arrays["mean"], arrays["precision"]
        limit, far = arrays["limits"].tolist()
        if mean.shape != (LENGTH,) or precision.shape != (LENGTH, LENGTH):
            raise ValueError(f"the signature of a photo has {LENGTH} numbers, not {mean.shape}")
        return cls(mean, precision, limit, far)


def ranked(signature: Floats, parts: Mapping[str, Part]) -> list[Fit]:
    """How the photo fits each category, the nearest first."""
    fits = [Fit(name, part.away(signature), part.far) for name, part in parts.items()]
    return sorted(fits, key=lambda one: one.away)


def mismatch(own: Fit, others: Sequence[Fit] = ()) -> bool:
    """Whether a photo does not show the part of its category: it is too far from it, or does not fit it and
    clearly shows another category."""
    if own.away > own.far:
        return True
    return not own.fits and any(one.fits and _NEARER * one.away < own.away for one in others)


def find(fits: Sequence[Fit]) -> list[Fit]:
    """The category that a photo shows, among `ranked` ones: [one], [] where none is near enough, several
    where it is not clear which."""
    near = [one for one in fits if one.away <= one.far]
    return [one for one in near if one.away <= _CLEAR * near[0].away]
