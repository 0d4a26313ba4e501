"""Where OK ends and ANOMALY begins, and what that promises. A score at or above the threshold is ANOMALY.

A policy says how the threshold is chosen:

    f1          the largest F1 on labelled images
    recall      at least `target` of defects like the labelled ones are found
    conformal   at most `target` of good parts are flagged, going by good images kept from training
    percentile  above `percentile` per cent of good parts, likewise
    manual      `target` itself
    training    a guess, where no good image was kept
    auto        f1 where there are labels for it, else percentile

One that cannot be followed gives way to the next of f1, percentile and training that can, and the
sentence in `Threshold.chosen_on` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detection import cutoffs
from detection.errors import BadOptions
from detection.policies import FOLLOW, Known, missing, percent
from detection.types import Policy, Threshold, TrainOptions


@dataclass(frozen=True, slots=True)
class GoodScores:
    """Scores of good images, and in words which images these are ("held-out good images").

    kept: no image was learned from by the model that scored it, so further good parts score alike.
    """

    values: tuple[float, ...]
    source: str
    kept: bool = True


def choose(
    good: Sequence[float], defect: Sequence[float], reference: GoodScores, options: TrainOptions
) -> Threshold:
    """The threshold a model is put to work with.

    good, defect: scores of labelled images. reference: of good images kept from training, or those
    learned from where none were kept. Raises BadOptions where none of these is a number.
    """
    known, left_out = _known(good, defect, reference, options)
    policy, why_not = _policy(known)
    chosen = FOLLOW[policy](known)
    kept = sorted(known.reference) if known.kept else []
    review_from, band = _review(kept, chosen.value, options.review)
    return Threshold(
        chosen.value,
        policy,
        " ".join(said for said in (why_not, chosen.chosen_on, band, left_out) if said),
        chosen.n_good,
        chosen.n_defect,
        chosen.target,
        review_from,
        tuple(kept),
    )


def follow(
    policy: Policy,
    good: Sequence[float],
    defect: Sequence[float],
    reference: GoodScores,
    options: TrainOptions,
) -> Threshold | None:
    """What this policy would choose, None where it cannot be followed."""
    known, _ = _known(good, defect, reference, options)
    return None if missing(policy, known) else FOLLOW[policy](known)


def _known(
    good: Sequence[float], defect: Sequence[float], reference: GoodScores, options: TrainOptions
) -> tuple[Known, str]:
    known = Known(
        _numbers(good),
        _numbers(defect),
        _numbers(reference.values),
        reference.source,
        reference.kept,
        options,
    )
    lost = len(good) + len(defect) + len(reference.values)
    lost -= len(known.good) + len(known.defect) + len(known.reference)
    return known, f"Scores that are not numbers were ignored: {lost}." if lost else ""


def _numbers(scores: Sequence[float]) -> list[float]:
    found: list[float] = np.asarray(scores, dtype=np.float64)[cutoffs.is_number(scores)].tolist()
    return found


def _policy(known: Known) -> tuple[Policy, str]:
    """The policy to follow, and what to say where it is not the one asked for."""
    asked = known.options.threshold
    lacks = "" if asked == "auto" else missing(asked, known)
    orders: tuple[Policy, ...] = ("f1", "percentile", "training")
    wanted = [policy for policy in FOLLOW if policy == asked]
    for policy in (*wanted, *orders):
        if not missing(policy, known):
            return policy, f"The policy {asked} was not used, although requested: {lacks}." if lacks else ""
    raise BadOptions(
        "No image has a valid score, so no threshold can be set: training has failed. Retrain, with a "
        "smaller learning_rate if the method has one."
    )


def _review(kept: Sequence[float], value: float, asked: float) -> tuple[float | None, str]:
    """Where REVIEW begins, and what to say of it."""
    if not asked:
        return None, ""
    if not kept:
        return None, "There is no REVIEW band: it needs held-out good images."
    share = max(asked, cutoffs.smallest_share(len(kept)))
    start = cutoffs.conformal(kept, share)
    said = f"at most {percent(share)} of good parts score {start:.4g} or more"
    if start >= value:
        return None, f"There is no REVIEW band: {said}, and the threshold is not above that."
    return start, f"REVIEW begins where {said}."
