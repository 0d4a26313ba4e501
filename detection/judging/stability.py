"""How stable verdicts are: photos near a limit, judged again after slight changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from detection.damage import slight
from detection.judging.detector import Detector
from detection.learning import device as devices
from detection.photos.transforms import Prepared, to_unit
from detection.types import Prediction
from detection.verdicts.scoring import plain
from detection.verdicts.stability import Limits

# Number of changed photos that are judged at once.
_BATCH = slight.KINDS


@devices.repeatable()
def examine(
    detector: Detector,
    photos: Sequence[Prepared],
    predictions: Sequence[Prediction],
    *,
    least_stable: float = 0.0,
) -> list[Prediction]:
    """The predictions of these photos with their `stability`, where they are near a limit.

    The limits are those of each prediction, which need not be the run's. A photo that is far from its limits,
    shows another part or was decided by a draft keeps None. If the first changes hardly move the score, only
    these are made. least_stable: see `Prediction`.
    """
    near: dict[Limits, float] = {}
    examined = []
    for photo, prediction in zip(photos, predictions, strict=True):
        limits = Limits(prediction.threshold, prediction.review_from)
        if limits not in near:
            near[limits] = limits.near(detector.threshold.good_scores)
        settled = prediction.other_part or prediction.decided_by == "draft"
        if not settled and limits.distance(prediction.score) < near[limits]:
            changed = _scores(detector, photo, limits, prediction.score)
            known = limits.stability(prediction.score, changed)
            prediction = replace(prediction, stability=known, least_stable=least_stable)
        examined.append(prediction)
    return examined


def scores(detector: Detector, photo: Prepared, first: int = 0, last: int | None = None) -> list[float]:
    """The scores of a photo after each of the slight changes from `first` to `last`."""
    found: list[float] = []
    changes = slight.CHANGES[first:last]
    for start in range(0, len(changes), _BATCH):
        pixels = slight.changed(photo.pixels, changes[start : start + _BATCH])
        with torch.inference_mode():
            judged = detector.model.judge(to_unit(pixels, detector.model.device))
        found += plain(judged.scores)
    return found


def _scores(detector: Detector, photo: Prepared, limits: Limits, score: float) -> list[float]:
    first = scores(detector, photo, last=slight.KINDS)
    return first + scores(detector, photo, slight.KINDS) if limits.reaches(score, first) else first
