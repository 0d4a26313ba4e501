"""Scores of good images that the model which gives them has not learned from: what thresholds stand on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from detection import datasets
from detection.verdicts import cutoffs
from detection.judging.calibration import score
from detection.runs.material import Material
from detection.methods.base import Learner, Method, Taught
from detection.learning.progress import Watch
from detection.verdicts.thresholds import GoodScores
from detection.types import Dataset

HELD_OUT = "held-out good images"
_NAMED = 5
# Of a fit and a pass over its photos afterwards, about.
_FIT = 0.7


def share(learner: Learner, images: Material) -> float:
    """Of the time that good scores take together with the fit in use, what that fit takes."""
    if not (images.crossed and learner.cross_fits):
        return 1.0
    return _FIT if learner.leaves_one_out else 1 / learner.sizes.folds(len(images.learned))


def good_scores(
    taught: Taught, images: Material, watch: Watch, on_batch: Callable[[int], None]
) -> GoodScores:
    """Of the images held back; or, where none are spared, each as if it had not been learned from.

    That is by leaving its own part out of what was learned (`normality.leave_out`), or by a fit on the other
    folds. A fit on fewer images finds good parts a little more unusual than the model in use does, so
    thresholds from cross-fitting are careful ones (the cross-conformal prediction of Vovk 2015).
    Of the images learned from where there is nothing else. watch: of these fits; on_batch hears how many
    images have their scores.
    """
    model = taught.model
    if len(images.held_back):
        return GoodScores(tuple(score(model, images.held_back, on_batch)), HELD_OUT)
    if images.crossed:
        said = "good training images, each scored as if it had not been learned from"
        known = taught.unlearned and taught.unlearned.scores(images.learned, watch)
        scores = known or _crossed(model.method, images, watch)
        on_batch(len(scores))
        return GoodScores(tuple(scores), said)
    return GoodScores(tuple(score(model, images.learned, on_batch)), "training images", kept=False)


def odd(good: GoodScores, images: Material, dataset: Dataset) -> list[dict[str, Any]]:
    """The good photos that do not look like the rest (`cutoffs.odd`), the most unusual first: {"name",
    "sha256", "score", "usual"}, the last being the median of all."""
    if not good.kept:
        return []
    kind = "held_back" if good.source == HELD_OUT else "learned"
    paths, hashes = (images.held_back if kind == "held_back" else images.learned).paths, images.hashes[kind]
    scores = np.asarray(good.values)
    known = cutoffs.is_number(scores)
    strange = known.copy()
    strange[known] = cutoffs.odd(scores[known])
    usual = float(np.median(scores[known])) if known.any() else 0.0
    return [
        {
            "name": dataset.name_of(paths[number]),
            "sha256": hashes[number],
            "score": float(scores[number]),
            "usual": usual,
        }
        for number in sorted(np.flatnonzero(strange).tolist(), key=lambda number: -scores[number])
    ]


def told(strange: Sequence[dict[str, Any]], count: int) -> str:
    """A warning of these odd photos of so many; "" where there are none."""
    if not strange:
        return ""
    shown = ", ".join(str(one["name"]) for one in strange[:_NAMED])
    more = f" and {len(strange) - _NAMED} more" if len(strange) > _NAMED else ""
    number = len(strange)
    return (
        f"{number} of {count} training photos {'does' if number == 1 else 'do'} not look like the rest "
        f"({shown}{more}): look at {'it' if number == 1 else 'them'}, and remove what is not a good part. A "
        "single photo does not set the limits, but defects that look like it would be passed."
    )


def _crossed(method: Method, images: Material, watch: Watch) -> list[float]:
    count = len(images.learned)
    found = [0.0] * count
    folds = datasets.deal(count, method.sizes.folds(count), method.options.seed)
    for number, fold in enumerate(folds):
        others = sorted(set(range(count)) - set(fold))
        part = watch.part(number / len(folds), (number + 1) / len(folds))
        fitted = method.fit(images.learned.subset(others), images.held_back, part)
        for image, value in zip(fold, score(fitted.model, images.learned.subset(fold), _nobody), strict=True):
            found[image] = value
    return found


def _nobody(count: int) -> None:
    """Hears how many were judged: the next fit tells how far it is."""
