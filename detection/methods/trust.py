"""Is a network that learned from synthetic damage to be trusted, and how much? Tested with other damage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from detection.metrics.separation import Both, auroc, gains

# It is trusted if it is better in this share of resamples, which is beyond what chance explains.
SURE = 0.9


@dataclass(frozen=True, slots=True)
class Trust:
    """trusted: whether the network is used. weight: the exponent of its map, also if it is not used.
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


def decide(alone: Both, together: Mapping[float, Both], lit: int = 0) -> Trust:
    """From scores of photos that nothing scored here has learned from, as they are and with reserved kinds of
    damage: without the network, and with it at several weights. lit: see `separation.gains`.

    The weight chosen is the one with the largest gain of AUROC that `SURE` of the resamples exceed. Weak
    evidence gives small weights, because they risk less, and none if that gain is not above 0.
    """
    n_good, n_damaged = (len(scores) for scores in alone)
    weight = max(together)
    if not n_good or not n_damaged:
        return Trust(False, weight, 0.0, 0.0, 0.0, n_good, n_damaged)
    gained = {weight: gains(both, alone, lit) for weight, both in together.items()}
    weight = max(
        gained, key=lambda weight: min(float(np.quantile(gain, 1 - SURE)) for gain in gained[weight])
    )
    sure = min(float(np.mean(gain > 0)) for gain in gained[weight])
    values = sure >= SURE, weight, auroc(alone), auroc(together[weight]), sure
    return Trust(*values, n_good, n_damaged)
