"""Scores of good images by models that have not learned from them: the basis of thresholds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from detection import datasets
from detection.judging.calibration import score
from detection.learning.progress import Watch
from detection.methods.base import Learner, Method, Taught
from detection.runs.material import Material
from detection.types import Dataset
from detection.verdicts import cutoffs
from detection.verdicts.thresholds import GoodScores

HELD_OUT = "held-out good photos"
_NAMED = 5
# Approximate share of a fit in the time of a fit and a pass over its photos.
_FIT = 0.7


def share(learner: Learner, images: Material) -> float:
    """The share of the time of all fits needed for good scores that the fit in use takes."""
    if not (images.crossed and learner.cross_fits):
        return 1.0
    return _FIT if learner.leaves_one_out else 1 / learner.sizes.folds(len(images.learned))


def good_scores(
    taught: Taught, images: Material, watch: Watch, on_batch: Callable[[int], None]
) -> GoodScores:
    """Scores of the images held back; or, if none are, of each image as if it had not been learned from.

    That is done by removing its part from what was learned (`normality.leave_out`), or by a fit on the other
    folds. A fit on fewer images finds good parts a little more unusual than the model in use does, so
    thresholds from cross-fitting are conservative (cross-conformal prediction, Vovk 2015). If neither is
    possible, scores of the images learned from. watch: of these fits. on_batch is called with the number of
    images scored.
    """
    model = taught.model
    if len(images.held_back):
        return GoodScores(tuple(score(model, images.held_back, on_batch)), HELD_OUT)
    if images.crossed:
        source = "good training photos, each scored as if it had not been learned from"
        known = taught.leave_one_out and taught.leave_one_out.scores(images.learned, watch)
        scores = known or _crossed(model.method, images, watch)
        on_batch(len(scores))
        return GoodScores(tuple(scores), source)
    return GoodScores(tuple(score(model, images.learned, on_batch)), "training photos", kept=False)


def odd(good: GoodScores, images: Material, dataset: Dataset) -> list[dict[str, Any]]:
    """The good photos that do not look like the rest (`cutoffs.odd`), the most unusual first: {"name",
    "sha256", "score", "usual"}, where "usual" is the median of all."""
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


def odd_warning(strange: Sequence[dict[str, Any]], count: int) -> str:
    """A warning about these odd photos among `count`; "" if there are none."""
    if not strange:
        return ""
    shown = ", ".join(str(one["name"]) for one in strange[:_NAMED])
    more = f" and {len(strange) - _NAMED} more" if len(strange) > _NAMED else ""
    number = len(strange)
    return (
        f"{number} of {count} training photos {'does' if number == 1 else 'do'} not look like the rest "
        f"({shown}{more}): look at {'it' if number == 1 else 'them'}, and remove what is not a good part. A "
        "single photo does not set the limits, but defects that look like it would be judged OK."
    )


def _crossed(method: Method, images: Material, watch: Watch) -> list[float]:
    count = len(images.learned)
    scores = [0.0] * count
    siblings, options = images.learned.siblings, method.options
    folds = datasets.deal(count, method.sizes.folds(count), options.seed, siblings)
    for number, fold in enumerate(folds):
        others = sorted(set(range(count)) - set(fold))
        part = watch.part(number / len(folds), (number + 1) / len(folds))
        fitted = method.fit(images.learned.subset(others), images.held_back, part)
        for image, value in zip(fold, score(fitted.model, images.learned.subset(fold), _ignore), strict=True):
            scores[image] = value
    return scores


def _ignore(count: int) -> None:
    """Ignores the number of images: the next fit reports the progress."""
