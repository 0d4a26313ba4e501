"""Judging a model on labelled images, honestly: no image by a threshold that it helped to choose."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from detection import metrics
from detection.calibration import Photo, Scored
from detection.datasets import sha256
from detection.detector import Detector, load
from detection.errors import BadDataset
from detection.progress import Watch
from detection.types import Dataset, Evaluation, OnProgress, Threshold

FEW = 10
_BATCH = 8
_TIMED = 5


def evaluate(
    run: Detector | Path | str, dataset: Dataset, *, on_progress: OnProgress | None = None
) -> Evaluation:
    """Metrics of a run (or of a loaded detector) on a dataset's test images. Raises BadDataset without any.

    Images that the model learned from, or that were held back from it, are left out. Those that
    helped to choose its threshold are judged by the thresholds that were chosen without them, when
    it was trained; all others by its own threshold.
    """
    detector = run if isinstance(run, Detector) else load(run)
    watch = Watch(on_progress)
    photos, paths, seen = unseen(dataset, {*detector.dataset["learned"], *detector.dataset["held_back"]})
    if not photos:
        raise BadDataset(
            f"{dataset.category} has no test images that the model has not learned from. Put labelled "
            "photos into test/good and test/<kind of defect>."
        )
    scored = []
    for start in range(0, len(photos), _BATCH):
        predictions = detector.predict(paths[start : start + _BATCH])
        scored += [(p, r.score) for p, r in zip(photos[start : start + _BATCH], predictions, strict=True)]
        watch.tell("calibrating", len(scored), len(photos))
    return assess(
        _thresholds(scored, detector),
        category=dataset.category,
        method=detector.method,
        threshold=detector.threshold,
        ms_per_image=milliseconds(detector, paths),
        warnings=left_out(seen),
    )


def unseen(dataset: Dataset, learned: set[str]) -> tuple[list[Photo], list[Path], int]:
    """The test images that are none of the training images: (photos, their paths, how many were)."""
    photos, paths, seen = [], [], 0
    for image in dataset.test:
        digest = sha256(image.path)
        if digest in learned:
            seen += 1
            continue
        photos.append(Photo(image.path.name, image.label, digest))
        paths.append(image.path)
    return photos, paths, seen


def left_out(seen: int) -> list[str]:
    if not seen:
        return []
    return [f"{seen} of the test images were left out: the same files are among the training images."]


def milliseconds(detector: Detector, paths: Sequence[Path]) -> float:
    """From an image file to its verdict, one at a time: the median over a few files, after one to warm up."""
    times = []
    for path in [paths[0], *paths[:_TIMED]]:
        start = time.perf_counter()
        detector.predict([path])
        times.append(1000 * (time.perf_counter() - start))
    return float(np.median(times[1:]))


def assess(
    scored: Sequence[Scored],
    *,
    category: str,
    method: str,
    threshold: Threshold,
    ms_per_image: float,
    warnings: Sequence[str] = (),
) -> Evaluation:
    """The metrics of judged images; at least one."""
    scores = np.array([one.score for one in scored])
    defect = np.array([one.is_defect for one in scored])
    flagged = np.array([one.flagged for one in scored])
    counts = metrics.confusion(flagged, defect)
    n_defect = int(defect.sum())
    n_good = len(scored) - n_defect
    precision, recall, f1 = metrics.precision_recall_f1(counts)
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
        by_defect=metrics.by_defect(scores, flagged, [one.photo.label for one in scored]),
        ms_per_image=ms_per_image,
        roc=metrics.roc(scores, defect),
        warnings=(*warnings, *_warnings(threshold, n_good, n_defect)),
    )


def _thresholds(scored: Sequence[tuple[Photo, float]], detector: Detector) -> list[Scored]:
    """Each image with the threshold that it did not help to choose."""
    helped: dict[str, dict[str, Any]] = {one["sha256"]: one for one in detector.dataset["calibration"]}
    own = {"threshold": detector.threshold.value, "fold": None}
    start = detector.threshold.review_from
    found = []
    for photo, score in scored:
        judge = helped.get(photo.sha256, own)
        found.append(Scored(photo, score, judge["threshold"], judge["fold"], start))
    return found


def _judged_by(scored: Sequence[Scored], threshold: Threshold) -> str:
    cross = sum(one.fold is not None for one in scored)
    own = len(scored) - cross
    if not cross:
        return f"All {own} images by the model's own threshold; none of them helped to choose it."
    folds = len({one.fold for one in scored if one.fold is not None})
    said = (
        f"Cross-fitting: the {cross} images that helped to choose the model's threshold were each judged by "
        f"one chosen without them ({folds} folds, each judged by the threshold of the other folds)"
    )
    return f"{said}; the other {own} by the model's own threshold." if own else f"{said}."


def _warnings(threshold: Threshold, n_good: int, n_defect: int) -> list[str]:
    found = []
    if threshold.policy == "training":
        found.append(f"The threshold is a guess. {threshold.chosen_on}")
    if not n_defect:
        found.append("No defective test images: AUROC, F1, precision and recall are undefined.")
    elif not n_good:
        found.append("No good test images: AUROC, F1 and precision are undefined.")
    elif min(n_good, n_defect) < FEW:
        found.append(f"Only {n_good} good and {n_defect} defective test images: the metrics are rough.")
    return found
