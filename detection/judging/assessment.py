"""From judged images to an Evaluation: metrics, intervals, the results of other policies, warnings."""

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
# The AUROC of random scores.
COIN = 0.5
# Policies that use good photos kept from training.
_OF_GOOD = ("limits", "conformal", "percentile")
# A threshold below this separates zero from everything else, not good from defective.
_NOTHING = 1e-30
# Scores of good photos differ by a factor of 2 to 30; those of copies are smaller than this share of the
# largest.
_COPY = 1e-4


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
    """The metrics of judged images, of which there is at least one. pixels: of their maps."""
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
        return f"All {own} photos were judged by the model's own threshold; none was used to choose it."
    folds = len({one.fold for one in scored if one.fold is not None})
    said = (
        f"Cross-fitting: the {cross} photos used to choose the model's threshold were each judged by a "
        f"threshold chosen without them ({folds} folds)"
    )
    return f"{said}; the other {own} were judged by the model's own threshold." if own else f"{said}."


def _alike(scores: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[str]:
    """A warning where all scores are equal."""
    if len(scores) > 1 and scores.min() == scores.max():
        return [f"All {len(scores)} test photos have the same score: the model cannot tell them apart."]
    return []


def doubts(threshold: Threshold) -> list[str]:
    """Warnings about a threshold that is based on next to nothing."""
    if 0 < threshold.value < _NOTHING:
        return [
            "The threshold is close to zero because good photos scored 0: any difference from them is an "
            "ANOMALY. Add photos that show how good parts vary, and retrain."
        ]
    if threshold.policy == "training":
        return [f"The threshold is a guess. {threshold.chosen_on}"]
    if threshold.policy in _OF_GOOD and threshold.n_good < FEW:
        some = "1 photo" if threshold.n_good == 1 else f"{threshold.n_good} photos"
        return [
            f"The threshold is based on only {some} of good parts and is hardly more than a guess. Add "
            f"photos of good parts (at least {FEW}, better 30), and retrain."
        ]
    if threshold.policy == "f1" and min(threshold.n_good, threshold.n_defect) < FEW:
        return [
            f"The threshold is based on only {threshold.n_good} good and {threshold.n_defect} defective "
            f"labelled photos and is hardly more than a guess. Add photos (at least {FEW} of each), or train "
            "on more photos of good parts."
        ]
    return _copies(threshold.good_scores)


def _copies(good: Sequence[float]) -> list[str]:
    """A warning if some good photos score next to nothing, because others show the same."""
    copies = sum(score < _COPY * max(good) for score in good)
    if not copies:
        return []
    return [
        f"{copies} of {len(good)} good photos score next to nothing beside the largest: others show nearly "
        "the same picture, so the limits do not say how good parts vary. Keep one photo of each part, and "
        "retrain."
    ]


def _warnings(
    threshold: Threshold,
    n_good: int,
    n_defect: int,
    interval: Interval | None,
    reliable: Sequence[PValueShare],
) -> list[str]:
    warnings = []
    if not n_defect:
        warnings.append("No defective test photos: AUROC, F1, precision and recall are undefined.")
    elif not n_good:
        warnings.append("No good test photos: AUROC, F1 and precision are undefined.")
    elif min(n_good, n_defect) < FEW:
        warnings.append(f"Only {n_good} good and {n_defect} defective test photos: the metrics are rough.")
    if interval and interval[0] <= COIN:
        warnings.append(
            "The scores barely separate good from defective photos: the 95 % interval of the image AUROC "
            f"({interval[0]:.3f} to {interval[1]:.3f}) is not above {COIN:g}, which is chance."
        )
    surprising = surprise(reliable, len(threshold.good_scores))
    return [*warnings, surprising] if surprising else warnings
