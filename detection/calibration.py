"""After learning: scores of the held-back and the labelled images, the threshold, the colour scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from detection import thresholds
from detection.methods.base import Method
from detection.shelf import Shelf
from detection.types import GOOD, MapScale, Threshold

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

    @property
    def is_defect(self) -> bool:
        return self.photo.label != GOOD

    @property
    def flagged(self) -> bool:
        return self.score >= self.threshold


@dataclass(frozen=True, slots=True)
class Calibration:
    threshold: Threshold
    map_scale: MapScale
    held_back: tuple[float, ...]
    scored: tuple[Scored, ...]


def calibrate(
    method: Method,
    learned: Shelf,
    held_back: Shelf,
    test: Shelf,
    photos: Sequence[Photo],
    on_batch: Callable[[int], None],
) -> Calibration:
    """Choose threshold and colour scale, and judge each labelled image without its own help.

    test: the labelled images, in the order of `photos`. on_batch hears how many images a batch had.
    """
    reference = held_back if len(held_back) else learned
    good_scores = _scores(method, reference, on_batch)
    scores = _scores(method, test, on_batch)
    pairs = list(zip(photos, scores, strict=True))
    threshold = thresholds.choose(
        _distinct(pairs, good=True),
        _distinct(pairs, good=False),
        good_scores if len(held_back) else [],
        good_scores,
        method.options.percentile,
    )
    kept = tuple(good_scores) if len(held_back) else ()
    return Calibration(threshold, map_scale(threshold.value), kept, _judge(pairs, threshold))


def map_scale(threshold: float) -> MapScale:
    """Colours begin at the threshold.

    A score is the mean of the largest 1 % of a map, so a photo judged OK shows colour on less than
    1 % of its pixels, and one judged ANOMALY on at least one.
    """
    return MapScale(threshold, FULL * threshold)


def _judge(pairs: Sequence[tuple[Photo, float]], threshold: Threshold) -> tuple[Scored, ...]:
    if threshold.policy != "f1":
        return tuple(Scored(photo, score, threshold.value) for photo, score in pairs)
    folds, chosen = thresholds.cross_fit(
        [score for _, score in pairs],
        [photo.label for photo, _ in pairs],
        [photo.sha256 for photo, _ in pairs],
    )
    return tuple(
        Scored(photo, score, value, fold)
        for (photo, score), value, fold in zip(pairs, chosen, folds, strict=True)
    )


def _distinct(pairs: Sequence[tuple[Photo, float]], *, good: bool) -> list[float]:
    """One score for each different image of a class."""
    return list({photo.sha256: score for photo, score in pairs if (photo.label == GOOD) == good}.values())


def _scores(method: Method, shelf: Shelf, on_batch: Callable[[int], None]) -> list[float]:
    found = torch.zeros(len(shelf), dtype=torch.float64)
    for numbers, images in shelf.batches(_BATCH, method.device):
        found[numbers] = method.judge(images).scores.double().cpu()
        on_batch(len(images))
    return found.tolist()
