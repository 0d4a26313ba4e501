"""Where a draft may decide alone: how far below the model's limit its score has to be."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detection.verdicts import cutoffs

Floats = NDArray[np.float64]

# At most this share of all verdicts may differ from the model's.
PROMISE = 1 / 1000
# The share of defective parts on a line; half of the promise is for these, half for good parts.
DEFECTIVE = 0.05
# With fewer damaged copies that the model does not call OK, nothing is known about what a draft misses.
LEAST_DAMAGED = 50


@dataclass(frozen=True, slots=True)
class Limit:
    """value: logarithm of a share of the score below which the model says OK; the draft decides alone below.

    by_good, by_damaged: what copies of good parts and damaged ones alone would allow; value is at most these.
    basis: how the former was determined, see `cutoffs.limit`. n_good, n_damaged: copies that it rests on.
    missed: the share of damaged parts like these, which the model does not call OK, that may pass.
    """

    value: float
    by_good: float
    by_damaged: float
    basis: cutoffs.Basis
    n_good: int
    n_damaged: int
    missed: float

    @property
    def promise(self) -> float:
        """The share of all verdicts that may differ from the model's: more than PROMISE where too few damaged
        copies were at hand for it."""
        return (1 - DEFECTIVE) * PROMISE / 2 + DEFECTIVE * self.missed


def choose(good: Floats, model_of_good: Floats, damaged: Floats, model_of_damaged: Floats) -> Limit | None:
    """From the draft's and the model's scores of copies, as logarithms of shares of the model's limit.

    good: of good parts. For a further one, the model's score exceeds the draft's by more than the margin with
    a chance of half the promise: split conformal prediction of the error, whose tail is fitted where copies
    are too few for that (`cutoffs.limit`).

    damaged: those that the model does not call OK count. The limit is below all of them but a share of
    `missed`, by class-conditional conformal prediction (Vovk 2012). Where DEFECTIVE of the parts are
    defective, that is the other half of the promise.

    None with fewer than LEAST_DAMAGED of these.
    """
    bad = np.sort(damaged[model_of_damaged >= 0])
    if len(bad) < LEAST_DAMAGED:
        return None
    margin, basis = cutoffs.limit(np.exp(model_of_good - good), PROMISE / 2)
    missed = max(PROMISE / 2 / DEFECTIVE, cutoffs.smallest_share(len(bad)))
    # A further one is below the rank-th smallest with a chance of at most `missed`.
    rank = max(1, math.floor(missed * (len(bad) + 1) + 1e-9))
    by_good, by_damaged = -math.log(margin), float(bad[rank - 1])
    return Limit(min(by_good, by_damaged, 0.0), by_good, by_damaged, basis, len(good), len(bad), missed)
