"""After training: scores of good and of labelled images, the threshold, the colour scale."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

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

# Without a REVIEW band, colours begin at the score that at most this share of good parts reach.
FEW_GOOD = 0.05
_BATCH = 8
# Why a mask is not used: about one, about several, and what to do.
_LEFT_OUT = {
    "unreadable": ("cannot be read", "cannot be read", ""),
    "empty": ("marks nothing", "mark nothing", ""),
    "proportions": (
        "does not have the proportions of its photo",
        "do not have the proportions of their photos",
        " Draw them on whole photos, upright as image viewers show them.",
    ),
}
_SHOWN = 5

# Called with the number of an image and its map [H, W].
OnMap = Callable[[int, NDArray[np.float32]], None]


@dataclass(frozen=True, slots=True)
class HashedPhoto:
    """A labelled image, identified by its hash and not by a path, because it outlives its folder.

    mask: marks its defect, if there is one. path: its file. Both are read while the image's map is at hand,
    and not later.
    """

    name: str
    label: str
    sha256: str
    mask: MaskFiles | None = None
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A labelled image with its score and limits. `fold` is None where the model's own threshold judged
    it."""

    photo: HashedPhoto
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
    """Compares the maps of labelled images with their masks, one by one.

    Defective images without a mask, or whose mask is empty, cannot be read or has other proportions, are left
    out; if no image has a mask, nothing is counted.
    """

    def __init__(self, photos: Sequence[HashedPhoto]) -> None:
        self.tally = PixelTally()
        self._photos = photos
        self._wanted = any(photo.mask for photo in photos)
        self._convention = masks.convention(photo.mask for photo in photos)
        self._left_out: dict[str, list[str]] = {reason: [] for reason in _LEFT_OUT}

    def add(self, number: int, anomaly_map: NDArray[np.float32]) -> None:
        photo = self._photos[number]
        if self._wanted and photo.label == GOOD:
            self.tally.add(anomaly_map, None, GOOD)
        elif photo.mask is not None:
            mask = self._read(photo, photo.mask, anomaly_map.shape)
            if mask is not None:
                self.tally.add(anomaly_map, mask, photo.label)

    @property
    def warnings(self) -> tuple[str, ...]:
        return (
            *self._convention.notes,
            *(_left_out(names, *_LEFT_OUT[reason]) for reason, names in self._left_out.items() if names),
        )

    def _read(self, photo: HashedPhoto, mask: MaskFiles, shape: Sequence[int]) -> NDArray[np.bool_] | None:
        """The mask at this shape; None where it cannot be used, which is no reason to lose a training."""
        try:
            marked = masks.full(mask, self._convention)
        except (UnreadableImage, OSError):
            reason = "unreadable"
        else:
            if not marked.any():
                reason = "empty"
            elif photo.path and not masks.fits(marked.shape, photo.path):
                reason = "proportions"
            else:
                return masks.at(marked, shape)
        self._left_out[reason].append(printable(masks.several(mask)[0].name))
        return None


def _left_out(names: Sequence[str], one: str, more: str, remedy: str) -> str:
    what = f"1 mask {one}" if len(names) == 1 else f"{len(names)} masks {more}"
    photos = "this photo" if len(names) == 1 else "these photos"
    shown = ", ".join(sorted(names)[:_SHOWN])
    return f"{what}; pixel metrics exclude {photos}: {shown}.{remedy}"


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
    photos: Sequence[HashedPhoto],
    on_batch: Callable[[int], None],
) -> Calibration:
    """Choose threshold and colour scale, and judge each labelled image without its own influence.

    reference: scores of good images, however the training computed them. test: the labelled images, in the
    order of `photos`. on_batch is called with the number of images of each batch.
    """
    pixels = Pixels(photos)
    pairs = list(zip(photos, score(model, test, on_batch, pixels.add), strict=True))
    threshold = thresholds.choose(*by_class(pairs), reference, model.options)
    scored = judge_all(pairs, threshold, reference, model.options)
    return Calibration(threshold, map_scale(threshold), scored, pixels)


def by_class(pairs: Iterable[tuple[HashedPhoto, float]]) -> tuple[list[float], list[float]]:
    """The scores of the good and of the defective images; identical files count once."""
    good, defect = list[float](), list[float]()
    for photo, score in {photo.sha256: (photo, score) for photo, score in pairs}.values():
        (good if photo.label == GOOD else defect).append(score)
    return good, defect


def map_scale(threshold: Threshold) -> MapScale:
    """Colours begin where REVIEW begins; without such a band, at the score that few good parts reach, and if
    that is not known, at the threshold.

    A score is at most the largest value of its map, so every photo judged REVIEW or ANOMALY has colour. Where
    the score is the mean of the largest 1 %, a photo judged OK has colour on less than 1 % of its pixels.
    """
    value, low = threshold.value, threshold.review_from
    if low is None and len(threshold.good_scores) >= LEAST_GOOD:
        low = cutoffs.limit(threshold.good_scores, FEW_GOOD)[0]
    return heatmap.scale_of(value, value if low is None else low)


def judge_all(
    pairs: Sequence[tuple[HashedPhoto, float]],
    threshold: Threshold,
    reference: GoodScores,
    options: TrainOptions,
) -> tuple[Scored, ...]:
    """Judge each labelled image by this threshold; if labels influenced it, by one chosen without the
    image."""
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
    """Threshold and REVIEW limit, chosen on other labelled images by the policy of this threshold."""
    chosen = thresholds.apply(threshold.policy, good, defect, reference, options)
    return chosen.value, chosen.review_from


def score(
    model: Model, cache: ImageCache, on_batch: Callable[[int], None], on_map: OnMap | None = None
) -> list[float]:
    """The scores of all images, in their order. on_batch is called with the number of images judged,
    on_map with each image's map, placed in its whole photo."""
    scores = [0.0] * len(cache)
    for numbers, images in cache.batches(_BATCH, model.device):
        judged = model.judge(images)
        for one_map, number, value in zip(judged.maps, numbers.tolist(), plain(judged.scores), strict=True):
            scores[number] = value
            if on_map is not None:
                on_map(number, place(one_map.float().cpu().numpy(), cache.windows[number]))
        on_batch(len(images))
    return scores
