"""Where OK ends and ANOMALY begins. An image is ANOMALY when its score is at or above the threshold.

With enough labelled images the threshold maximises F1 on them; without, it is set by good images
held back from training. Nothing is ever judged by a threshold it helped to choose: `cross_fit`
gives each labelled image the threshold that was chosen without it.
"""

from __future__ import annotations

import random
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from detection.types import GOOD, Threshold

FOLDS = 5
# Fewer images of either class than this, and a threshold that maximises F1 would describe chance.
LEAST = 2
# With a single good image to go by, the threshold is this many times its score: a guess, and said to be one.
MARGIN = 2.0


def maximise_f1(good: ArrayLike, defect: ArrayLike) -> float:
    """The threshold with the largest F1 on the scores of good and of defective images (one at least).

    It lies halfway between two neighbouring scores. Where several places are equally good, the
    middle one is taken (of two, the lower: a defect passed costs more than a good part looked at
    twice). Where flagging everything is best, it is the lowest score.
    """
    bad = np.sort(np.asarray(defect, dtype=np.float64))
    every = np.sort(np.concatenate([np.asarray(good, dtype=np.float64), bad]))
    steps = np.unique(every)
    hits = len(bad) - np.searchsorted(bad, steps)
    flagged = len(every) - np.searchsorted(every, steps)
    f1 = 2 * hits / (flagged + len(bad))
    best = np.flatnonzero(f1 == f1.max())
    place = int(best[(len(best) - 1) // 2])
    return _between(steps[place - 1], steps[place]) if place else float(steps[0])


def above_good(scores: ArrayLike, percentile: float) -> float:
    """A threshold above `percentile` per cent of the good parts that these scores are a sample of.

    With so few scores that the percentile lies beyond the largest of them, it is the upper bound
    that a further score from the same normal distribution keeps to with that probability (mean +
    t * s * sqrt(1 + 1/n)), and never below the largest score. With a single score, MARGIN times it.
    """
    values = np.asarray(scores, dtype=np.float64)
    count, largest = len(values), float(values.max())
    if count == 1:
        return _above(MARGIN * largest)
    share = percentile / 100
    if share < 1 and count * (1 - share) >= 1:
        return _above(float(np.quantile(values, share)))
    # The 100th percentile has no bound; the next best that a table would have stands in for it.
    quantile = float(stats.t.ppf(min(share, 0.999), count - 1))
    bound = float(values.mean() + quantile * values.std(ddof=1) * np.sqrt(1 + 1 / count))
    return _above(max(largest, bound))


def choose(
    good: Sequence[float],
    defect: Sequence[float],
    held_back: Sequence[float],
    learned: Sequence[float],
    percentile: float,
) -> Threshold:
    """The threshold a model is put to work with, from the scores of four sets of images.

    good, defect: labelled images to calibrate on. held_back: good ones kept from training. learned:
    good ones trained on, used only where there is nothing else.
    """
    n_good, n_defect = len(good), len(defect)
    if min(n_good, n_defect) >= LEAST:
        said = f"Maximises F1 on {n_good} good and {n_defect} defective labelled images."
        return Threshold(maximise_f1(good, defect), "f1", said, n_good, n_defect)
    if held_back:
        said = (
            f"{_share(held_back, percentile)} of good images held back from training; too few labelled "
            f"images to choose it by ({n_good} good, {n_defect} defective)."
        )
        return Threshold(above_good(held_back, percentile), "percentile", said, len(held_back), 0)
    said = (
        f"{MARGIN:g} times the largest score of the {len(learned)} images learned from, because no good "
        "image was held back: a guess. Add photos of good parts and train again."
    )
    return Threshold(_above(MARGIN * max(learned)), "training", said, len(learned), 0)


def cross_fit(
    scores: Sequence[float], labels: Sequence[str], images: Sequence[Hashable], *, seed: int = 0
) -> tuple[list[int], list[float]]:
    """For each labelled image its fold, and the threshold chosen on all the other folds.

    Folds are stratified: the images of each kind of defect are dealt out in turn. Two entries with
    the same `images` value (one file, twice) share a fold. Needs LEAST different images of each class.
    """
    folds = _deal(labels, images, seed)
    values, places = np.asarray(scores, dtype=np.float64), np.array(folds)
    is_good = np.array([label == GOOD for label in labels])
    chosen = {
        fold: maximise_f1(values[(places != fold) & is_good], values[(places != fold) & ~is_good])
        for fold in sorted(set(folds))
    }
    return folds, [chosen[fold] for fold in folds]


def _deal(labels: Sequence[str], images: Sequence[Hashable], seed: int) -> list[int]:
    kind_of = dict(zip(images, labels, strict=True))
    good = [image for image, label in kind_of.items() if label == GOOD]
    defects = [image for image, label in kind_of.items() if label != GOOD]
    count = min(FOLDS, len(good), len(defects))
    shuffle = random.Random(seed).shuffle  # noqa: S311 - a split, not a secret
    shuffle(good)
    shuffle(defects)
    defects.sort(key=kind_of.__getitem__)  # stable: still shuffled within each kind
    dealt = {image: place % count for images in (good, defects) for place, image in enumerate(images)}
    return [dealt[image] for image in images]


def _between(low: float, high: float) -> float:
    middle = float((low + high) / 2)
    return middle if middle > low else float(high)


def _above(value: float) -> float:
    """The next number: an image that scores exactly `value` is OK."""
    return float(np.nextafter(value, np.inf))


def _share(held_back: Sequence[float], percentile: float) -> str:
    return f"Above the {percentile:g}th percentile of the scores expected, going by {len(held_back)} scores"
