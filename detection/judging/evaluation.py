"""Evaluate a model on labelled images: no image is judged by a threshold that it helped to choose."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from detection.errors import BadDataset
from detection.files.digest import sha256
from detection.judging.assessment import assess
from detection.judging.calibration import HashedPhoto, Pixels, Scored
from detection.judging.detector import Detector, load
from detection.learning.progress import Watch
from detection.photos.reading import ahead, batches
from detection.results import Evaluation
from detection.types import GOOD, NOT_THIS_PART, Dataset, OnProgress, TrainOptions

_BATCH = 8
_TIMED = 5
_SHOWN = 5


def evaluate(
    run: Detector | Path | str, dataset: Dataset, *, on_progress: OnProgress | None = None
) -> Evaluation:
    """Metrics of a run (or a loaded detector) on a dataset's test images. Raises BadDataset without any.

    Images that the model learned from, or that were held out, are left out. Those that helped to choose its
    threshold are judged by the thresholds chosen without them during training; all others by its own
    threshold.
    """
    detector = run if isinstance(run, Detector) else load(run)
    watch = Watch(on_progress)
    photos, paths, seen = unseen(dataset, detector.trained_on)
    if not photos:
        raise BadDataset(
            f"{dataset.category} has no test photos apart from those the model was trained on. Put labelled "
            "photos into test/good and test/<kind of defect>."
        )
    scored: list[tuple[HashedPhoto, float]] = []
    others: list[HashedPhoto] = []
    pixels = Pixels(photos)
    for batch in batches(ahead(paths, detector.prepare), _BATCH):
        for number, prediction in enumerate(detector.predict(batch), len(scored)):
            scored.append((photos[number], prediction.score))
            if prediction.outcome == NOT_THIS_PART:
                others.append(photos[number])
            pixels.add(number, prediction.anomaly_map)
        watch.tell("calibrating", len(scored), len(photos))
    return assess(
        _thresholds(scored, detector),
        category=dataset.category,
        method=detector.method,
        threshold=detector.threshold,
        options=TrainOptions(**detector.config["options"]),
        pixels=pixels,
        ms_per_image=milliseconds(detector, paths),
        warnings=[*left_out(seen), *two_labels(photos), *_of_another_part(photos, others)],
    )


def unseen(dataset: Dataset, learned: set[str]) -> tuple[list[HashedPhoto], list[Path], list[HashedPhoto]]:
    """The test images that are not training images, their paths, and those that are."""
    photos, paths, seen = [], [], []
    for image in dataset.test:
        photo = HashedPhoto(
            dataset.name_of(image.path), image.label, sha256(image.path), image.mask, image.path
        )
        if photo.sha256 in learned:
            seen.append(photo)
            continue
        photos.append(photo)
        paths.append(image.path)
    return photos, paths, seen


def left_out(seen: Sequence[HashedPhoto], why: str = "the same files are in the training set") -> list[str]:
    """Warnings about test photos that are training photos, too: a defect among them is learned as good."""
    said = [f"{len(seen)} of the test photos were excluded: {why}."] if seen else []
    taught = [f"{photo.label}/{photo.name}" for photo in seen if photo.label != GOOD]
    if taught:
        which = "1 photo of a defect is" if len(taught) == 1 else f"{len(taught)} photos of defects are"
        said.append(
            f"{which} among the training photos, too, so such defects are learned as good and missed: "
            f"{_some(taught)}. Remove them from the training photos, or correct their labels, and retrain."
        )
    return said


def two_labels(photos: Sequence[HashedPhoto]) -> list[str]:
    """A warning about test photos that are stored as good and as defective, or as two kinds of defect."""
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    for photo in photos:
        labels[photo.sha256].setdefault(photo.label, f"{photo.label}/{photo.name}")
    several = [" = ".join(names.values()) for names in labels.values() if len(names) > 1]
    if not several:
        return []
    have = "1 test photo has" if len(several) == 1 else f"{len(several)} test photos have"
    return [f"{have} two labels, and count as both: {_some(several)}. Keep each under the right one."]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")


def _of_another_part(photos: Sequence[HashedPhoto], others: Sequence[HashedPhoto]) -> list[str]:
    """A warning: the numbers count these photos by their scores, but at work they are not judged by them."""
    if not others:
        return []
    good = sum(photo.label == GOOD for photo in others)
    return [
        f"{len(others)} of {len(photos)} test photos would be NOT_THIS_PART at work, {good} of them good: "
        "they look like another part than the training photos. The numbers here count them by their scores."
    ]


def milliseconds(detector: Detector, paths: Sequence[Path]) -> float:
    """From an image file to its verdict, one at a time: the median of a few files, after a warm-up."""
    times = []
    for path in [paths[0], *paths[:_TIMED]]:
        start = time.perf_counter()
        detector.predict([path])
        times.append(1000 * (time.perf_counter() - start))
    return float(np.median(times[1:]))


def _thresholds(scored: Sequence[tuple[HashedPhoto, float]], detector: Detector) -> list[Scored]:
    """Each image with the threshold that it did not help to choose."""
    helped: dict[str, dict[str, Any]] = {one["sha256"]: one for one in detector.dataset["calibration"]}
    start = detector.threshold.review_from
    own = {"threshold": detector.threshold.value, "fold": None}
    judged = []
    for photo, score in scored:
        judge = helped.get(photo.sha256, own)
        # In runs from before REVIEW could be chosen by labels, only the threshold was.
        review_from = judge.get("review_from", start)
        judged.append(Scored(photo, score, judge["threshold"], judge["fold"], review_from))
    return judged
