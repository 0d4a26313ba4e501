"""What each threshold policy would have done on the same images: false alarms, misses and REVIEW."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import numpy as np

from detection.judging.calibration import Scored, by_class, judge_all
from detection.metrics import image as metrics
from detection.results import InReview, PolicyResult
from detection.types import Policy, Threshold, TrainOptions
from detection.verdicts import thresholds
from detection.verdicts.thresholds import GoodScores

_ALWAYS = ("limits", "f1", "recall", "conformal", "percentile")


def compare(
    scored: Sequence[Scored], threshold: Threshold, options: TrainOptions
) -> tuple[PolicyResult, ...]:
    """A row for each policy that can be applied.

    The row in use shows how the images were judged. In the other rows, policies that use labels are
    cross-fitted on these images, so that no image is judged by a threshold it helped to choose.
    """
    pairs = [(one.photo, one.score) for one in scored]
    good, defect = by_class(pairs)
    reference = GoodScores(threshold.good_scores, "held-out good photos")
    rows = []
    for policy in get_args(Policy):
        if policy == threshold.policy:
            rows.append(replace(_row(scored, threshold), in_use=True))
        elif policy in _ALWAYS:
            other = thresholds.follow(policy, good, defect, reference, options)
            if other is not None:
                rows.append(_row(judge_all(pairs, other, reference, options), other))
    return tuple(rows)


def _row(scored: Sequence[Scored], threshold: Threshold) -> PolicyResult:
    defect = np.array([one.is_defect for one in scored])
    flagged = np.array([one.flagged for one in scored])
    return PolicyResult(
        policy=threshold.policy,
        target=threshold.target,
        threshold=threshold.value,
        review_from=threshold.review_from,
        review=in_review(scored),
        rates=metrics.rates(metrics.confusion(flagged, defect)),
    )


def in_review(scored: Sequence[Scored]) -> InReview:
    """How many good and how many defective images are REVIEW."""
    unsure = [one.is_defect for one in scored if one.verdict == "REVIEW"]
    return InReview(len(unsure) - sum(unsure), sum(unsure))
