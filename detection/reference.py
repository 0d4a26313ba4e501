"""Scores of good images that the model which gives them has not learned from: what thresholds stand on."""

from __future__ import annotations

from collections.abc import Callable

from detection import datasets
from detection.calibration import score
from detection.material import Material
from detection.methods.base import Method
from detection.progress import Watch
from detection.thresholds import GoodScores

FOLDS = 5


def good_scores(
    method: Method, images: Material, watch: Watch, on_batch: Callable[[int], None]
) -> GoodScores:
    """Of the images held back; or, where none are spared, each scored by a fit on the other folds.

    A fit on fewer images finds good parts a little more unusual than the model in use does, so
    thresholds from cross-fitting are careful ones (the cross-conformal prediction of Vovk 2015).
    Of the images learned from where there is nothing else.
    """
    if len(images.held_back):
        return GoodScores(
            tuple(score(method, images.held_back, on_batch)), "good images held back from training"
        )
    if images.crossed:
        said = "good training images, each scored by a fit on the other folds"
        return GoodScores(tuple(_crossed(method, images, watch, on_batch)), said)
    return GoodScores(tuple(score(method, images.learned, on_batch)), "images learned from", kept=False)


def _crossed(method: Method, images: Material, watch: Watch, on_batch: Callable[[int], None]) -> list[float]:
    count = len(images.learned)
    own = method.crossed_scores()
    if own is not None:
        on_batch(count)
        return own
    found = [0.0] * count
    for fold in datasets.deal(count, min(FOLDS, count), method.options.seed):
        others = sorted(set(range(count)) - set(fold))
        fitted = method.anew()
        fitted.fit(images.learned.subset(others), images.held_back, watch.silent())
        for number, value in zip(fold, score(fitted, images.learned.subset(fold), on_batch), strict=True):
            found[number] = value
    return found
