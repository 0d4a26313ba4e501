"""Scores of good images that the model which gives them has not learned from: what thresholds stand on."""

from __future__ import annotations

from collections.abc import Callable

from detection import datasets
from detection.calibration import score
from detection.material import Material
from detection.methods.base import Method
from detection.progress import Watch
from detection.thresholds import GoodScores


def share(method: Method, images: Material) -> float:
    """Of the time that all its fits take, what the one in use takes: those on the other folds follow."""
    return 1 / datasets.folds(len(images.learned)) if images.crossed and method.cross_fits else 1.0


def good_scores(
    method: Method, images: Material, watch: Watch, on_batch: Callable[[int], None]
) -> GoodScores:
    """Of the images held back; or, where none are spared, each scored by a fit on the other folds.

    A fit on fewer images finds good parts a little more unusual than the model in use does, so
    thresholds from cross-fitting are careful ones (the cross-conformal prediction of Vovk 2015).
    Of the images learned from where there is nothing else. watch: of these fits; on_batch hears how many
    images have their scores.
    """
    if len(images.held_back):
        return GoodScores(tuple(score(method, images.held_back, on_batch)), "held-out good images")
    if images.crossed:
        said = "good training images, each scored by a model trained on the other folds"
        scores = method.crossed_scores() or _crossed(method, images, watch)
        on_batch(len(scores))
        return GoodScores(tuple(scores), said)
    return GoodScores(tuple(score(method, images.learned, on_batch)), "training images", kept=False)


def _crossed(method: Method, images: Material, watch: Watch) -> list[float]:
    count = len(images.learned)
    found = [0.0] * count
    folds = datasets.deal(count, datasets.folds(count), method.options.seed)
    for number, fold in enumerate(folds):
        others = sorted(set(range(count)) - set(fold))
        fitted = method.anew()
        part = watch.part(number / len(folds), (number + 1) / len(folds))
        fitted.fit(images.learned.subset(others), images.held_back, part)
        for image, value in zip(fold, score(fitted, images.learned.subset(fold), _nobody), strict=True):
            found[image] = value
    return found


def _nobody(count: int) -> None:
    """Hears how many were judged: the next fit tells how far it is."""
