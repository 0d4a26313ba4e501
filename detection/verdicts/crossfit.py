"""Cross-fitting: each labelled image gets limits that were chosen without it."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import numpy as np

from detection.types import GOOD
from detection.verdicts.cutoffs import is_number
from detection.verdicts.policies import LEAST

FOLDS = 5
T = TypeVar("T")


def cross_fit(
    scores: Sequence[float],
    labels: Sequence[str],
    images: Sequence[Hashable],
    rule: Callable[[list[float], list[float]], T],
    *,
    seed: int = 0,
) -> tuple[list[int], list[T]]:
    """For each labelled image its fold, and what `rule` chooses on all the other folds.

    rule: from the scores of good and of defective images to a threshold, or other limits.

    Folds are stratified by kind of defect. Two entries with the same `images` value (identical files) share a
    fold, and count once. Scores that are not numbers are ignored by `rule`. Needs LEAST different images with
    scores in each class that the rule uses.
    """
    numbers = is_number(scores)
    folds = _deal(labels, images, numbers.tolist(), seed)
    once = {image: place for place, image in enumerate(images) if numbers[place]}
    places = np.array(sorted(once.values()), dtype=np.int64)
    values, fold_of = np.asarray(scores, dtype=np.float64)[places], np.array(folds)[places]
    is_good = np.array([labels[place] == GOOD for place in places], dtype=bool)
    chosen = {
        fold: rule(
            values[(fold_of != fold) & is_good].tolist(), values[(fold_of != fold) & ~is_good].tolist()
        )
        for fold in sorted(set(folds))
    }
    return folds, [chosen[fold] for fold in folds]


def _deal(labels: Sequence[str], images: Sequence[Hashable], numbers: Sequence[bool], seed: int) -> list[int]:
    kind_of = {image: label for image, label, number in zip(images, labels, numbers, strict=True) if number}
    good = [image for image, label in kind_of.items() if label == GOOD]
    defects = [image for image, label in kind_of.items() if label != GOOD]
    others = [image for image in dict.fromkeys(images) if image not in kind_of]
    # Fewer good images than LEAST choose nothing, so they need not be in every fold.
    count = min(FOLDS, len(defects), len(good) if len(good) >= LEAST else FOLDS)
    shuffle = random.Random(seed).shuffle  # noqa: S311 - a split, not a secret
    shuffle(good)
    shuffle(defects)
    defects.sort(key=kind_of.__getitem__)  # stable: still shuffled within each kind
    dealt = {image: place % count for group in (good, defects, others) for place, image in enumerate(group)}
    return [dealt[image] for image in images]
