"""Where OK ends and ANOMALY begins, and what that guarantees. Scores at or above the threshold are ANOMALY.

A policy says how the threshold is chosen:

    limits      at most `target` of good parts are flagged, whatever the defects; see `cutoffs.limit`
    f1          the largest F1 on labelled images, where `defect_share` of parts are defective
    recall      at least `target` of defects like the labelled ones are flagged
    conformal   at most `target` of good parts are flagged, based on good images kept from training
    percentile  above `percentile` per cent of good parts, likewise
    manual      `target` itself
    training    a guess, if no good image was kept
    auto        limits if good images were kept, otherwise f1 if there are labels for it

REVIEW lies below the threshold: from the score that at most `review` of good parts reach, and with
`limits` from the one that 95 % of the labelled defects reach where that is lower.

A policy that cannot be applied is replaced by the next of limits, f1, percentile and training that can, and
the sentence in `Threshold.chosen_on` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from detection.errors import BadOptions
from detection.types import Policy, Threshold, TrainOptions
from detection.verdicts import cutoffs
from detection.verdicts.digits import in_digits
from detection.verdicts.policies import FOLLOW, LEAST_GOOD, REVIEWED, Known, missing, percent


@dataclass(frozen=True, slots=True)
class GoodScores:
    """Scores of good images, and in words which images these are ("held-out good images").

    kept: no image was learned from by the model that scored it, so further good parts have similar scores.
    """

    values: tuple[float, ...]
    source: str
    kept: bool = True


def choose(
    good: Sequence[float], defect: Sequence[float], reference: GoodScores, options: TrainOptions
) -> Threshold:
    """The threshold for a model.

    good, defect: scores of labelled images. reference: of good images kept from training, or of those learned
    from if none were kept. Raises BadOptions if none of these is a number.
    """
    known, left_out = _known(good, defect, reference, options)
    policy, why_not = _policy(known)
    chosen = _with_review(known, FOLLOW[policy](known))
    said = " ".join(part for part in (why_not, chosen.chosen_on, left_out) if part)
    return replace(chosen, chosen_on=said, good_scores=tuple(sorted(known.reference) if known.kept else ()))


def follow(
    policy: Policy,
    good: Sequence[float],
    defect: Sequence[float],
    reference: GoodScores,
    options: TrainOptions,
) -> Threshold | None:
    """The threshold by this policy, None if it cannot be applied."""
    known, _ = _known(good, defect, reference, options)
    return None if missing(policy, known) else _with_review(known, FOLLOW[policy](known))


def apply(
    policy: Policy,
    good: Sequence[float],
    defect: Sequence[float],
    reference: GoodScores,
    options: TrainOptions,
) -> Threshold:
    """The threshold by a policy that could be applied to more images than these."""
    known, _ = _known(good, defect, reference, options)
    return _with_review(known, FOLLOW[policy](known))


def by_labels(threshold: Threshold) -> bool:
    """Whether labelled images influenced it."""
    return threshold.policy in ("f1", "recall") or (
        threshold.policy == "limits" and threshold.n_defect > 0 and threshold.review_from is not None
    )


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
    numbers: list[float] = np.asarray(scores, dtype=np.float64)[cutoffs.is_number(scores)].tolist()
    return numbers


def _policy(known: Known) -> tuple[Policy, str]:
    """The policy to apply, and a sentence if it is not the one requested."""
    asked = known.options.threshold
    lacks = "" if asked == "auto" else missing(asked, known)
    orders: tuple[Policy, ...] = ("limits", "f1", "percentile", "training")
    wanted = [policy for policy in FOLLOW if policy == asked]
    for policy in (*wanted, *orders):
        if not missing(policy, known):
            return policy, f"The policy {asked} was not used, although requested: {lacks}." if lacks else ""
    raise BadOptions(
        "No photo has a valid score, so no threshold can be set: training has failed. Retrain, with a "
        "smaller learning_rate if the method has one."
    )


def _with_review(known: Known, chosen: Threshold) -> Threshold:
    """The threshold with a REVIEW limit, and a sentence about it."""
    share = known.options.review
    if not share:
        return chosen
    start = known.limit(share)
    if start is None:
        said = f"There is no REVIEW band: it needs at least {LEAST_GOOD} held-out good photos."
        return replace(chosen, chosen_on=f"{chosen.chosen_on} {said}")
    by: Literal["good", "defects"] = "good"
    said = f"at most {percent(share)} of good parts score {in_digits(start)} or more"
    if chosen.policy == "limits" and known.defect:
        reached = cutoffs.reached(known.defect, REVIEWED)
        if reached < start:
            by, start, count = "defects", reached, len(known.defect)
            said = f"{percent(REVIEWED)} of the {count} labelled defects score {in_digits(reached)} or more"
    if start >= chosen.value:
        said = f"There is no REVIEW band: {said}, and the threshold is not above that."
        return replace(chosen, chosen_on=f"{chosen.chosen_on} {said}")
    said = f"{chosen.chosen_on} REVIEW begins where {said}."
    return replace(chosen, chosen_on=said, review_from=start, review_by=by)
