"""How far a number measured on these images may be from the truth: 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from detection.results import Interval

LEVEL = 0.95
RESAMPLES = 2000
# Resamples are drawn this many numbers at a time: about 50 MB, whatever the number of images.
_AT_ONCE = 1_000_000

Floats = NDArray[np.float64]


def binomial(count: int, n: int) -> tuple[float, float]:
    """The exact interval of a share observed `count` times in n (Clopper and Pearson 1934)."""
    tail = (1 - LEVEL) / 2
    low = stats.beta.ppf(tail, count, n - count + 1) if count else 0.0
    high = stats.beta.ppf(1 - tail, count + 1, n - count) if count < n else 1.0
    return float(low), float(high)


def bootstrap(
    scores: ArrayLike, flagged: ArrayLike, is_defect: ArrayLike, *, seed: int = 0
) -> dict[str, Interval]:
    """Low and high of "image_auroc", "average_precision", "f1", "precision" and "recall" (Efron 1979).

    Good images and defects are resampled separately, with replacement, to the same numbers; the interval is
    the middle 95 % of RESAMPLES values. So it is about other test images from the same production, judged in
    the same way, and not about another training. Where all resamples agree because there is no mistake to
    draw, which does not prove that there never is one, `_exact` gives the interval.

    Empty unless there are both kinds; undefined metrics are left out.
    """
    values, positive = np.asarray(scores, dtype=np.float64), np.asarray(flagged, dtype=bool)
    truth = np.asarray(is_defect, dtype=bool)
    if not truth.any() or truth.all():
        return {}
    order = np.argsort(-values, kind="stable")
    drawn = list(_resamples(values[order], positive[order], truth[order], np.random.default_rng(seed)))
    exact = _exact(positive, truth)
    tails = [50 * (1 - LEVEL), 50 * (1 + LEVEL)]
    intervals: dict[str, Interval] = {}
    for name in exact:
        column = np.concatenate([one[name] for one in drawn])
        column = column[np.isfinite(column)]
        if len(column):
            low, high = np.percentile(column, tails)
            certain = column.min() == column.max() and column[0] in (0.0, 1.0)
            intervals[name] = exact[name][int(column[0])] if certain else (float(low), float(high))
    return intervals


def _resamples(
    scores: Floats, flagged: NDArray[np.bool_], truth: NDArray[np.bool_], random: np.random.Generator
) -> Iterator[dict[str, Floats]]:
    """The metrics of many resamples at once. scores: falling."""
    ends = np.flatnonzero(np.append(np.diff(scores) != 0, True))  # equal scores are flagged together
    rows = max(1, _AT_ONCE // len(scores))
    for start in range(0, RESAMPLES, rows):
        weights = _draw(truth, min(rows, RESAMPLES - start), random)
        tp = np.cumsum(weights * truth, axis=1)[:, ends]
        fp = np.cumsum(weights * ~truth, axis=1)[:, ends]
        yield _areas(tp, fp) | _decisions(weights @ (flagged & truth), weights @ (flagged & ~truth), truth)


def _draw(truth: NDArray[np.bool_], rows: int, random: np.random.Generator) -> Floats:
    """[rows, N]: how often each image is in each resample; good images and defects are drawn separately."""
    weights = np.zeros((rows, len(truth)))
    for side in (np.flatnonzero(truth), np.flatnonzero(~truth)):
        picked = random.integers(0, len(side), (rows, len(side)))
        flat = (picked + len(side) * np.arange(rows)[:, None]).ravel()
        weights[:, side] = np.bincount(flat, minlength=rows * len(side)).reshape(rows, len(side))
    return weights


def _areas(tp: Floats, fp: Floats) -> dict[str, Floats]:
    """From counts [rows, N] at falling thresholds."""
    new_tp, new_fp = np.diff(tp, axis=1, prepend=0), np.diff(fp, axis=1, prepend=0)
    pairs = (new_fp * (tp - new_tp / 2)).sum(axis=1)
    precision = tp / np.maximum(tp + fp, 1)
    return {
        "image_auroc": pairs / (tp[:, -1] * fp[:, -1]),
        "average_precision": (new_tp * precision).sum(axis=1) / tp[:, -1],
    }


def _decisions(tp: Floats, fp: Floats, truth: NDArray[np.bool_]) -> dict[str, Floats]:
    defects = int(truth.sum())
    with np.errstate(invalid="ignore"):  # where nothing is flagged, precision is not a number
        return {"f1": 2 * tp / (tp + fp + defects), "precision": tp / (tp + fp), "recall": tp / defects}


def _exact(
    flagged: NDArray[np.bool_], truth: NDArray[np.bool_]
) -> dict[str, tuple[tuple[float, float], tuple[float, float]]]:
    """For each metric its interval where it is 0 in all resamples, and where it is 1 in all of them.

    Recall and precision are shares. AUROC: there are as many pairs without a common image as images of the
    rarer kind, and the binomial bound holds for these. F1 and average precision at 1: the worst case that the
    binomial bounds of the false alarm rate (a) and the recall (r) allow, a share a of the good images above
    the detected defects and the other defects below everything.
    """
    n_good, n_defect = int((~truth).sum()), int(truth.sum())
    n_flagged, fp = int(flagged.sum()), int((flagged & ~truth).sum())
    pairs = min(n_good, n_defect)
    a, (r, _) = binomial(0, n_good)[1], binomial(n_defect, n_defect)
    most = binomial(0, n_defect)[1]
    f1_low = 2 * r * n_defect / (r * n_defect + a * n_good + n_defect)
    f1_high = 2 * most * n_defect / (most * n_defect + fp + n_defect)
    ap = _mean_precision(0, r, a * n_good, n_defect) + _mean_precision(r, 1, n_good, n_defect)
    return {
        "image_auroc": (binomial(0, pairs), binomial(pairs, pairs)),
        "average_precision": ((0.0, 1.0), (ap, 1.0)),
        "f1": ((0.0, f1_high), (f1_low, 1.0)),
        "precision": (binomial(0, n_flagged), binomial(n_flagged, n_flagged)),
        "recall": (binomial(0, n_defect), binomial(n_defect, n_defect)),
    }


def _mean_precision(start: float, end: float, above: float, n_defect: int) -> float:
    """The area under the precision x m / (x m + above) of the defects from the share `start` to `end`."""
    ratio = above / n_defect
    return (end - start) - ratio * math.log((end + ratio) / (start + ratio))
