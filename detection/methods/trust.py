"""When is a network that learned from made-up damage to be trusted, and how far? By other damage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from detection.metrics.separation import Both, auroc, resampled

# It is trusted where it is better in so many of resampled photos: beyond what chance explains.
SURE = 0.9


@dataclass(frozen=True, slots=True)
class Trust:
    """trusted: whether the network has a say. weight: the exponent of its map, also where it has none.
    alone, together: AUROC of damaged against good photos without and with it. sure: the share of resamples
    in which it helps."""

    trusted: bool
    weight: float
    alone: float
    together: float
    sure: float
    n_good: int
    n_damaged: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def decide(alone: Both, together: Mapping[float, Both]) -> Trust:
    """From scores of photos that nothing scored here has learned from, as they are and with kinds of damage
    that nothing here has learned: without the network, and with it at several weights.

    Of the weights it gets the one by which the AUROC surely gains most: the gain that `SURE` of the
    resamples exceed. Thin evidence so gives small weights, for a small one risks less; none, where not even
    that gain is above 0.
    """
    n_good, n_damaged = (len(scores) for scores in alone)
    weight = max(together)
    if not n_good or not n_damaged:
        return Trust(False, weight, 0.0, 0.0, 0.0, n_good, n_damaged)
    without = np.array(resampled(alone))
    gains = {weight: np.array(resampled(both)) - without for weight, both in together.items()}
    weight = max(gains, key=lambda weight: float(np.quantile(gains[weight], 1 - SURE)))
    sure = float(np.mean(gains[weight] > 0))
    found = sure >= SURE, weight, auroc(alone), auroc(together[weight]), sure
    return Trust(*found, n_good, n_damaged)
