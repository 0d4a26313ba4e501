"""Which method is best for a category? Tested on synthetic damage; no test labels are used.

All candidates judge the same good photos, as they are and with kinds of damage that none of them learns from
(`damage.apart`), each by fits that have not learned from the photo. The usual method is chosen unless another
one separates damaged from undamaged photos better, beyond what chance explains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detection.methods.trust import SURE
from detection.metrics.separation import Both, auroc, resampled, sureness
from detection.reasons import Reason
from detection.verdicts import cutoffs

# The largest damaged share of a photo for small, medium and large damage.
_SIZES = {"small": 0.003, "medium": 0.015, "large": 1.0}


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a method. score: AUROC of damaged against undamaged photos, some of the latter with
    harmless changes. interval: of the score, 95 %.

    by_damage: the same by the size of the damage. false_alarms: undamaged photos above a threshold that 5 %
    of the others exceed. seconds: training time. left_out: why it could not be tried, "" if it was.
    """

    method: str
    score: float | None = None
    interval: tuple[float, float] | None = None
    false_alarms: dict[str, int] = field(default_factory=dict)
    by_damage: dict[str, float | None] = field(default_factory=dict)
    seconds: float = 0.0
    ms_per_image: float = 0.0
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The chosen method, why (in a sentence, and as a code), and the evidence, the best first.

    n_learned: approximate number of photos in the fits behind each score; n_probes, n_damaged: photos judged.
    """

    chosen: str
    why: str
    candidates: tuple[Result, ...]
    n_learned: int = 0
    n_probes: int = 0
    n_damaged: int = 0
    used_labels: bool = False
    reason: Reason | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def decide(tried: Mapping[str, Both], usual: str, lit: int = 0) -> tuple[str, Reason]:
    """The method to choose among those tried, and why. lit: see `separation.gains`."""
    own = auroc(tried[usual])
    best = Reason("best", usual, own=own)
    others = sorted((name for name in tried if auroc(tried[name]) > own), key=lambda n: -auroc(tried[n]))
    for place, name in enumerate(others):
        sure, reached = sureness(tried[name], tried[usual], lit), auroc(tried[name])
        if sure >= SURE:
            return name, Reason("better", usual, name, own, reached, sure)
        if place == 0:
            best = Reason("unsure", usual, name, own, reached, sure)
    return usual, best


def result(name: str, both: Both, damaged: Sequence[float], seconds: float, milliseconds: float) -> Result:
    """damaged: the damaged share of each damaged copy."""
    low, high = np.quantile(resampled(both), (0.025, 0.975)).tolist()
    # Every second one, because those with harmless changes are the last.
    ones, others = both[0][::2], both[0][1::2]
    limit = cutoffs.above_good(ones, 95) if len(others) else np.inf
    return Result(
        name,
        auroc(both),
        (low, high),
        {"count": int((others >= limit).sum()), "n": len(others)},
        _by_size(both, np.array(damaged)),
        round(seconds, 1),
        round(milliseconds, 1),
    )


def _by_size(both: Both, sizes: NDArray[np.float64]) -> dict[str, float | None]:
    by_size: dict[str, float | None] = {}
    least = 0.0
    for name, most in _SIZES.items():
        these = np.flatnonzero((sizes > least) & (sizes <= most))
        by_size[name] = auroc((both[0], both[1][these])) if len(these) else None
        least = most
    return by_size
