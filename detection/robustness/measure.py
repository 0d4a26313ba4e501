"""Judging photos after every harmless change of every strength, photo by photo."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from detection.damage import graded, harmless
from detection.errors import BadDataset
from detection.judging.detector import Detector
from detection.judging.evaluation import unseen
from detection.metrics import image as metrics
from detection.metrics import intervals
from detection.photos.reading import ahead, batches
from detection.photos.transforms import PhotoSource, Prepared, opened, to_image, to_tensor
from detection.results import InReview
from detection.robustness.report import PROMISE, Cell, Report, Row
from detection.types import GOOD, Dataset, OnStep, Threshold, verdict

PHOTOS = 30
_AS_IT_IS = ("", 0)
# Photos are shrunk to at most this many px for one that the model reads before they are changed.
_FINER = 2.0
_BATCH = 8


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """label: "good" or the kind of defect. read: gives the photo; called once, when it is its turn."""

    label: str
    read: Callable[[], PhotoSource]


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits by which photos are judged. promise: the share of good parts that may be flagged;
    `promised`: whether the limits promise it, or it is only the usual share."""

    threshold: float
    review_from: float | None
    promise: float = PROMISE
    promised: bool = False

    @classmethod
    def of(cls, threshold: Threshold) -> Limits:
        """Those of a run."""
        promised = threshold.policy in ("limits", "conformal")
        share = (threshold.target if promised else None) or PROMISE
        return cls(threshold.value, threshold.review_from, share, promised)


def chosen(labels: Sequence[str], count: int = PHOTOS, seed: int = 0) -> list[int]:
    """The numbers of up to `count` good and `count` defective photos, at random; about as many of each kind
    of defect."""
    draw = random.Random(seed)  # noqa: S311  # a sample, no secret
    numbers: dict[str, list[int]] = defaultdict(list)
    for number, label in enumerate(labels):
        numbers[label].append(number)
    for of_label in numbers.values():
        draw.shuffle(of_label)
    kinds = [numbers[label] for label in sorted(numbers) if label != GOOD]
    turns = range(max(map(len, kinds), default=0))
    defects = [kind[turn] for turn in turns for kind in kinds if turn < len(kind)]
    return sorted([*numbers[GOOD][:count], *defects[:count]])


def photos_of(
    detector: Detector, dataset: Dataset, count: int = PHOTOS, seed: int = 0
) -> list[LabelledPhoto]:
    """Test photos of a data set that the model has not learned from, see `chosen`."""
    photos, paths, _ = unseen(dataset, detector.trained_on)
    return [
        LabelledPhoto(photos[number].label, lambda path=paths[number]: path)  # type: ignore[misc]
        for number in chosen([photo.label for photo in photos], count, seed)
    ]


def measure(
    detector: Detector,
    photos: Sequence[LabelledPhoto],
    limits: Limits | None = None,
    *,
    seed: int = 0,
    on_step: OnStep | None = None,
) -> Report:
    """The report on these photos. limits: those of the run by default.

    One photo is in memory at a time, and 71 verdicts are made for it. on_step: called with the number of
    verdicts, and of all; an exception that it raises ends the work. Raises BadDataset without a good photo;
    UnreadableImage.
    """
    if all(photo.label != GOOD for photo in photos):
        raise BadDataset(
            "There are no good test photos that the model has not learned from, so false alarms cannot be "
            "counted. Put some into test/good."
        )
    limits = limits or Limits.of(detector.threshold)
    tally = _Tally()
    total = len(photos) * (1 + len(graded.CHANGES) * len(graded.STRENGTHS))
    shown = ahead(_shown(detector, photos, tally), lambda one: one.prepared(detector, seed))
    for batch in batches(shown, _BATCH):
        predictions = detector.predict([prepared for _, prepared in batch])
        for (change, _), prediction in zip(batch, predictions, strict=True):
            tally.scores[change].append(prediction.score)
            tally.judged += 1
        if on_step:
            on_step(tally.judged, total)
    return _report(detector, tally, limits, seed)


@dataclass(slots=True)
class _Tally:
    """The scores of all photos by change and strength, in the order of the photos, and their labels."""

    labels: list[str] = field(default_factory=list)
    grey: list[bool] = field(default_factory=list)
    scores: dict[tuple[str, int], list[float]] = field(default_factory=lambda: defaultdict(list))
    judged: int = 0


