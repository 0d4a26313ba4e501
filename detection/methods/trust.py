"""When is a network that learned from made-up damage to be trusted? Where it finds other damage too."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from detection.separation import Both, auroc, sureness

# It is trusted where it is better in so many of resampled photos: beyond what chance explains.
SURE = 0.9


@dataclass(frozen=True, slots=True)
class Trust:
    """trusted: whether the network has a say. alone, together: AUROC of damaged against good photos
    without and with it. sure: the share of resamples in which it helps."""

    trusted: bool
    alone: float
    together: float
    sure: float
    n_good: int
    n_damaged: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def decide(alone: Both, together: Both) -> Trust:
    """From scores of photos that nothing scored here has learned from, as they are and with kinds of
    damage that nothing here has learned: without the network and with it."""
    n_good, n_damaged = (len(scores) for scores in alone)
    if not n_good or not n_damaged:
        return Trust(False, 0.0, 0.0, 0.0, n_good, n_damaged)
    sure = sureness(together, alone)
    return Trust(sure >= SURE, auroc(alone), auroc(together), sure, n_good, n_damaged)
