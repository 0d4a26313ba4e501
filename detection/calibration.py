"""After learning: scores of good and of labelled images, the threshold, the colour scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from detection import thresholds
from detection.crossfit import cross_fit, rule_of
from detection.methods.base import Method
from detection.scoring import plain
from detection.shelf import Shelf
from detection.thresholds import GoodScores
from detection.types import GOOD, MapScale, Threshold, Verdict, verdict

# Heatmaps are fullest from this many times the threshold on.
FULL = 4.0
_BATCH = 8


@dataclass(frozen=True, slots=True)
class Photo:
    """A labelled image, known by its hash; no path, for it outlives the folder."""

    name: str
    label: str
    sha256: str


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


@dataclass(frozen=True, slots=True)
class Calibration:
    threshold: Threshold
    map_scale: MapScale
    scored: tuple[Scored, ...]


def good_scores(
    method: Method, learned: Shelf, held_back: Shelf, on_batch: Callable[[int], None]
) -> GoodScores:
    """Of the images held back from training; of those learned from where there are none."""
    if len(held_back):
        values = tuple(_scores(method, held_back, on_batch))
        return GoodScores(values, "good images held back from training")
    return GoodScores(tuple(_scores(method, learned, on_batch)), "images learned from", kept=False)


def calibrate(
    method: Method,
    reference: GoodScores,
    test: Shelf,
    photos: Sequence[Photo],
    on_batch: Callable[[int], None],
) -> Calibration:
    """Choose threshold and colour scale, and judge each labelled image without its own help.

    reference: scores of good images, whichever way the training came by them. test: the labelled
    images, in the order of `photos`. on_batch hears how many images a batch had.
    """
    pairs = list(zip(photos, _scores(method, test, on_batch), strict=True))
    classes: dict[bool, list[float]] = {True: [], False: []}
    # A file that is there twice counts once.
    for photo, score in {photo.sha256: (photo, score) for photo, score in pairs}.values():
        classes[photo.label == GOOD].append(score)
    threshold = thresholds.choose(classes[True], classes[False], reference, method.options)
    return Calibration(threshold, map_scale(threshold.value), _judge(pairs, threshold))


def map_scale(threshold: float) -> MapScale:
    """Colours begin at the threshold.

    A score is the mean of the largest 1 % of a map, so a photo judged OK shows colour on less than
    1 % of its pixels, and one judged ANOMALY on at least one.
    """
    if threshold > 0:
        return MapScale(threshold, FULL * threshold)
    return MapScale(threshold, threshold + (FULL - 1) * (abs(threshold) or 1.0))


def _judge(pairs: Sequence[tuple[Photo, float]], threshold: Threshold) -> tuple[Scored, ...]:
    rule, start = rule_of(threshold), threshold.review_from
    if rule is None:
        return tuple(Scored(photo, score, threshold.value, None, start) for photo, score in pairs)
    folds, chosen = cross_fit(
        [score for _, score in pairs],
        [photo.label for photo, _ in pairs],
        [photo.sha256 for photo, _ in pairs],
        rule,
    )
    return tuple(
        Scored(photo, score, value, fold, start)
        for (photo, score), value, fold in zip(pairs, chosen, folds, strict=True)
    )


def _scores(method: Method, shelf: Shelf, on_batch: Callable[[int], None]) -> list[float]:
    found = [0.0] * len(shelf)
    for numbers, images in shelf.batches(_BATCH, method.device):
        for number, score in zip(numbers.tolist(), plain(method.judge(images).scores), strict=True):
            found[number] = score
        on_batch(len(images))
    return found