@dataclass(frozen=True, slots=True)
class _Shown:
    """A photo to be changed and prepared. number: among those with a label like its own, good or not."""

    photo: torch.Tensor
    px: float
    number: int
    change: tuple[str, int]

    def prepared(self, detector: Detector, seed: int) -> tuple[tuple[str, int], Prepared]:
        name, strength = self.change
        photo = self.photo
        if name:
            photo = graded.changed(photo, name, strength, number=self.number, px=self.px, seed=seed)
        pixels = (photo[0] * 255).round().byte()
        return self.change, detector.prepare(to_image(pixels))


def _shown(detector: Detector, photos: Sequence[LabelledPhoto], tally: _Tally) -> Iterator[_Shown]:
    """Each photo as it is, and after each change. What `tally` knows of a photo is noted here."""
    number = {True: 0, False: 0}
    for labelled in photos:
        picture, px = _workable(opened(labelled.read(), detector.levels).rgb(detector.levels), detector)
        photo = to_tensor(picture)[None].float() / 255
        tally.labels.append(labelled.label)
        tally.grey.append(bool(harmless.grey(photo)))
        good = labelled.label == GOOD
        yield _Shown(photo, px, number[good], _AS_IT_IS)
        for name in graded.CHANGES:
            for strength in graded.STRENGTHS:
                yield _Shown(photo, px, number[good], (name, strength))
        number[good] += 1


def _workable(picture: Image.Image, detector: Detector) -> tuple[Image.Image, float]:
    """A photo that is no finer than it has to be, and its px for one that the model reads."""
    region = detector.model.geometry.region
    share = math.sqrt(region.width * region.height) if region else 1.0
    px = share * math.sqrt(picture.width * picture.height) / detector.size
    if px <= _FINER:
        return picture, px
    width, height = (max(1, round(side * _FINER / px)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.BILINEAR), _FINER


def _report(detector: Detector, tally: _Tally, limits: Limits, seed: int) -> Report:
    defect = np.array([label != GOOD for label in tally.labels])
    unchanged = _cell(tally.scores[_AS_IT_IS], defect, limits, 0, "")
    rows = [
        Row(
            one.name,
            one.title,
            tuple(
                _cell(tally.scores[one.name, strength], defect, limits, strength, amount)
                for strength, amount in zip(graded.STRENGTHS, one.amounts, strict=True)
            ),
        )
        for one in graded.CHANGES.values()
        if not (one.of_colour and all(tally.grey))
    ]
    return Report(
        category=detector.category,
        method=detector.method,
        threshold=limits.threshold,
        review_from=limits.review_from,
        promise=limits.promise,
        promised=limits.promised,
        seed=seed,
        n_good=int((~defect).sum()),
        n_defect=int(defect.sum()),
        unchanged=unchanged,
        rows=tuple(rows),
        notes=tuple(_notes(detector, tally, defect)),
    )


def _cell(
    scores: Sequence[float], defect: NDArray[np.bool_], limits: Limits, strength: int, amount: str
) -> Cell:
    verdicts = np.array([verdict(score, limits.threshold, limits.review_from) for score in scores])
    flagged, unsure = verdicts == "ANOMALY", verdicts == "REVIEW"
    review = InReview(int((unsure & ~defect).sum()), int((unsure & defect).sum()))
    return Cell(
        strength=strength,
        amount=amount,
        auroc=metrics.image_auroc(scores, defect),
        auroc_interval=intervals.bootstrap(scores, flagged, defect).get("image_auroc", ()),
        rates=metrics.rates(metrics.confusion(flagged, defect)),
        review=None if limits.review_from is None else review,
    )


def _notes(detector: Detector, tally: _Tally, defect: NDArray[np.bool_]) -> Iterator[str]:
    if all(tally.grey):
        yield "All photos are grey: white balance was left out."
    if not defect.any():
        yield "There are no defective test photos: misses and AUROC are not known."
    if detector.threshold.policy in ("f1", "recall"):
        yield "The threshold was chosen on test photos: on the photos as they are it looks better than it is."
