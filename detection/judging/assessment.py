"""From judged images to an Evaluation: metrics, intervals, what other policies would have done, warnings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detection.judging import alternatives
from detection.judging.calibration import Pixels, Scored
from detection.metrics import image as metrics
from detection.metrics import intervals
from detection.results import Evaluation, Interval, PValueShare
from detection.types import Threshold, TrainOptions
from detection.verdicts.p_values import p_values, reliability, surprise

FEW = 10
# The AUROC of scores that know nothing.
COIN = 0.5
# Policies that go by good photos kept from training.
_OF_GOOD = ("limits", "conformal", "percentile")
# A threshold below it separates zero from the rest, and nothing that a method measures.
_NOTHING = 1e-30


def assess(
    scored: Sequence[Scored],
    *,
    category: str,
    method: str,
    threshold: Threshold,
    options: TrainOptions,
    ms_per_image: float,
    pixels: Pixels,
    warnings: Sequence[str] = (),
) -> Evaluation:
    """The metrics of judged images; at least one. pixels: of their maps."""
    scores = np.array([one.score for one in scored])
    defect = np.array([one.is_defect for one in scored])
    flagged = np.array([one.flagged for one in scored])
    counts = metrics.confusion(flagged, defect)
    n_defect = int(defect.sum())
    n_good = len(scored) - n_defect
    precision, recall, f1 = metrics.precision_recall_f1(counts)
    kinds = metrics.by_defect(scores, flagged, [one.photo.label for one in scored])
    spans = intervals.bootstrap(scores, flagged, defect)
    reliable = _reliability(scores[~defect], threshold)
    return Evaluation(
        category=category,
        method=method,
        image_auroc=metrics.image_auroc(scores, defect),
        f1=f1,
        precision=precision,
        recall=recall,
        threshold=threshold.value,
        threshold_policy=threshold.policy,
        judged_by=_judged_by(scored, threshold),
        n_good=n_good,
        n_defect=n_defect,
        confusion=counts,
        by_defect=tuple(one.with_pixels(pixels.tally.of(one.name)) for one in kinds),
        ms_per_image=ms_per_image,
        roc=metrics.roc(scores, defect),
        warnings=(
            *warnings,
            *pixels.warnings,
            *_alike(scores),
            *doubts(threshold),
            *_warnings(threshold, n_good, n_defect, spans.get("image_auroc"), reliable),
        ),
        average_precision=metrics.average_precision(scores, defect),
        pr=metrics.pr(scores, defect),
        pixel=pixels.tally.overall(),
        intervals=spans,
        rates=metrics.rates(counts),
        review=None if threshold.review_from is None else alternatives.in_review(scored),
        p_values=reliable,
        policies=alternatives.compare(scored, threshold, options),
    )


def _reliability(
    good: np.ndarray[tuple[int], np.dtype[np.float64]], threshold: Threshold
) -> tuple[PValueShare, ...]:
    if not threshold.good_scores:
        return ()
    return reliability(p_values(good, threshold.good_scores), len(threshold.good_scores))


def _judged_by(scored: Sequence[Scored], threshold: Threshold) -> str:
    cross = sum(one.fold is not None for one in scored)
    own = len(scored) - cross
    if not cross:
        return f"All {own} images were judged by the model's own threshold; none was used to choose it."
    folds = len({one.fold for one in scored if one.fold is not None})
    said = (
        f"Cross-fitting: the {cross} images used to choose the model's threshold were each judged by a "
        f"threshold chosen without them ({folds} folds)"
    )
    return f"{said}; the other {own} were judged by the model's own threshold." if own else f"{said}."


def _alike(scores: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[str]:
    """What to say of scores that nothing can be told by."""
    if len(scores) > 1 and scores.min() == scores.max():
        return [f"All {len(scores)} test images have the same score: the model tells none of them apart."]
    return []


def doubts(threshold: Threshold) -> list[str]:
    """What a person should know of a threshold that stands on next to nothing."""
    if 0 < threshold.value < _NOTHING:
        return [
            "The threshold is close to zero because good images scored 0: any difference from them is an "
            "ANOMALY. Add photos of good parts that vary as parts do, and retrain."
        ]
    if threshold.policy == "training":
        return [f"The threshold is a guess. {threshold.chosen_on}"]
    if threshold.policy in _OF_GOOD and threshold.n_good < FEW:
        some = "1 photo" if threshold.n_good == 1 else f"{threshold.n_good} photos"
        return [
            f"The threshold stands on {some} of good parts, which is hardly more than a guess. Add photos "
            f"of good parts, {FEW} at least and better 30, and retrain."
        ]
    return []


def _warnings(
    threshold: Threshold,
    n_good: int,
    n_defect: int,
    interval: Interval | None,
    reliable: Sequence[PValueShare],
) -> list[str]:
    found = []
    if not n_defect:
        found.append("No defective test images: AUROC, F1, precision and recall are undefined.")
    elif not n_good:
        found.append("No good test images: AUROC, F1 and precision are undefined.")
    elif min(n_good, n_defect) < FEW:
        found.append(f"Only {n_good} good and {n_defect} defective test images: the metrics are rough.")
    if interval and interval[0] <= COIN:
        found.append(
            "The scores barely separate good from defective images: the 95 % interval of the image AUROC "
            f"({interval[0]:.3f} to {interval[1]:.3f}) is not above {COIN:g}, which is chance."
        )
    unlike = surprise(reliable, len(threshold.good_scores))
    return [*found, unlike] if unlike else found
