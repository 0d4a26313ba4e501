"""After learning: scores of good and of labelled images, the threshold, the colour scale."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from detection.drawing import heatmap
from detection.errors import UnreadableImage
from detection.methods.base import Model
from detection.metrics.pixels import PixelTally
from detection.names import printable
from detection.photos import masks
from detection.photos.image_cache import ImageCache
from detection.photos.transforms import place
from detection.types import GOOD, MapScale, MaskFiles, Threshold, TrainOptions, Verdict, verdict
from detection.verdicts import cutoffs, thresholds
from detection.verdicts.crossfit import cross_fit
from detection.verdicts.policies import LEAST_GOOD
from detection.verdicts.scoring import plain
from detection.verdicts.thresholds import GoodScores

# Where there is no REVIEW band, colours begin at the score that at most so many good parts reach.
FEW_GOOD = 0.05
_BATCH = 8

# The number of an image, and its map [H, W].
OnMap = Callable[[int, NDArray[np.float32]], None]


@dataclass(frozen=True, slots=True)
class Photo:
    """A labelled image, known by its hash; no path, for it outlives the folder.

    mask: where its defect is marked, if it is; opened while its map is at hand, and not later.
    """

    name: str
    label: str
    sha256: str
    mask: MaskFiles | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """What became of a labelled image. `fold` is None where the model's own threshold judged it."""

    photo: Photo
    score: float
    threshold: float
    fold: int | None = None
    review_from: float | None = None

    @property
    def is_defect(self) -> bool:
        return self.photo.label != GOOD

    @property
    def verdict(self) -> Verdict:
        return verdict(self.score, self.threshold, self.review_from)

    @property
    def flagged(self) -> bool:
        return self.verdict == "ANOMALY"


class Pixels:
    """The maps of labelled images, counted against their masks as they come.

    Defective images of which no mask is known, or whose mask is empty or cannot be read, are left out;
    where no image has a mask, nothing is counted at all.
    """

    def __init__(self, photos: Sequence[Photo]) -> None:
        self.tally = PixelTally()
        self._photos = photos
        self._wanted = any(photo.mask for photo in photos)
        self._convention = masks.convention(photo.mask for photo in photos)
        self._unreadable: list[str] = []

    def add(self, number: int, anomaly_map: NDArray[np.float32]) -> None:
        photo = self._photos[number]
        if self._wanted and photo.label == GOOD:
            self.tally.add(anomaly_map, None, GOOD)
        elif photo.mask is not None:
            mask = self._read(photo.mask, anomaly_map)
            if mask is not None and mask.any():
                self.tally.add(anomaly_map, mask, photo.label)

    @property
    def warnings(self) -> tuple[str, ...]:
        said = self._convention.notes
        if not self._unreadable:
            return said
        shown = ", ".join(sorted(self._unreadable)[:5])
        return (
            *said,
            f"{len(self._unreadable)} masks cannot be read; pixel metrics exclude these images: {shown}.",
        )

    def _read(self, mask: MaskFiles, anomaly_map: NDArray[np.float32]) -> NDArray[np.bool_] | None:
        try:
            return masks.read(mask, anomaly_map.shape, self._convention)
        except (UnreadableImage, OSError):  # not worth a finished training
            self._unreadable.append(printable(masks.several(mask)[0].name))
            return None


@dataclass(frozen=True, slots=True)
class Calibration:
    threshold: Threshold
    map_scale: MapScale
    scored: tuple[Scored, ...]
    pixels: Pixels = field(default_factory=lambda: Pixels(()))


def calibrate(
    model: Model,
    reference: GoodScores,
    test: ImageCache,
    photos: Sequence[Photo],
    on_batch: Callable[[int], None],
) -> Calibration:
    """Choose threshold and colour scale, and judge each labelled image without its own help.

    reference: scores of good images, whichever way the training came by them. test: the labelled
    images, in the order of `photos`. on_batch hears how many images a batch had.
    """
    pixels = Pixels(photos)
    pairs = list(zip(photos, score(model, test, on_batch, pixels.add), strict=True))
    threshold = thresholds.choose(*by_class(pairs), reference, model.options)
    scored = judge_all(pairs, threshold, reference, model.options)
    return Calibration(threshold, map_scale(threshold), scored, pixels)


def by_class(pairs: Iterable[tuple[Photo, float]]) -> tuple[list[float], list[float]]:
    """The scores of the good and of the defective images; a file that is there twice counts once."""
    good, defect = list[float](), list[float]()
    for photo, score in {photo.sha256: (photo, score) for photo, score in pairs}.values():
        (good if photo.label == GOOD else defect).append(score)
    return good, defect


def map_scale(threshold: Threshold) -> MapScale:
    """Colours begin where REVIEW begins; without such a band at the score that few good parts reach, and
    where that is not known at the threshold.

    A score is at most the largest value of its map, so no photo judged REVIEW or ANOMALY is without colour.
    Where it is the mean of the largest 1 %, a photo judged OK shows some on less than 1 % of its pixels.
    """
    value, low = threshold.value, threshold.review_from
    if low is None and len(threshold.good_scores) >= LEAST_GOOD:
        low = cutoffs.limit(threshold.good_scores, FEW_GOOD)[0]
    return heatmap.scale_of(value, value if low is None else low)


def judge_all(
    pairs: Sequence[tuple[Photo, float]], threshold: Threshold, reference: GoodScores, options: TrainOptions
) -> tuple[Scored, ...]:
    """Each labelled image by this threshold; where labels had a say in it, by one chosen without its own."""
    if not thresholds.by_labels(threshold):
        start = threshold.review_from
        return tuple(Scored(photo, score, threshold.value, None, start) for photo, score in pairs)
    folds, chosen = cross_fit(
        [score for _, score in pairs],
        [photo.label for photo, _ in pairs],
        [photo.sha256 for photo, _ in pairs],
        partial(_limits, threshold, reference, options),
    )
    return tuple(
        Scored(photo, score, value, fold, start)
        for (photo, score), (value, start), fold in zip(pairs, chosen, folds, strict=True)
    )


def _limits(
    threshold: Threshold,
    reference: GoodScores,
    options: TrainOptions,
    good: Sequence[float],
    defect: Sequence[float],
) -> tuple[float, float | None]:
    """Threshold and where REVIEW begins, chosen on other labelled images by the policy of this threshold."""
    chosen = thresholds.apply(threshold.policy, good, defect, reference, options)
    return chosen.value, chosen.review_from


def score(
    model: Model, cache: ImageCache, on_batch: Callable[[int], None], on_map: OnMap | None = None
) -> list[float]:
    """Of all images, in their order. on_batch hears how many were judged, on_map gets each one's map
    within its whole photo."""
    found = [0.0] * len(cache)
    for numbers, images in cache.batches(_BATCH, model.device):
        judged = model.judge(images)
        for one_map, number, score in zip(judged.maps, numbers.tolist(), plain(judged.scores), strict=True):
            found[number] = score
            if on_map is not None:
                on_map(number, place(one_map.float().cpu().numpy(), cache.windows[number]))
        on_batch(len(images))
    return found
