"""The threshold policies: what each needs, what it does, and the sentence that describes it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from detection.types import Policy, Threshold, TrainOptions
from detection.verdicts import cutoffs

# With fewer images, a threshold chosen by labels would describe chance, and no image could be judged without
# its own influence.
LEAST = 2
# With fewer good scores the tail is unknown: a limit would lie many times above all of them.
LEAST_GOOD = 5
DEFAULT_TARGETS = {"limits": 0.01, "conformal": 0.01, "recall": 0.95}
# The share of labelled defects that should lie in or above REVIEW.
REVIEWED = 0.95


@dataclass(frozen=True, slots=True)
class Known:
    """What a threshold can be chosen by: scores that are numbers, and the options."""

    good: list[float]
    defect: list[float]
    reference: list[float]
    source: str
    kept: bool
    options: TrainOptions

    @property
    def n_kept(self) -> int:
        return len(self.reference) if self.kept else 0

    def limit(self, share: float) -> float | None:
        """The score that at most `share` of good parts reach; None if too few were kept."""
        return cutoffs.limit(self.reference, share)[0] if self.n_kept >= LEAST_GOOD else None

    def target(self, policy: str) -> float:
        """The target of a policy: the option applies only to the policy that was requested, and `auto` is
        limits."""
        wanted = "limits" if self.options.threshold == "auto" else self.options.threshold
        asked = self.options.target if wanted == policy else 0.0
        return asked or DEFAULT_TARGETS[policy]


def missing(policy: str, known: Known) -> str:
    """What the policy needs and lacks, as half a sentence; "" if it can be applied."""
    n_good, n_defect = len(known.good), len(known.defect)
    if policy == "f1" and min(n_good, n_defect) < LEAST:
        return (
            f"it needs at least {LEAST} good and {LEAST} defective labelled photos, "
            f"and there are {n_good} and {n_defect}"
        )
    if policy == "recall" and n_defect < LEAST:
        return f"it needs at least {LEAST} labelled defects, and there are {n_defect}"
    if policy == "limits" and known.n_kept < LEAST_GOOD:
        return f"it needs at least {LEAST_GOOD} held-out good photos, and there are {known.n_kept}"
    if policy in ("conformal", "percentile") and not (known.kept and known.reference):
        return "it needs held-out good photos, and there are none"
    if policy == "manual" and not known.options.target:
        return "it needs a target above 0, the threshold itself"
    if policy == "training" and not known.reference:
        return "it needs a training photo"
    return ""


def _limits(known: Known) -> Threshold:
    share, count = known.target("limits"), len(known.reference)
    value, basis = cutoffs.limit(known.reference, share)
    said = f"At most {percent(share)} of good parts are flagged, based on {count} scores of {known.source}"
    return Threshold(value, "limits", f"{said}{_STANDS_ON[basis]}.", count, len(known.defect), share)


_STANDS_ON = {
    "conformal": "",
    "tail": ". The tail of their scores is fitted, so that no single photo sets the limit",
    "few": f". Fewer than {cutoffs.FEW} make this a rough guess: their logarithms are assumed to be normal",
}


def _f1(known: Known) -> Threshold:
    n_good, n_defect, share = len(known.good), len(known.defect), known.options.defect_share
    said = (
        f"Maximises F1 on {n_good} good and {n_defect} defective labelled photos, for production in which "
        f"{percent(share)} of parts are defective."
    )
    limit = known.limit(cutoffs.KEPT)
    value = cutoffs.maximise_f1(known.good, known.defect, defect_share=share, limit=limit)
    return Threshold(value, "f1", said, n_good, n_defect)


def _recall(known: Known) -> Threshold:
    asked, n_good, n_defect = known.target("recall"), len(known.good), len(known.defect)
    most = cutoffs.largest_recall(n_defect)
    if asked <= most:
        said = f"Finds at least {percent(asked)} of defects like the {n_defect} labelled ones."
    else:
        needed = "no number of photos can guarantee" if asked >= 1 else f"takes {_least(1 - asked)}"
        said = (
            f"Finds at least {percent(most)} of defects like the {n_defect} labelled ones: all of these, and "
            f"so few cannot guarantee more. {percent(asked)} was requested, which {needed}."
        )
    value = cutoffs.reach_recall(known.good, known.defect, asked)
    return Threshold(value, "recall", said, n_good, n_defect, min(asked, most))


def _conformal(known: Known) -> Threshold:
    asked, count = known.target("conformal"), len(known.reference)
    least = cutoffs.smallest_share(count)
    share = max(asked, least)
    said = f"At most {percent(share)} of good parts are flagged, based on {count} scores of {known.source}."
    if asked < least:
        said = (
            f"{said} So few cannot guarantee less: {percent(asked)} was requested, which takes "
            f"{_least(asked)}."
        )
    return Threshold(cutoffs.conformal(known.reference, share), "conformal", said, count, 0, share)


def _percentile(known: Known) -> Threshold:
    percentile, count = known.options.percentile, len(known.reference)
    said = (
        f"Above the {percentile:g}th percentile of the expected scores, based on {count} scores of "
        f"{known.source}"
    )
    if known.options.threshold == "auto":
        said += (
            f"; too few labelled photos to choose it from ({len(known.good)} good, "
            f"{len(known.defect)} defective)"
        )
    value = cutoffs.above_good(known.reference, percentile)
    return Threshold(value, "percentile", f"{said}.", count, 0, percentile)


def _manual(known: Known) -> Threshold:
    target = float(known.options.target)
    return Threshold(target, "manual", f"Set manually to {target:g}.", 0, 0, target)


def _training(known: Known) -> Threshold:
    count = len(known.reference)
    said = (
        f"{cutoffs.MARGIN:g} times the largest score of {count} {known.source}, because there are no "
        "held-out good photos: a guess. Add photos of good parts and retrain."
    )
    return Threshold(cutoffs.guess(known.reference), "training", said, count, 0)


FOLLOW: dict[Policy, Callable[[Known], Threshold]] = {
    "limits": _limits,
    "f1": _f1,
    "recall": _recall,
    "conformal": _conformal,
    "percentile": _percentile,
    "manual": _manual,
    "training": _training,
}


def percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _least(share: float) -> str:
    """How many images are needed to guarantee a share as small as this."""
    return f"{math.ceil(1 / share - 1 - 1e-9)} photos"
