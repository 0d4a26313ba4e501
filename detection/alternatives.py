"""What each policy would have done on the same images: false alarms and misses, for choosing between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np

from detection import metrics, thresholds
from detection.calibration import Scored, by_class
from detection.crossfit import cross_fit, rule_of
from detection.thresholds import GoodScores
from detection.types import Policy, Threshold, TrainOptions

_ALWAYS = ("f1", "recall", "conformal", "percentile")


def compare(
    scored: Sequence[Scored], threshold: Threshold, options: TrainOptions
) -> tuple[dict[str, Any], ...]:
    """A row for each policy that can be followed: {"policy", "in_use", "target", "threshold"} and its rates.

    The row in use is what the images were judged by. In the others, a policy that labels choose by is
    cross-fitted on these images, so here too no image is judged by a threshold it helped to choose.
    """
    good, defect = by_class([(one.photo, one.score) for one in scored])
    reference = GoodScores(threshold.good_scores, "held-out good images")
    rows = []
    for policy in get_args(Policy):
        if policy == threshold.policy:
            rows.append(_row(scored, threshold, [one.threshold for one in scored]) | {"in_use": True})
        elif policy in _ALWAYS:
            other = thresholds.follow(policy, good, defect, reference, options)
            if other is not None:
                rows.append(_row(scored, other, _judges(scored, other)))
    return tuple(rows)


def _judges(scored: Sequence[Scored], threshold: Threshold) -> list[float]:
    """For each image the threshold that it did not help to choose."""
    rule = rule_of(threshold)
    if rule is None:
        return [threshold.value] * len(scored)
    labels, images = [one.photo.label for one in scored], [one.photo.sha256 for one in scored]
    return cross_fit([one.score for one in scored], labels, images, rule)[1]


def _row(scored: Sequence[Scored], threshold: Threshold, judges: Sequence[float]) -> dict[str, Any]:
    flagged = np.array([one.score for one in scored]) >= np.array(judges)
    counts = metrics.confusion(flagged, [one.is_defect for one in scored])
    row = {"policy": threshold.policy, "in_use": False, "target": threshold.target}
    return row | {"threshold": threshold.value} | metrics.rates(counts)
